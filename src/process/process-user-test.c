/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-user.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "process/process-socket.h"
#include "store/store-testing.h"

#define HIS 4711

typedef struct {
    SkTestDir dir;
    char *path, *other;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "socket");
    f->other = sk_test_dir_file(&f->dir, "other");
    g_assert_true(g_file_set_contents(f->other, "", 0, NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_test_dir_clear(&f->dir);
    g_free(f->path);
    g_free(f->other);
}

static uid_t
owner_of(const char *path)
{
    struct stat st;

    g_assert_cmpint(lstat(path, &st), ==, 0);
    return st.st_uid;
}

static bool
is_root(void)
{
    if (geteuid() != 0)
        g_test_skip("only root gives files away");
    return geteuid() == 0;
}

static void
test_socket(Fixture *f, const void *data)
{
    sk_autofd int fd = sk_socket_listen(f->path, 0600, NULL);

    g_assert_cmpint(fd, >=, 0);
    if (!is_root())
        return;
    g_assert_false(sk_process_give(f->path, S_IFDIR, HIS, HIS));
    g_assert_true(sk_process_give(f->path, S_IFSOCK, HIS, HIS));
    g_assert_cmpint(owner_of(f->path), ==, HIS);
}

/* What whoever may write to the folder puts there while root is at it. */
static void
test_something_else(Fixture *f, const void *data)
{
    g_autofree char *real = sk_test_dir_file(&f->dir, "real");
    sk_autofd int fd = sk_socket_listen(real, 0600, NULL);

    g_assert_cmpint(fd, >=, 0);
    if (!is_root())
        return;
    g_assert_false(sk_process_give(f->path, S_IFSOCK, HIS, HIS));
    g_assert_cmpint(symlink("other", f->path), ==, 0);
    g_assert_false(sk_process_give(f->path, S_IFSOCK, HIS, HIS));
    g_assert_cmpint(unlink(f->path), ==, 0);
    g_assert_cmpint(link(f->other, f->path), ==, 0);
    g_assert_false(sk_process_give(f->path, S_IFSOCK, HIS, HIS));
    g_assert_cmpint(unlink(f->path), ==, 0);
    g_assert_cmpint(link(real, f->path), ==, 0);
    g_assert_false(sk_process_give(f->path, S_IFSOCK, HIS, HIS));
    g_assert_cmpint(owner_of(f->other), ==, 0);
    g_assert_cmpint(owner_of(real), ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/process-user/socket", Fixture, NULL, set_up, test_socket, tear_down);
    g_test_add("/process-user/something-else", Fixture, NULL, set_up, test_something_else,
               tear_down);
    return g_test_run();
}
