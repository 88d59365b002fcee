/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-handle - what port/db.h asks of an open SQLite file: transactions, statements, values
 *
 * For store-sqlite only, which opens the file.
 *
 * Limits: 32 binds a statement.
 */

#include <sqlite3.h>

#include "base/clock.h"
#include "base/error.h"
#include "port/db.h"

typedef struct {
    SkDb db; /* its engine is sk_sqlite_engine */
    sqlite3 *handle;
    char *path;
    const SkClock *clock;
} SkSqliteDb;

extern const SkDbEngine sk_sqlite_engine;

/* What a result code of SQLite means to a caller. */
SkError sk_sqlite_code_of(int rc);
/* Says what SQLite says; always false. */
bool sk_sqlite_fail(SkSqliteDb *db, SkError code, GError **error);
