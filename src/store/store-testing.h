/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-testing - a directory for the databases of one test
 */

#include <glib.h>

#include <glib/gstdio.h>

typedef struct {
    char *path;
} SkTestDir;

static inline void
sk_test_dir_init(SkTestDir *dir)
{
    dir->path = g_dir_make_tmp("sekisho-test-XXXXXX", NULL);
    g_assert_nonnull(dir->path);
}

/* Removes it with the files in it. */
static inline void
sk_test_dir_clear(SkTestDir *dir)
{
    g_autoptr(GDir) list = g_dir_open(dir->path, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(list)) != NULL) {
        g_autofree char *path = g_build_filename(dir->path, name, NULL);

        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(dir->path), ==, 0);
    g_free(dir->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkTestDir, sk_test_dir_clear)

/* Caller owns. */
static inline char *
sk_test_dir_file(const SkTestDir *dir, const char *name)
{
    return g_build_filename(dir->path, name, NULL);
}
