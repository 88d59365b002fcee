/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "process/process-desk.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <grp.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "process/process-frame.h"
#include "process/process-socket.h"

#define LIMIT 100000

typedef struct {
    char *dir, *path, *other;
    SkDeskServer *server;
    GMutex lock;
    GCond changed;
    unsigned asked;
    bool closed; /* "wait" is answered when this is false again */
} Fixture;

/* "wait" has to wait, "twice" says it twice, "nothing" is answered by nothing; else "DOOR: …".
 */
static char *
reply(const char *question, void *socket_data, void *data)
{
    Fixture *f = data;

    g_mutex_lock(&f->lock);
    f->asked++;
    g_cond_broadcast(&f->changed);
    while (f->closed && strcmp(question, "wait") == 0)
        g_cond_wait(&f->changed, &f->lock);
    g_mutex_unlock(&f->lock);
    if (strcmp(question, "nothing") == 0)
        return NULL;
    if (strcmp(question, "too much") == 0)
        return g_strnfill(LIMIT + 1, 'x');
    if (strcmp(question, "much") == 0)
        return g_strnfill(LIMIT, 'x');
    return g_strdup_printf("%s: %s", (const char *)socket_data, question);
}

static void
set_up(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->path = g_build_filename(f->dir, "desk", NULL);
    f->other = g_build_filename(f->dir, "operator", NULL);
    f->server = sk_process_desk_server_new(2, LIMIT, reply, f, &error);
    g_assert_no_error(error);
    g_assert_true(
        sk_process_desk_server_listen(f->server, f->path, NULL, (void *)"desk", &error));
    g_assert_true(
        sk_process_desk_server_listen(f->server, f->other, NULL, (void *)"op", &error));
    g_assert_no_error(error);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_process_desk_server_free(f->server);
    g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->path);
    g_free(f->other);
}

static void
assert_answers(const char *path, const char *question, const char *expected)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = sk_process_desk_ask(path, question, LIMIT, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(answer, ==, expected);
}

static void
assert_fails(const char *path, const char *question, SkError code)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *answer = sk_process_desk_ask(path, question, LIMIT, &error);

    g_assert_null(answer);
    g_assert_error(error, SK_ERROR, (gint)code);
}

static void
test_ask(Fixture *f, const void *data)
{
    g_autofree char *large = g_strnfill(LIMIT, 'x');
    struct stat info;

    assert_answers(f->path, "", "desk: ");
    assert_answers(f->path, "日本", "desk: 日本");
    assert_answers(f->other, "a", "op: a");
    assert_answers(f->path, "much", large);
    g_assert_cmpint(stat(f->path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0600);
}

static void
test_group(Fixture *f, const void *data)
{
    g_autofree char *path = g_build_filename(f->dir, "group", NULL);
    const struct group *own = getgrgid(getegid());
    g_autoptr(GError) error = NULL;
    struct stat info;

    g_assert_nonnull(own);
    g_assert_true(
        sk_process_desk_server_listen(f->server, path, own->gr_name, (void *)"g", &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmpint(info.st_mode & 0777, ==, 0660);
    g_assert_cmpint(info.st_gid, ==, getegid());
    assert_answers(path, "a", "g: a");
    g_assert_false(
        sk_process_desk_server_listen(f->server, path, "no-such-group", NULL, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
}

static void
test_failures(Fixture *f, const void *data)
{
    g_autofree char *large = g_strnfill(LIMIT + 1, 'x');
    g_autofree char *nowhere = g_build_filename(f->dir, "nowhere", NULL);
    g_autoptr(GError) error = NULL;

    assert_fails(f->path, large, SK_ERROR_LIMIT);
    assert_fails(nowhere, "a", SK_ERROR_NOT_FOUND);
    assert_fails(f->path, "nothing", SK_ERROR_IO);
    assert_fails(f->path, "too much", SK_ERROR_IO);
    g_assert_false(sk_process_desk_server_listen(f->server, f->path, NULL, NULL, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    assert_answers(f->path, "a", "desk: a");
}

static int
connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, 0);
    return fd;
}

static void
make_frame(SkBuffer *out, uint16_t type, const char *text, size_t len)
{
    SkFrameWriter writer;

    sk_buffer_init(out, 2 * LIMIT);
    sk_frame_begin(&writer, out, type);
    g_assert_true(sk_frame_finish(&writer, len));
    g_assert_true(sk_buffer_append(out, text, len));
}

/* Whether the other side closes without a word. */
static void
assert_is_closed(int fd)
{
    char byte;
    ssize_t n;

    do
        n = recv(fd, &byte, 1, 0);
    while (n < 0 && errno == EINTR);
    g_assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
}

static void
test_bad_frames(Fixture *f, const void *data)
{
    static const struct {
        uint16_t type;
        size_t len;
        const char *text;
    } cases[] = {
        {32, LIMIT + 1, NULL},
        {33, 1, "a"},
        {32, 3, "a\0b"},
        {0, 0, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *large = g_strnfill(LIMIT + 1, 'x');
        sk_autofd int fd = connect_to(f->path);
        g_auto(SkBuffer) frame = {0};

        make_frame(&frame, cases[i].type, cases[i].text != NULL ? cases[i].text : large,
                   cases[i].len);
        (void)send(fd, frame.data, frame.len, MSG_NOSIGNAL);
        assert_is_closed(fd);
    }
    g_assert_cmpuint(f->asked, ==, 0);
    assert_answers(f->path, "a", "desk: a");
}

static atomic_uint failures;

static void *
ask_often(void *data)
{
    const char *path = data;

    for (unsigned i = 0; i < 50; i++) {
        g_autofree char *question = g_strdup_printf("%p %u", (void *)&question, i);
        g_autofree char *expected = g_strdup_printf("desk: %s", question);
        g_autofree char *answer = sk_process_desk_ask(path, question, LIMIT, NULL);

        if (g_strcmp0(answer, expected) != 0)
            atomic_fetch_add(&failures, 1);
    }
    return NULL;
}

static void
test_many(Fixture *f, const void *data)
{
    GThread *threads[20];

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("client", ask_often, f->path);
    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(atomic_load(&failures), ==, 0);
    g_assert_cmpuint(f->asked, ==, 50 * G_N_ELEMENTS(threads));
}

/* More of them than there are threads: each has sent one byte, and is a second from the next.
 */
static void
test_slow(Fixture *f, const void *data)
{
    int slow[10];
    g_auto(SkBuffer) frame = {0};

    make_frame(&frame, 32, "slow", 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++) {
        slow[i] = connect_to(f->path);
        g_assert_cmpint(send(slow[i], frame.data, 1, 0), ==, 1);
    }
    assert_answers(f->path, "quick", "desk: quick");
    for (unsigned i = 0; i < G_N_ELEMENTS(slow); i++) {
        char in[100];

        for (size_t at = 1; at < frame.len; at++)
            g_assert_cmpint(send(slow[i], frame.data + at, 1, 0), ==, 1);
        g_assert_cmpint(recv(slow[i], in, SK_FRAME_HEADER + 10, MSG_WAITALL), ==,
                        SK_FRAME_HEADER + 10);
        g_assert_cmpmem(in + SK_FRAME_HEADER, 10, "desk: slow", 10);
        close(slow[i]);
    }
}

/* Who does not read his answer does not keep a thread, either. */
static void
test_deaf(Fixture *f, const void *data)
{
    int deaf[10];
    g_auto(SkBuffer) frame = {0};

    make_frame(&frame, 32, "much", 4);
    for (unsigned i = 0; i < G_N_ELEMENTS(deaf); i++) {
        int small = 1;

        deaf[i] = connect_to(f->path);
        g_assert_cmpint(setsockopt(deaf[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small), ==,
                        0);
        g_assert_cmpint(send(deaf[i], frame.data, frame.len, 0), ==, (ssize_t)frame.len);
    }
    assert_answers(f->path, "quick", "desk: quick");
    for (unsigned i = 0; i < G_N_ELEMENTS(deaf); i++)
        close(deaf[i]);
}

static void
test_too_many(Fixture *f, const void *data)
{
    int fds[SK_DESK_CONNECTIONS];

    sk_process_raise_descriptors();
    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
        fds[i] = connect_to(f->path);
    assert_fails(f->path, "one more", SK_ERROR_IO);
    /* Who floods one socket keeps nobody from another. */
    assert_answers(f->other, "quick", "op: quick");
    for (unsigned i = 0; i < G_N_ELEMENTS(fds); i++)
        close(fds[i]);
    /* The server hears of the closed ones in its own time. */
    for (unsigned i = 0; i < 1000; i++) {
        g_autofree char *answer = sk_process_desk_ask(f->path, "a", LIMIT, NULL);

        if (answer != NULL)
            return;
        g_usleep(10000);
    }
    g_assert_not_reached();
}

static void
wait_until_asked(Fixture *f, unsigned n)
{
    g_mutex_lock(&f->lock);
    while (f->asked < n)
        g_cond_wait(&f->changed, &f->lock);
    g_mutex_unlock(&f->lock);
}

static void
set_closed(Fixture *f, bool closed)
{
    g_mutex_lock(&f->lock);
    f->closed = closed;
    g_cond_broadcast(&f->changed);
    g_mutex_unlock(&f->lock);
}

static void *
ask_and_wait(void *data)
{
    return sk_process_desk_ask(data, "wait", LIMIT, NULL);
}

static void *
free_server(void *data)
{
    sk_process_desk_server_free(data);
    return NULL;
}

static void
test_freed_while_asked(Fixture *f, const void *data)
{
    g_autofree char *answer = NULL;
    GThread *client, *end;

    set_closed(f, true);
    client = g_thread_new("client", ask_and_wait, f->path);
    wait_until_asked(f, 1);
    end = g_thread_new("end", free_server, g_steal_pointer(&f->server));
    while (g_file_test(f->other, G_FILE_TEST_EXISTS))
        g_usleep(1000);
    assert_fails(f->path, "too late", SK_ERROR_NOT_FOUND);
    set_closed(f, false);
    g_thread_join(end);
    answer = g_thread_join(client);
    g_assert_cmpstr(answer, ==, "desk: wait");
}

/* The question is carried out, nobody hears the answer, and others are served. */
static void
test_gone_while_asked(Fixture *f, const void *data)
{
    sk_autofd int fd = connect_to(f->path);
    g_auto(SkBuffer) frame = {0};

    set_closed(f, true);
    make_frame(&frame, 32, "wait", 4);
    g_assert_cmpint(send(fd, frame.data, frame.len, 0), ==, (ssize_t)frame.len);
    wait_until_asked(f, 1);
    sk_fd_clear(&fd);
    assert_answers(f->path, "a", "desk: a");
    set_closed(f, false);
    assert_answers(f->path, "b", "desk: b");
}

#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/process/desk/ask", test_ask);
    ADD("/process/desk/group", test_group);
    ADD("/process/desk/failures", test_failures);
    ADD("/process/desk/bad-frames", test_bad_frames);
    ADD("/process/desk/many", test_many);
    ADD("/process/desk/slow", test_slow);
    ADD("/process/desk/deaf", test_deaf);
    ADD("/process/desk/too-many", test_too_many);
    ADD("/process/desk/freed-while-asked", test_freed_while_asked);
    ADD("/process/desk/gone-while-asked", test_gone_while_asked);
    return g_test_run();
}
