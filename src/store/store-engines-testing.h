/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-engines-testing - the engines that every statement has to work on
 */

#include "store/store-sqlite.h"
#include "store/store-testing.h"

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
