/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* unshare() */
#include "store/store-blob-directory.h"

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "store/store-tree-testing.h"

static const char ID[] = "3ab40000000000000000000000";
static const char OTHER[] = "3ab40000000000000000000001";

typedef struct {
    char *root;
    char *path; /* of the directory */
    SkBlobPlace *place;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    f->root = sk_test_tree_new();
    f->path = g_build_filename(f->root, "blobs", NULL);
    f->place =
        sk_store_blob_directory_open(f->path, (SkDirectoryParts)GPOINTER_TO_INT(data), NULL);
    g_assert_nonnull(f->place);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_blob_place_close(f->place);
    sk_test_tree_remove(f->root);
    g_free(f->root);
    g_free(f->path);
}

static bool
put(Fixture *f, const char *id, size_t size, GError **error)
{
    g_autoptr(SkBlobSink) sink = sk_blob_place_create(f->place, id, error);
    g_autofree uint8_t *bytes = g_malloc0(size + 1);

    return sink != NULL && sk_blob_sink_write(sink, sk_bytes(bytes, size), error) &&
           sk_blob_sink_commit(sink, error);
}

static char *
path_in(const Fixture *f, const char *name)
{
    return g_build_filename(f->path, name, NULL);
}

static mode_t
mode_of(const Fixture *f, const char *name)
{
    g_autofree char *path = path_in(f, name);
    struct stat st;

    g_assert_cmpint(lstat(path, &st), ==, 0);
    return st.st_mode & 07777;
}

static void
test_modes(Fixture *f, const void *data)
{
    g_autofree char *name = g_strdup_printf("3/a/%s", ID);
    mode_t mask = umask(0077);

    g_assert_true(put(f, ID, 10, NULL));
    umask(mask);
    g_assert_cmpint(mode_of(f, "."), ==, 0750);
    g_assert_cmpint(mode_of(f, "3"), ==, 0750);
    g_assert_cmpint(mode_of(f, "3/a"), ==, 0750);
    g_assert_cmpint(mode_of(f, name), ==, 0640);
}

static void
test_owner(void)
{
    static const char *const names[] = {".", "3", "3/a", "3/a/3ab40000000000000000000000"};
    Fixture f = {NULL};
    struct stat st;

    if (geteuid() != 0) {
        g_test_skip("only root can give files away");
        return;
    }
    f.root = sk_test_tree_new();
    f.path = g_build_filename(f.root, "blobs", NULL);
    g_assert_cmpint(chown(f.root, 65534, 65534), ==, 0);
    f.place = sk_store_blob_directory_open(f.path, SK_DIRECTORY_UNNAMED, NULL);
    g_assert_true(put(&f, ID, 10, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = path_in(&f, names[i]);

        g_assert_cmpint(stat(path, &st), ==, 0);
        g_assert_cmpint(st.st_uid, ==, 65534);
        g_assert_cmpint(st.st_gid, ==, 65534);
    }
    tear_down(&f, NULL);
}

static void
test_refusals(void)
{
    static const struct {
        const char *name;
        int code;
    } cases[] = {
        {"missing/deeper", SK_ERROR_NOT_FOUND},
        {"link", SK_ERROR_CONFIG},
        {"file", SK_ERROR_CONFIG},
    };
    g_autofree char *root = sk_test_tree_new();
    g_autofree char *link = g_build_filename(root, "link", NULL);
    g_autofree char *file = g_build_filename(root, "file", NULL);

    g_assert_cmpint(symlink("/tmp", link), ==, 0);
    g_assert_true(g_file_set_contents(file, "text", -1, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_build_filename(root, cases[i].name, NULL);
        g_autoptr(GError) error = NULL;

        g_assert_null(sk_store_blob_directory_open(path, SK_DIRECTORY_UNNAMED, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, cases[i].code);
        g_assert_nonnull(strstr(error->message, path));
    }
    sk_test_tree_remove(root);
}

static bool
note(const char *id, uint64_t size, int64_t made_us, void *data)
{
    g_ptr_array_add(data, g_strdup(id));
    return true;
}

static bool
note_one(const char *id, uint64_t size, int64_t made_us, void *data)
{
    g_ptr_array_add(data, g_strdup(id));
    return false;
}

static void
note_foreign(const char *name, void *data)
{
    g_ptr_array_add(data, g_strdup(name));
}

static int
compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *
list(Fixture *f)
{
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);

    g_assert_true(sk_blob_place_list(f->place, "", INT64_MAX, note, ids, NULL));
    return ids;
}

/* Whatever it is, it is told once and neither followed, served nor removed. */
static void
test_foreign(Fixture *f, const void *data)
{
    static const char *const links[] = {"3/a/3ab40000000000000000000009", "7", "2/b"};
    static const char *const texts[] = {"note.txt",
                                        "3/a/3bb40000000000000000000009", /* lies elsewhere */
                                        "3/a/.3ab4.part", "3/x/README", "3/.hidden"};
    g_autofree char *secret = g_build_filename(f->root, "secret", NULL);
    g_autoptr(GPtrArray) foreign = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) expected = g_ptr_array_new();
    g_autofree char *lost = path_in(f, "lost+found");
    const char *after = "";
    guint before = 1;

    g_assert_true(put(f, ID, 10, NULL));
    g_assert_true(put(f, OTHER, 10, NULL));
    g_assert_true(g_file_set_contents(secret, "secret", -1, NULL));
    g_assert_cmpint(mkdir(lost, 0700), ==, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        g_autofree char *path = path_in(f, links[i]);

        if (g_file_test(path, G_FILE_TEST_EXISTS))
            sk_test_tree_remove(path);
        g_assert_cmpint(symlink(secret, path), ==, 0);
        g_ptr_array_add(expected, (char *)links[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *path = path_in(f, texts[i]);

        g_assert_true(g_file_set_contents(path, "foreign", -1, NULL));
        g_ptr_array_add(expected, (char *)texts[i]);
    }
    g_ptr_array_sort(expected, compare);
    sk_blob_place_watch_foreign(f->place, note_foreign, foreign);
    while (ids->len != before) { /* a page holds one */
        before = ids->len;
        g_assert_true(sk_blob_place_list(f->place, after, INT64_MAX, note_one, ids, NULL));
        after = ids->len > 0 ? ids->pdata[ids->len - 1] : "";
    }
    g_assert_cmpuint(ids->len, ==, 2);
    g_ptr_array_sort(foreign, compare);
    g_assert_cmpuint(foreign->len, ==, expected->len);
    for (guint i = 0; i < expected->len; i++)
        g_assert_cmpstr(foreign->pdata[i], ==, expected->pdata[i]);
}

/* In the place of a blob: a link to a secret, a folder, a pipe that would hold a reader up. */
static void
test_in_place(Fixture *f, const void *data)
{
    g_autofree char *name = g_strdup_printf("3/a/%s", ID);
    g_autofree char *path = path_in(f, name);
    g_autofree char *secret = g_build_filename(f->root, "secret", NULL);
    g_autofree char *text = NULL;

    g_assert_true(put(f, OTHER, 10, NULL));
    g_assert_true(g_file_set_contents(secret, "secret", -1, NULL));
    for (int what = 0; what < 3; what++) {
        g_autoptr(GError) opening = NULL, removing = NULL, writing = NULL;
        struct stat st;

        if (what == 0)
            g_assert_cmpint(symlink(secret, path), ==, 0);
        else
            g_assert_cmpint(what == 1 ? mkdir(path, 0700) : mkfifo(path, 0600), ==, 0);
        g_assert_null(sk_blob_place_open(f->place, ID, &opening));
        g_test_message("%s", opening->message);
        g_assert_error(opening, SK_ERROR, SK_ERROR_DENIED);
        g_assert_false(sk_blob_place_remove(f->place, ID, &removing));
        g_assert_error(removing, SK_ERROR, SK_ERROR_DENIED);
        g_assert_false(put(f, ID, 10, &writing));
        g_assert_error(writing, SK_ERROR, SK_ERROR_CONFLICT);
        g_assert_cmpint(lstat(path, &st), ==, 0);
        sk_test_tree_remove(path);
    }
    g_assert_true(g_file_get_contents(secret, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, "secret");
}

static void
make_old(const char *path)
{
    struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};

    g_assert_cmpint(utimensat(AT_FDCWD, path, old, 0), ==, 0);
}

/* Of unfinished files those go that are old and nobody's. */
static void
test_parts(Fixture *f, const void *data)
{
    static const struct {
        const char *name;
        bool old, locked, stays;
    } cases[] = {
        {"3/a/.3ab40000000000000000000002.part", true, false, false},
        {"3/a/.3ab40000000000000000000003.part", false, false, true},
        {"3/a/.3ab40000000000000000000004.part", true, true, true},
        {"3/a/.3ab40000000000000000000005.other", true, false, true},
    };
    int locks[G_N_ELEMENTS(cases)];

    g_assert_true(put(f, ID, 10, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = path_in(f, cases[i].name);

        g_assert_true(g_file_set_contents(path, "half", -1, NULL));
        if (cases[i].old)
            make_old(path);
        locks[i] = open(path, O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(cases[i].locked ? flock(locks[i], LOCK_EX | LOCK_NB) : 0, ==, 0);
    }
    g_ptr_array_unref(list(f));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = path_in(f, cases[i].name);

        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, cases[i].stays);
        close(locks[i]);
    }
}

/* A writer of days is nobody to be swept away under. */
static void
test_slow_writer(Fixture *f, const void *data)
{
    g_autoptr(SkBlobSink) sink = sk_blob_place_create(f->place, ID, NULL);
    g_autofree char *part = g_strdup_printf("%s/3/a/.%s.part", f->path, ID);
    g_autoptr(GPtrArray) ids = NULL;

    g_assert_true(sk_blob_sink_write(sink, sk_bytes("abc", 3), NULL));
    make_old(part);
    g_ptr_array_unref(list(f));
    g_assert_true(sk_blob_sink_commit(sink, NULL));
    g_assert_false(g_file_test(part, G_FILE_TEST_EXISTS));
    ids = list(f);
    g_assert_cmpuint(ids->len, ==, 1);
}

/* Somebody tidies up empty folders while we run. */
static void
test_folders_gone(Fixture *f, const void *data)
{
    g_autofree char *folder = path_in(f, "3");

    g_assert_true(put(f, ID, 10, NULL));
    sk_test_tree_remove(folder);
    g_assert_null(sk_blob_place_open(f->place, ID, NULL));
    g_assert_true(sk_blob_place_remove(f->place, ID, NULL));
    g_assert_false(put(f, ID, 10, NULL));
    g_assert_true(put(f, ID, 10, NULL));
}

/* A file system of 4 MiB of our own, gone with this process. */
static bool
mount_small(const char *path)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0)
        return false;
    return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", path, "tmpfs", 0, "size=4m") == 0;
}

static unsigned
fill(Fixture *f, char digit)
{
    unsigned n = 0;
    g_autoptr(GError) error = NULL;

    for (bool ok = true; ok; n += ok) {
        g_autofree char *id = g_strdup_printf("3%c%024u", digit, n);

        ok = put(f, id, 300000, &error);
    }
    g_test_message("%u blobs, then: %s", n, error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, f->path));
    return n;
}

/* Twice, since what failed must have given its room back. */
static void
test_full(void)
{
    for (int parts = SK_DIRECTORY_UNNAMED; parts <= SK_DIRECTORY_NAMED; parts++) {
        g_autofree char *root = sk_test_tree_new();
        Fixture f = {root, g_build_filename(root, "blobs", NULL), NULL};
        g_autoptr(GPtrArray) ids = NULL, rest = NULL;
        unsigned n;

        if (!mount_small(root)) {
            g_test_skip("no right to mount a small file system");
            g_free(f.path);
            sk_test_tree_remove(root);
            return;
        }
        f.place = sk_store_blob_directory_open(f.path, (SkDirectoryParts)parts, NULL);
        g_assert_nonnull(f.place);
        n = fill(&f, 'a');
        g_assert_cmpuint(n, >, 5);
        ids = list(&f);
        g_assert_cmpuint(ids->len, ==, n);
        g_assert_true(sk_blob_place_remove(f.place, ids->pdata[0], NULL));
        g_assert_cmpuint(fill(&f, 'b'), ==, 1);
        rest = list(&f);
        g_assert_cmpuint(rest->len, ==, n);
        sk_blob_place_close(f.place);
        g_assert_cmpint(umount2(root, MNT_DETACH), ==, 0);
        sk_test_tree_remove(root);
        g_free(f.path);
    }
}

static void
add(const char *path, void (*test)(Fixture *f, const void *data), SkDirectoryParts parts)
{
    g_test_add(path, Fixture, GINT_TO_POINTER(parts), set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/store-blob-directory/modes", test_modes, SK_DIRECTORY_UNNAMED);
    add("/store-blob-directory/modes/named", test_modes, SK_DIRECTORY_NAMED);
    g_test_add_func("/store-blob-directory/owner", test_owner);
    g_test_add_func("/store-blob-directory/refusals", test_refusals);
    add("/store-blob-directory/foreign", test_foreign, SK_DIRECTORY_UNNAMED);
    add("/store-blob-directory/in-place", test_in_place, SK_DIRECTORY_UNNAMED);
    add("/store-blob-directory/in-place/named", test_in_place, SK_DIRECTORY_NAMED);
    add("/store-blob-directory/parts", test_parts, SK_DIRECTORY_UNNAMED);
    add("/store-blob-directory/slow-writer", test_slow_writer, SK_DIRECTORY_NAMED);
    add("/store-blob-directory/folders-gone", test_folders_gone, SK_DIRECTORY_UNNAMED);
    g_test_add_func("/store-blob-directory/full", test_full);
    return g_test_run();
}
