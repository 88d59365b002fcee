/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-handle.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define MAX_BINDS 32

typedef struct {
    SkStmt stmt;
    SkSqliteDb *db;
    sqlite3_stmt *handle;
    int bound;                /* why a bind failed, for the next step to say */
    int index[MAX_BINDS + 1]; /* SQLite's number of $1, $2 …; 0: not in this statement */
} SqliteStmt;

SkError
sk_sqlite_code_of(int rc)
{
    if (rc == SQLITE_BUSY_SNAPSHOT)
        return SK_ERROR_CONFLICT;
    switch (rc & 0xff) {
    case SQLITE_CONSTRAINT:
        return SK_ERROR_CONFLICT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SK_ERROR_TIMEOUT;
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
        return SK_ERROR_LIMIT;
    default:
        return SK_ERROR_IO;
    }
}

/* When writing or syncing fails at a commit, the log may hold the transaction or not: the next
 * one to open the file decides. */
static SkError
code_of_commit(int rc)
{
    return (rc & 0xff) == SQLITE_IOERR ? SK_ERROR_UNCERTAIN : sk_sqlite_code_of(rc);
}

bool
sk_sqlite_fail(SkSqliteDb *db, SkError code, GError **error)
{
    g_set_error(error, SK_ERROR, code, "database %s: %s", db->path, sqlite3_errmsg(db->handle));
    return false;
}

static void
close_db(SkDb *base)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    int rc = sqlite3_close(db->handle);

    /* BUSY: a statement outlives its database. */
    g_assert(rc == SQLITE_OK);
    g_free(db->path);
    g_free(db);
}

static int
execute(SkSqliteDb *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

static bool
begin(SkDb *base, GError **error)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    int rc;

    g_assert(sqlite3_get_autocommit(db->handle));
    rc = execute(db, "BEGIN IMMEDIATE");
    return rc == SQLITE_OK || sk_sqlite_fail(db, sk_sqlite_code_of(rc), error);
}

static void
rollback(SkDb *base)
{
    SkSqliteDb *db = (SkSqliteDb *)base;

    /* Its only failure is "no transaction", which is what is wanted. */
    if (!sqlite3_get_autocommit(db->handle))
        (void)execute(db, "ROLLBACK");
}

static bool
commit(SkDb *base, GError **error)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    int rc = execute(db, "COMMIT");

    if (rc == SQLITE_OK)
        return true;
    sk_sqlite_fail(db, code_of_commit(rc), error);
    rollback(base);
    return false;
}

static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\n;")] == '\0';
}

static void
resolve_binds(SqliteStmt *stmt)
{
    int n = sqlite3_bind_parameter_count(stmt->handle);

    for (int i = 1; i <= n; i++) {
        const char *name = sqlite3_bind_parameter_name(stmt->handle, i);
        int64_t at = 0;

        g_assert(name != NULL && *name == '$' && sk_text_to_int(name + 1, 1, MAX_BINDS, &at));
        stmt->index[at] = i;
    }
}

/* There is one writer at a time: no row can be locked by another one. */
static char *
without_skip_locked(const char *sql)
{
    static const char skip[] = " FOR UPDATE SKIP LOCKED";
    char *copy = g_strdup(sql);
    char *found;

    while ((found = strstr(copy, skip)) != NULL)
        memset(found, ' ', sizeof skip - 1);
    return copy;
}

static SkStmt *
prepare(SkDb *base, const char *text, GError **error)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    g_autofree char *sql = without_skip_locked(text);
    sqlite3_stmt *handle = NULL;
    const char *rest = NULL;
    SqliteStmt *stmt;
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &rest);

    if (rc != SQLITE_OK) {
        sk_sqlite_fail(db, sk_sqlite_code_of(rc), error);
        return NULL;
    }
    g_assert(handle != NULL && is_blank(rest));
    stmt = g_new0(SqliteStmt, 1);
    *stmt = (SqliteStmt){.stmt = {&sk_sqlite_engine, base}, .db = db, .handle = handle};
    resolve_binds(stmt);
    return &stmt->stmt;
}

static void
stmt_free(SkStmt *base)
{
    SqliteStmt *stmt = (SqliteStmt *)base;

    sqlite3_finalize(stmt->handle);
    g_free(stmt);
}

static int
index_of(const SqliteStmt *stmt, int at)
{
    g_assert(at >= 1 && at <= MAX_BINDS && stmt->index[at] != 0);
    return stmt->index[at];
}

/* A value may be too large, or memory out. MISUSE: rows are being read. */
static void
note_bind(SqliteStmt *stmt, int rc)
{
    g_assert(rc != SQLITE_MISUSE);
    if (rc != SQLITE_OK)
        stmt->bound = rc;
}

static void
bind_int(SkStmt *base, int at, int64_t value)
{
    SqliteStmt *stmt = (SqliteStmt *)base;

    note_bind(stmt, sqlite3_bind_int64(stmt->handle, index_of(stmt, at), value));
}

static void
bind_text(SkStmt *base, int at, const char *value)
{
    SqliteStmt *stmt = (SqliteStmt *)base;

    note_bind(stmt,
              sqlite3_bind_text(stmt->handle, index_of(stmt, at), value, -1, SQLITE_TRANSIENT));
}

static void
bind_blob(SkStmt *base, int at, SkBytes value)
{
    SqliteStmt *stmt = (SqliteStmt *)base;
    const void *data = value.len > 0 ? (const void *)value.data : "";

    note_bind(stmt, sqlite3_bind_blob64(stmt->handle, index_of(stmt, at), data, value.len,
                                        SQLITE_TRANSIENT));
}

static void
reset(SkStmt *base)
{
    SqliteStmt *stmt = (SqliteStmt *)base;

    /* Repeats the error of the last step, which was reported then. */
    (void)sqlite3_reset(stmt->handle);
    (void)sqlite3_clear_bindings(stmt->handle);
    stmt->bound = SQLITE_OK;
}

static int
step(SqliteStmt *stmt)
{
    return stmt->bound != SQLITE_OK ? stmt->bound : sqlite3_step(stmt->handle);
}

static bool
next(SkStmt *base, bool *ret_row, GError **error)
{
    SqliteStmt *stmt = (SqliteStmt *)base;
    bool is_commit = sqlite3_get_autocommit(stmt->db->handle) != 0 &&
                     sqlite3_stmt_readonly(stmt->handle) == 0;
    int rc = step(stmt);

    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        sk_sqlite_fail(stmt->db, is_commit ? code_of_commit(rc) : sk_sqlite_code_of(rc), error);
        reset(base);
        return false;
    }
    *ret_row = rc == SQLITE_ROW;
    if (rc == SQLITE_DONE)
        reset(base);
    return true;
}

static int64_t
get_int(SkStmt *base, int column)
{
    return sqlite3_column_int64(((SqliteStmt *)base)->handle, column);
}

static const char *
peek_text(SkStmt *base, int column)
{
    return (const char *)sqlite3_column_text(((SqliteStmt *)base)->handle, column);
}

static SkBytes
peek_blob(SkStmt *base, int column)
{
    sqlite3_stmt *handle = ((SqliteStmt *)base)->handle;
    const void *data = sqlite3_column_blob(handle, column);

    return sk_bytes(data, (size_t)sqlite3_column_bytes(handle, column));
}

static bool
now_us(SkDb *base, int64_t *ret_now_us, GError **error)
{
    *ret_now_us = sk_clock_now_us(((SkSqliteDb *)base)->clock);
    return true;
}

const SkDbEngine sk_sqlite_engine = {
    .close = close_db,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare,
    .stmt_free = stmt_free,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .next = next,
    .reset = reset,
    .get_int = get_int,
    .peek_text = peek_text,
    .peek_blob = peek_blob,
    .now_us = now_us,
};
