/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-trouble - what a result code of SQLite means to a caller, and to the person who has to
 * do something about it
 */

#include <glib.h>
#include <stdbool.h>

#include <sqlite3.h>

/* RC is an extended code that HANDLE, of the file PATH, has just returned. Always false. */
bool sk_sqlite_fail(sqlite3 *handle, const char *path, int rc, GError **error);
/* The same for what ends a transaction: a write or sync that fails there may have come about
 * all the same, the next one to open the file decides. */
bool sk_sqlite_fail_commit(sqlite3 *handle, const char *path, int rc, GError **error);
