/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-testing - a directory for the databases of one test, and the engines to test with
 */

#include <glib.h>

#include <glib/gstdio.h>

#include "store/store-sqlite.h"

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

static inline SkDb *
sk_test_open_sqlite(const SkTestDir *dir, const char *name)
{
    g_autofree char *path = sk_test_dir_file(dir, name);
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_sqlite_open(path, SK_STORE_NORMAL, &error);

    g_assert_no_error(error);
    return db;
}

/* For tests of statements that every engine has to understand; an engine joins by a line. */
typedef struct {
    const char *name;
    SkDb *(*open)(const SkTestDir *dir, const char *name); /* an empty database */
} SkTestEngine;

static const SkTestEngine sk_test_engines[] G_GNUC_UNUSED = {
    {"sqlite", sk_test_open_sqlite},
};
