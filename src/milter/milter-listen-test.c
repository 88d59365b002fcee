/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-listen.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"

/* clang-format off */
static const struct {
    const char *endpoint;
    const char *error; /* a part of its text; NULL: good */
} ENDPOINTS[] = {
    {"unix:/run/sekisho/in", NULL},
    {"inet:127.0.0.1:10025", NULL},
    {"inet:[::1]:10025", NULL},
    {"inet:0.0.0.0:0", NULL},
    {"", "unix:PATH"},
    {"/run/sekisho/in", "unix:PATH"},
    {"tcp:127.0.0.1:25", "unix:PATH"},
    {"unix:", "must begin with /"},
    {"unix:run/in", "must begin with /"},
    {"unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "longer than 107 bytes"},
    {"inet:", "port"},
    {"inet:127.0.0.1", "port"},
    {"inet:127.0.0.1:", "port"},
    {"inet:127.0.0.1:65536", "port"},
    {"inet:127.0.0.1:-1", "port"},
    {"inet:127.0.0.1:smtp", "port"},
    {"inet::25", "not a numeric address"},
    {"inet:localhost:25", "not a numeric address"},
    {"inet:127.0.0.1.5:25", "not a numeric address"},
    {"inet:::1:25", "not a numeric address"},
    {"inet:[]:25", "not a numeric address"},
    {"inet:[127.0.0.1]:25", "not a numeric address"},
    {"inet:10025@127.0.0.1", "port"},
    {"inet:\033[31m:25", "\"inet:\\x1b[31m:25\""},
};
/* clang-format on */

static void
test_endpoints(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ENDPOINTS); i++) {
        g_autoptr(GError) error = NULL;
        bool good = sk_milter_endpoint_check(ENDPOINTS[i].endpoint, &error);

        g_test_message("%s", ENDPOINTS[i].endpoint);
        g_assert_true(good == (ENDPOINTS[i].error == NULL));
        if (good)
            continue;
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, ENDPOINTS[i].error));
    }
}

typedef struct {
    char *directory;
    char *inner;
    char *path;
    char *endpoint;
} Place;

static void
set_up(Place *place, gconstpointer data)
{
    place->directory = g_dir_make_tmp("milter-XXXXXX", NULL);
    place->inner = g_build_filename(place->directory, "new", NULL);
    place->path = g_build_filename(place->inner, "socket", NULL);
    place->endpoint = g_strconcat("unix:", place->path, NULL);
}

static void
tear_down(Place *place, gconstpointer data)
{
    (void)g_unlink(place->path);
    (void)g_rmdir(place->inner);
    (void)g_rmdir(place->directory);
    g_free(place->directory);
    g_free(place->inner);
    g_free(place->path);
    g_free(place->endpoint);
}

static int
listen_well(const char *endpoint)
{
    g_autoptr(GError) error = NULL;
    int fd = sk_milter_listen(endpoint, NULL, &error);

    g_assert_no_error(error);
    g_assert_cmpint(fcntl(fd, F_GETFL) & O_NONBLOCK, !=, 0);
    g_assert_cmpint(fcntl(fd, F_GETFD) & FD_CLOEXEC, !=, 0);
    return fd;
}

static void
assert_mode(const char *path, mode_t mode)
{
    struct stat info;

    g_assert_cmpint(stat(path, &info), ==, 0);
    g_assert_cmphex(info.st_mode & 0777, ==, mode);
}

static void
assert_fails(const char *endpoint, const char *group, SkError code, const char *part)
{
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(sk_milter_listen(endpoint, group, &error), ==, -1);
    g_assert_error(error, SK_ERROR, (int)code);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, part));
}

static void
test_unix(Place *place, gconstpointer data)
{
    mode_t old = umask(0);
    sk_autofd int fd = listen_well(place->endpoint);
    sk_autofd int peer = sk_milter_connect(place->endpoint, NULL);

    umask(old);
    g_assert_cmpint(peer, >=, 0);
    assert_mode(place->path, 0660);
    assert_mode(place->inner, 0750);
}

/* A socket that a dead program left is replaced; one that is in use is not. */
static void
test_stale(Place *place, gconstpointer data)
{
    int old = listen_well(place->endpoint);
    sk_autofd int fd = -1;

    assert_fails(place->endpoint, NULL, SK_ERROR_CONFLICT, "another program answers");
    close(old);
    g_assert_true(g_file_test(place->path, G_FILE_TEST_EXISTS));
    fd = listen_well(place->endpoint);
}

/* Whatever else has that name is somebody's, a symbolic link to a socket included. */
static void
test_no_socket(Place *place, gconstpointer data)
{
    g_assert_cmpint(g_mkdir(place->inner, 0755), ==, 0);
    g_assert_true(g_file_set_contents(place->path, "x", 1, NULL));
    assert_fails(place->endpoint, NULL, SK_ERROR_CONFIG, "no socket");
    g_assert_true(g_file_test(place->path, G_FILE_TEST_IS_REGULAR));
    g_assert_cmpint(g_unlink(place->path), ==, 0);
    g_assert_cmpint(symlink("elsewhere", place->path), ==, 0);
    assert_fails(place->endpoint, NULL, SK_ERROR_CONFIG, "no socket");
    g_assert_true(g_file_test(place->path, G_FILE_TEST_IS_SYMLINK));
}

static void
test_directories(Place *place, gconstpointer data)
{
    g_autofree char *deep = g_strconcat("unix:", place->inner, "/a/b/socket", NULL);

    assert_fails(deep, NULL, SK_ERROR_NOT_FOUND, "/a/b");
    g_assert_false(g_file_test(place->inner, G_FILE_TEST_EXISTS));
    assert_fails(place->endpoint, "no-such-group", SK_ERROR_CONFIG, "no-such-group");
}

static void
test_group(Place *place, gconstpointer data)
{
    struct stat info;
    sk_autofd int fd = -1;
    g_autoptr(GError) error = NULL;

    if (geteuid() != 0) {
        g_test_skip("needs root");
        return;
    }
    fd = sk_milter_listen(place->endpoint, "mail", &error);
    g_assert_no_error(error);
    g_assert_cmpint(stat(place->path, &info), ==, 0);
    g_assert_cmpuint(info.st_gid, ==, 8); /* mail, in every Debian */
    g_assert_cmpint(stat(place->inner, &info), ==, 0);
    g_assert_cmpuint(info.st_gid, ==, 8);
}

static void
test_inet(Place *place, gconstpointer data)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    sk_autofd int fd = listen_well("inet:127.0.0.1:0");
    g_autofree char *again = NULL;

    g_assert_cmpint(getsockname(fd, (struct sockaddr *)&address, &size), ==, 0);
    again = g_strdup_printf("inet:127.0.0.1:%u", ntohs(address.sin_port));
    assert_fails(again, NULL, SK_ERROR_CONFLICT, "another program listens");
    assert_fails("inet:192.0.2.1:0", NULL, SK_ERROR_CONFIG, "does not have that address");
}

#define ADD(name, function) g_test_add(name, Place, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/milter-listen/endpoints", test_endpoints);
    ADD("/milter-listen/unix", test_unix);
    ADD("/milter-listen/stale", test_stale);
    ADD("/milter-listen/no-socket", test_no_socket);
    ADD("/milter-listen/directories", test_directories);
    ADD("/milter-listen/group", test_group);
    ADD("/milter-listen/inet", test_inet);
    return g_test_run();
}
