/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-tree-testing - a directory with folders in it, for one test
 */

#include <glib.h>

#include <glib/gstdio.h>

/* Caller owns the path and removes the directory. */
static inline char *
sk_test_tree_new(void)
{
    char *path = g_dir_make_tmp("sekisho-test-XXXXXX", NULL);

    g_assert_nonnull(path);
    return path;
}

/* With all that is in it; links are not followed. */
static inline void
sk_test_tree_remove(const char *path)
{
    g_autoptr(GDir) names = NULL;
    const char *name;

    if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
        names = g_dir_open(path, 0, NULL);
    while (names != NULL && (name = g_dir_read_name(names)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);

        sk_test_tree_remove(child);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}
