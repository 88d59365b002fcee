/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-handle - what port/db.h asks of an open SQLite file: transactions, statements, values
 *
 * For store-sqlite only, which opens the file.
 *
 * A statement that is freed rests: parsing costs as much as running most of them, and programs
 * ask for the same few again and again.
 *
 * Limits: 32 binds a statement; 64 resting statements.
 */

#include <sqlite3.h>

#include "base/clock.h"
#include "port/db.h"

typedef struct {
    SkDb db; /* its engine is sk_sqlite_engine */
    sqlite3 *handle;
    char *path;
    const SkClock *clock;
    int turn;         /* of store-turn; -1: writes without one, or not at all */
    int wait_ms;      /* for others: once for the turn and the lock together */
    bool has_turn;    /* and waits for the lock with it */
    int64_t until_ms; /* when the wait that is on ends */
    int64_t asked_ms; /* when SQLite last asked whether to go on waiting */
    GHashTable
        *resting; /* text: statement, of those that were freed and may be asked for again */
} SkSqliteDb;

extern const SkDbEngine sk_sqlite_engine;

/* Says what SQLite says; always false. */
bool sk_sqlite_db_fail(SkSqliteDb *db, int rc, GError **error);
/* Has whoever finds the file locked wait as db->wait_ms says. */
int sk_sqlite_db_wait(SkSqliteDb *db);
