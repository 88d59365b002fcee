/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-keeper.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "keeper/keeper-serve.h"
#include "keeper/keeper-testing.h"
#include "process/process-socket.h"

#define SECRET "the key of a stored file"

/* The real keeper, in a thread. */
typedef struct {
    SkLoop *loop;
    GThread *thread;
    SkDesk *desk;
    SkServe *serve;
    int fds[SK_N_DOORS];
} Server;

typedef struct {
    char *dir, *paths[SK_N_DOORS];
    Server server;
    SkTestKey key;
    GBytes *sealed;
    SkKeeperSiteKey site_key;
    SkKeeper *keeper;
} Fixture;

static void *
serve(void *data)
{
    sk_loop_run(((Server *)data)->loop);
    return NULL;
}

static void
start(Fixture *f)
{
    Server *server = &f->server;

    server->loop = sk_loop_new(NULL);
    server->desk = sk_desk_new(sk_clock_real(), sk_test_secret(SK_TEST_SECRET));
    for (unsigned i = 0; i < SK_N_DOORS; i++)
        server->fds[i] = sk_socket_listen(f->paths[i], 0600, NULL);
    server->serve =
        sk_serve_new(server->loop, sk_clock_real(), server->desk, server->fds, NULL);
    g_assert_nonnull(server->serve);
    server->thread = g_thread_new("keeper", serve, server);
}

static void
stop(Fixture *f)
{
    Server *server = &f->server;

    if (server->thread == NULL)
        return;
    sk_loop_stop(server->loop);
    g_thread_join(g_steal_pointer(&server->thread));
    sk_serve_free(server->serve);
    sk_desk_free(server->desk);
    sk_loop_free(server->loop);
    for (unsigned i = 0; i < SK_N_DOORS; i++)
        sk_fd_clear(&server->fds[i]);
}

static void
set_up(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    for (unsigned i = 0; i < SK_N_DOORS; i++)
        f->paths[i] = g_build_filename(f->dir, sk_door_name((SkDoor)i), NULL);
    sk_test_key_init(&f->key);
    f->sealed =
        sk_seal(&f->key.public, SK_SEAL_BLOB, SK_TEST_NAME, sk_bytes(SECRET, strlen(SECRET)));
    f->site_key = (SkKeeperSiteKey){f->key.id, sk_test_bytes(f->key.wrapped)};
    f->keeper = sk_keeper_new(f->paths[SK_DOOR_REQUESTS], f->paths[SK_DOOR_GRANTS]);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_keeper_free(f->keeper);
    stop(f);
    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        g_unlink(f->paths[i]);
        g_free(f->paths[i]);
    }
    g_bytes_unref(f->sealed);
    sk_test_key_clear(&f->key);
    g_rmdir(f->dir);
    g_free(f->dir);
}

static SkSecret *
unseal(Fixture *f, const char *name, GError **error)
{
    return sk_keeper_unseal(f->keeper, &f->site_key, SK_SEAL_BLOB, name,
                            sk_test_bytes(f->sealed), "a test", error);
}

static void
assert_unseals(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSecret) secret = unseal(f, SK_TEST_NAME, &error);

    g_assert_no_error(error);
    g_assert_cmpmem(secret->data, secret->len, SECRET, strlen(SECRET));
}

static void
assert_fails(Fixture *f, const char *name, SkError code)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSecret) secret = unseal(f, name, &error);

    g_assert_null(secret);
    g_assert_error(error, SK_ERROR, (gint)code);
}

static void
test_unseal(Fixture *f, const void *data)
{
    start(f);
    for (unsigned i = 0; i < 20; i++)
        assert_unseals(f);
    stop(f);
}

static void
test_reseal(Fixture *f, const void *data)
{
    g_autoptr(SkSealPair) other = sk_seal_pair_new();
    SkSealPublic to = sk_seal_pair_get_public(other);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) sealed = NULL;
    g_autoptr(SkSecret) secret = NULL;

    start(f);
    sealed = sk_keeper_reseal(f->keeper, &f->site_key, SK_SEAL_BLOB, SK_TEST_NAME,
                              sk_test_bytes(f->sealed), &to, "a test", &error);
    g_assert_no_error(error);
    secret = sk_seal_open(other, SK_SEAL_BLOB, SK_TEST_NAME, sk_test_bytes(sealed), &error);
    g_assert_no_error(error);
    g_assert_cmpmem(secret->data, secret->len, SECRET, strlen(SECRET));
}

/* A refusal leaves a client that goes on working. */
static void
test_refused(Fixture *f, const void *data)
{
    g_autofree char *long_name = g_strnfill(SK_SEAL_NAME_MAX + 1, 'n');
    g_autoptr(GError) error = NULL;

    start(f);
    g_assert_null(unseal(f, "another name", &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, "the keeper refused"));
    assert_fails(f, long_name, SK_ERROR_LIMIT);
    f->site_key.wrapped.len--;
    assert_fails(f, SK_TEST_NAME, SK_ERROR_PROTOCOL);
    f->site_key.wrapped.len++;
    assert_unseals(f);
}

static void
test_no_keeper(Fixture *f, const void *data)
{
    assert_fails(f, SK_TEST_NAME, SK_ERROR_NOT_FOUND);
    start(f);
    stop(f);
    assert_fails(f, SK_TEST_NAME, SK_ERROR_NOT_FOUND);
}

/* Kept connections are closed, the grant of a moment ago is unknown: nobody notices. */
static void
test_started_again(Fixture *f, const void *data)
{
    start(f);
    assert_unseals(f);
    stop(f);
    start(f);
    assert_unseals(f);
    stop(f);
    assert_fails(f, SK_TEST_NAME, SK_ERROR_NOT_FOUND);
    start(f);
    assert_unseals(f);
}

/* A listener that takes every connection and says BYTES, or nothing. */
typedef struct {
    int fd;
    const char *bytes;
    size_t len;
} Impostor;

static void *
pretend(void *data)
{
    const Impostor *impostor = data;
    int fd;

    while ((fd = accept(impostor->fd, NULL, NULL)) >= 0) {
        char asked[4096];

        g_assert_cmpint(read(fd, asked, sizeof asked), >, 0);
        g_assert_cmpint(write(fd, impostor->bytes, impostor->len), ==, (gssize)impostor->len);
        close(fd);
    }
    return NULL;
}

static void
test_impostor(Fixture *f, const void *data)
{
    static const struct {
        const char *bytes;
        size_t len;
        SkError code;
    } cases[] = {
        {"", 0, SK_ERROR_IO},
        {"SKF1", 4, SK_ERROR_IO},
        {"HTTP/1.1 400 Bad Request\r\n", 26, SK_ERROR_PROTOCOL},
        {"SKF2\21\0\0\0\0\0\0\0", 12, SK_ERROR_PROTOCOL},
        {"SKF1\21\0\0\0\377\377\377\377", 12, SK_ERROR_PROTOCOL},
        {"SKF1\21\0\0\0\0\0\0\0", 12, SK_ERROR_PROTOCOL},
        {"SKF1\21\0\0\0\0\0\0\0SKF1", 16, SK_ERROR_PROTOCOL},
        {"SKF1\24\0\0\0\6\0\0\0\0\1\0\0\0x", 18, SK_ERROR_DENIED},
        {"SKF1\24\0\0\0\6\0\0\0\1\1\0\0\0x", 18, SK_ERROR_LIMIT},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Impostor impostor = {sk_socket_listen(f->paths[SK_DOOR_GRANTS], 0600, NULL),
                             cases[i].bytes, cases[i].len};
        GThread *thread;
        int flags = fcntl(impostor.fd, F_GETFL);

        g_assert_cmpint(fcntl(impostor.fd, F_SETFL, flags & ~O_NONBLOCK), ==, 0);
        thread = g_thread_new("impostor", pretend, &impostor);
        assert_fails(f, SK_TEST_NAME, cases[i].code);
        g_assert_cmpint(shutdown(impostor.fd, SHUT_RDWR), ==, 0);
        g_thread_join(thread);
        close(impostor.fd);
    }
}

/* Takes the connection and never answers. */
static void
test_silent(Fixture *f, const void *data)
{
    sk_autofd int fd = sk_socket_listen(f->paths[SK_DOOR_GRANTS], 0600, NULL);

    g_assert_cmpint(fd, >=, 0);
    assert_fails(f, SK_TEST_NAME, SK_ERROR_TIMEOUT);
}

#define ADD(name, func)                                                                        \
    g_test_add("/process-keeper/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    ADD("unseal", test_unseal);
    ADD("reseal", test_reseal);
    ADD("refused", test_refused);
    ADD("no-keeper", test_no_keeper);
    ADD("started-again", test_started_again);
    ADD("impostor", test_impostor);
    ADD("silent", test_silent);
    return g_test_run();
}
