/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-serve.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "keeper/keeper-testing.h"
#include "process/process-socket.h"

typedef struct {
    char *dir, *paths[SK_N_DOORS];
    int fds[SK_N_DOORS];
    SkFakeClock clock;
    SkLoop *loop;
    SkDesk *desk;
    SkServe *serve;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->loop = sk_loop_new(NULL);
    sk_fake_clock_init(&f->clock, 0);
    f->desk = sk_desk_new(&f->clock.clock, sk_test_secret(SK_TEST_SECRET));
    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        f->paths[i] = g_build_filename(f->dir, sk_door_name((SkDoor)i), NULL);
        f->fds[i] = sk_socket_listen(f->paths[i], 0600, NULL);
    }
    f->serve = sk_serve_new(f->loop, &f->clock.clock, f->desk, f->fds, &error);
    g_assert_no_error(error);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_serve_free(f->serve);
    sk_desk_free(f->desk);
    sk_loop_free(f->loop);
    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        sk_fd_clear(&f->fds[i]);
        g_unlink(f->paths[i]);
        g_free(f->paths[i]);
    }
    g_rmdir(f->dir);
    g_free(f->dir);
}

static int
connect_to(Fixture *f, SkDoor door)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_strlcpy(address.sun_path, f->paths[door], sizeof address.sun_path);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

/* Until nothing more happens. */
static void
settle(Fixture *f)
{
    for (unsigned i = 0; i < 20; i++)
        sk_loop_step(f->loop, 0);
}

static bool
is_closed(int fd)
{
    uint8_t byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

static void
write_grant(int fd, unsigned times, size_t cut)
{
    SkKeeperGrant grant = {
        {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"name"}, (char *)"a test", 1};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, 100000);
    for (unsigned i = 0; i < times; i++)
        g_assert_true(sk_keeper_put_grant(&out, &grant));
    g_assert_cmpint(send(fd, out.data, out.len - cut, MSG_NOSIGNAL), ==,
                    (gssize)(out.len - cut));
}

/* Tokens that have come. */
static unsigned
count_granted(int fd)
{
    uint8_t data[4096], token[SK_KEEPER_TOKEN_LEN];
    ssize_t n = recv(fd, data, sizeof data, MSG_DONTWAIT);
    SkBytes left = sk_bytes(data, n > 0 ? (size_t)n : 0);
    unsigned count = 0;
    SkFrame frame;

    while (sk_frame_next(left, SK_KEEPER_FRAME_LIMIT, &frame) == SK_FRAME_READY) {
        g_assert_true(sk_keeper_get_granted(frame.body, token));
        left = sk_bytes_from(left, SK_FRAME_HEADER + frame.body.len);
        count++;
    }
    g_assert_cmpuint(left.len, ==, 0);
    return count;
}

static void
test_answers(Fixture *f, const void *data)
{
    sk_autofd int fd = connect_to(f, SK_DOOR_GRANTS);

    write_grant(fd, 1, 0);
    settle(f);
    g_assert_cmpuint(count_granted(fd), ==, 1);
    write_grant(fd, 5, 0);
    settle(f);
    g_assert_cmpuint(count_granted(fd), ==, 5);
    g_assert_cmpuint(sk_serve_count(f->serve, SK_DOOR_GRANTS), ==, 1);
}

/* Whatever the pieces. */
static void
test_pieces(Fixture *f, const void *data)
{
    SkKeeperGrant grant = {
        {SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"name"}, (char *)"a test", 1};
    sk_autofd int fd = connect_to(f, SK_DOOR_GRANTS);
    g_auto(SkBuffer) out;

    sk_keeper_buffer_init(&out);
    g_assert_true(sk_keeper_put_grant(&out, &grant));
    for (size_t i = 0; i < out.len; i++) {
        g_assert_cmpuint(count_granted(fd), ==, 0);
        g_assert_cmpint(send(fd, out.data + i, 1, MSG_NOSIGNAL), ==, 1);
        settle(f);
    }
    g_assert_cmpuint(count_granted(fd), ==, 1);
}

static void
test_garbage(Fixture *f, const void *data)
{
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18},
        {"SKF2\20\0\0\0\0\0\0\0", 12},         /* another version */
        {"SKF1\20\0\1\0\0\0\0\0", 12},         /* no zero */
        {"SKF1\20\0\0\0\377\377\377\377", 12}, /* 4 GiB to come */
        {"SKF1\20\0\0\0\1\50\0\0", 12},        /* one byte more than the limit */
        {"SKF1\20\0\0\0\0\0\0\0", 12},         /* a grant of nothing */
        {"SKF1\1\0\0\0\0\0\0\0", 12},          /* for an inspector */
        {"SKF1\22\0\0\0\0\0\0\0", 12},         /* a request */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        sk_autofd int fd = connect_to(f, SK_DOOR_GRANTS);

        g_assert_cmpint(send(fd, cases[i].bytes, cases[i].len, MSG_NOSIGNAL), ==,
                        (gssize)cases[i].len);
        settle(f);
        g_assert_true(is_closed(fd));
        g_assert_cmpuint(sk_serve_count(f->serve, SK_DOOR_GRANTS), ==, 0);
    }
}

static void
test_stale(Fixture *f, const void *data)
{
    sk_autofd int idle = connect_to(f, SK_DOOR_GRANTS);
    sk_autofd int half = connect_to(f, SK_DOOR_GRANTS);

    settle(f);
    write_grant(half, 1, 3);
    settle(f);
    f->clock.mono_ms += SK_VISIT_HALF_MS - 1;
    /* Another byte is no new beginning. */
    g_assert_cmpint(send(half, "x", 1, MSG_NOSIGNAL), ==, 1);
    settle(f);
    sk_serve_sweep(f->serve);
    g_assert_false(is_closed(half));
    f->clock.mono_ms += 1;
    sk_serve_sweep(f->serve);
    g_assert_true(is_closed(half));
    g_assert_false(is_closed(idle));
    f->clock.mono_ms += SK_VISIT_IDLE_MS;
    sk_serve_sweep(f->serve);
    g_assert_true(is_closed(idle));
}

/* The newest one gets in; who asked something stays longer than who did not. */
static void
test_too_many(Fixture *f, const void *data)
{
    sk_autofd int first = connect_to(f, SK_DOOR_GRANTS);
    sk_autofd int other_door = connect_to(f, SK_DOOR_REQUESTS);
    int fds[SK_SERVE_VISITS];

    settle(f);
    for (unsigned i = 0; i < SK_SERVE_VISITS; i++) {
        fds[i] = connect_to(f, SK_DOOR_GRANTS);
        settle(f);
        if (i == SK_SERVE_VISITS / 2) {
            write_grant(first, 1, 0);
            settle(f);
        }
    }
    g_assert_cmpuint(sk_serve_count(f->serve, SK_DOOR_GRANTS), ==, SK_SERVE_VISITS);
    g_assert_true(is_closed(fds[0]));
    g_assert_cmpuint(count_granted(first), ==, 1);
    g_assert_false(is_closed(fds[1]));
    g_assert_false(is_closed(other_door));
    write_grant(fds[SK_SERVE_VISITS - 1], 1, 0);
    settle(f);
    g_assert_cmpuint(count_granted(fds[SK_SERVE_VISITS - 1]), ==, 1);
    for (unsigned i = 0; i < SK_SERVE_VISITS; i++)
        close(fds[i]);
    settle(f);
    g_assert_cmpuint(sk_serve_count(f->serve, SK_DOOR_GRANTS), ==, 1);
}

/* Who asks and does not read gets no further than the buffers of the kernel. */
static void
test_never_reads(Fixture *f, const void *data)
{
    sk_autofd int fd = connect_to(f, SK_DOOR_GRANTS);
    SkKeeperGrant grant = {{SK_KEEPER_UNSEAL, SK_SEAL_BLOB, (char *)"name"}, (char *)"", 1};
    g_auto(SkBuffer) out;
    bool blocked = false;

    sk_buffer_init(&out, 1 << 20);
    while (out.len < 100000)
        g_assert_true(sk_keeper_put_grant(&out, &grant));
    for (unsigned i = 0; i < 2000 && !blocked; i++) {
        blocked = send(fd, out.data, out.len, MSG_NOSIGNAL) < (ssize_t)out.len;
        settle(f);
    }
    g_assert_true(blocked);
    f->clock.mono_ms += SK_VISIT_HALF_MS;
    sk_serve_sweep(f->serve);
    g_assert_cmpuint(sk_serve_count(f->serve, SK_DOOR_GRANTS), ==, 0);
}

#define ADD(name, func)                                                                        \
    g_test_add("/keeper-serve/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    sk_process_raise_descriptors();
    ADD("answers", test_answers);
    ADD("pieces", test_pieces);
    ADD("garbage", test_garbage);
    ADD("stale", test_stale);
    ADD("too-many", test_too_many);
    ADD("never-reads", test_never_reads);
    return g_test_run();
}
