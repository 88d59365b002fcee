/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-handle.h"

#include <string.h>

#include "base/autofree.h"
#include "base/text.h"
#include "store/store-trouble.h"
#include "store/store-turn.h"

#define MAX_BINDS   32
#define MAX_RESTING 64

/* Between two looks at a lock that somebody else has: about 2 ms of short ones. */
#define SHORT_PAUSES   10
#define SHORT_PAUSE_US 150
#define LONG_PAUSE_US  1000
/* Longer than any pause, even of a busy machine. */
#define NEW_WAIT_MS 500

typedef struct {
    SkStmt stmt;
    SkSqliteDb *db;
    sqlite3_stmt *handle;
    char *text;               /* by which it rests; NULL: it does not */
    int bound;                /* why a bind failed, for the next step to say */
    int index[MAX_BINDS + 1]; /* SQLite's number of $1, $2 …; 0: not in this statement */
} SqliteStmt;

bool
sk_sqlite_db_fail(SkSqliteDb *db, int rc, GError **error)
{
    return sk_sqlite_fail(db->handle, db->path, rc, error);
}

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

/* Whether this is a new wait. SQLite does not begin to count at 0 where it reads the schema or
 * changes to the write-ahead log; but while it waits it asks every millisecond. */
static bool
is_new_wait(SkSqliteDb *db, int asked)
{
    bool is_new = asked == 0 || now_ms() - db->asked_ms > NEW_WAIT_MS;

    db->asked_ms = now_ms();
    return is_new && !db->has_turn;
}

/* SQLite asks when the file is locked, with how often it has asked before. A lock is held for
 * a fraction of a millisecond mostly: the first pauses are short. */
static int
wait_a_little(void *data, int asked)
{
    SkSqliteDb *db = data;

    if (is_new_wait(db, asked))
        db->until_ms = now_ms() + db->wait_ms;
    if (now_ms() >= db->until_ms)
        return 0;
    g_usleep(asked < SHORT_PAUSES ? SHORT_PAUSE_US : LONG_PAUSE_US);
    return 1;
}

int
sk_sqlite_db_wait(SkSqliteDb *db)
{
    return sqlite3_busy_handler(db->handle, wait_a_little, db);
}

static bool
take_turn(SkSqliteDb *db, GError **error)
{
    if (db->turn < 0)
        return true;
    db->until_ms = now_ms() + db->wait_ms;
    db->has_turn = sk_turn_take(db->turn, db->until_ms, error);
    if (!db->has_turn)
        g_prefix_error(error, "database %s: ", db->path);
    return db->has_turn;
}

static void
leave_turn(SkSqliteDb *db)
{
    if (db->has_turn)
        sk_turn_leave(db->turn);
    db->has_turn = false;
}

static void
close_db(SkDb *base)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    int rc;

    g_clear_pointer(&db->resting, g_hash_table_unref);
    rc = sqlite3_close(db->handle);
    /* BUSY: a statement outlives its database. */
    g_assert(rc == SQLITE_OK);
    sk_fd_clear(&db->turn);
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
    if (!take_turn(db, error))
        return false;
    rc = execute(db, "BEGIN IMMEDIATE");
    leave_turn(db);
    return rc == SQLITE_OK || sk_sqlite_db_fail(db, rc, error);
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
    sk_sqlite_fail_commit(db->handle, db->path, rc, error);
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

static void
end_stmt(void *data)
{
    SqliteStmt *stmt = data;

    sqlite3_finalize(stmt->handle);
    g_free(stmt->text);
    g_free(stmt);
}

/* Others, as PRAGMA, may do something while they are parsed. */
static bool
may_rest(const char *sql)
{
    static const char *const verbs[] = {"SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "};

    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++) {
        if (g_str_has_prefix(sql, verbs[i]))
            return true;
    }
    return false;
}

static SkStmt *
wake(SkSqliteDb *db, const char *text)
{
    void *stmt = NULL;

    if (db->resting != NULL)
        g_hash_table_steal_extended(db->resting, text, NULL, &stmt);
    return stmt;
}

static SkStmt *
prepare(SkDb *base, const char *text, GError **error)
{
    SkSqliteDb *db = (SkSqliteDb *)base;
    SkStmt *rested = wake(db, text);
    g_autofree char *sql = NULL;
    sqlite3_stmt *handle = NULL;
    const char *rest = NULL;
    SqliteStmt *stmt;
    int rc;

    if (rested != NULL)
        return rested;
    sql = without_skip_locked(text);
    rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &rest);
    if (rc != SQLITE_OK) {
        sk_sqlite_db_fail(db, rc, error);
        return NULL;
    }
    g_assert(handle != NULL && is_blank(rest));
    stmt = g_new0(SqliteStmt, 1);
    *stmt = (SqliteStmt){.stmt = {&sk_sqlite_engine, base}, .db = db, .handle = handle};
    stmt->text = may_rest(text) ? g_strdup(text) : NULL;
    resolve_binds(stmt);
    return &stmt->stmt;
}

static void reset(SkStmt *base);

static void
stmt_free(SkStmt *base)
{
    SqliteStmt *stmt = (SqliteStmt *)base;
    SkSqliteDb *db = stmt->db;

    if (stmt->text == NULL) {
        end_stmt(stmt);
        return;
    }
    if (db->resting == NULL)
        db->resting = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, end_stmt);
    reset(base);
    if (g_hash_table_size(db->resting) < MAX_RESTING &&
        !g_hash_table_contains(db->resting, stmt->text))
        g_hash_table_insert(db->resting, stmt->text, stmt);
    else
        end_stmt(stmt);
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

/* Whether the next step makes a transaction of its own. */
static bool
is_lone_write(const SqliteStmt *stmt)
{
    return sqlite3_get_autocommit(stmt->db->handle) != 0 &&
           sqlite3_stmt_readonly(stmt->handle) == 0;
}

static int
step(SqliteStmt *stmt)
{
    return stmt->bound != SQLITE_OK ? stmt->bound : sqlite3_step(stmt->handle);
}

static bool
fail_step(SqliteStmt *stmt, int rc, bool lone, GError **error)
{
    SkSqliteDb *db = stmt->db;

    if (lone)
        sk_sqlite_fail_commit(db->handle, db->path, rc, error);
    else
        sk_sqlite_db_fail(db, rc, error);
    reset(&stmt->stmt);
    return false;
}

/* A statement that writes has done so when it gives its first row: later steps need no turn. */
static bool
next(SkStmt *base, bool *ret_row, GError **error)
{
    SqliteStmt *stmt = (SqliteStmt *)base;
    bool lone = is_lone_write(stmt);
    int rc;

    if (lone && !sqlite3_stmt_busy(stmt->handle) && !take_turn(stmt->db, error)) {
        reset(base);
        return false;
    }
    rc = step(stmt);
    leave_turn(stmt->db);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return fail_step(stmt, rc, lone, error);
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
