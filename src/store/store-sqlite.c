/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-sqlite.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"

#define MAX_BINDS 32

/* The log is cut back to this many bytes after a burst; SQLite itself never shrinks it. */
#define SQL_JOURNAL_SIZE_LIMIT "PRAGMA journal_size_limit = 67108864"

typedef struct {
    SkDb db;
    sqlite3 *handle;
    char *path;
} SqliteDb;

typedef struct {
    SkStmt stmt;
    SqliteDb *db;
    sqlite3_stmt *handle;
    int bound;                /* why a bind failed, for the next step to say */
    int index[MAX_BINDS + 1]; /* SQLite's number of $1, $2 …; 0: not in this statement */
} SqliteStmt;

static SkError
code_of(int rc)
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
    return (rc & 0xff) == SQLITE_IOERR ? SK_ERROR_UNCERTAIN : code_of(rc);
}

static bool
fail(SqliteDb *db, SkError code, GError **error)
{
    g_set_error(error, SK_ERROR, code, "database %s: %s", db->path, sqlite3_errmsg(db->handle));
    return false;
}

static void
close_db(SkDb *base)
{
    SqliteDb *db = (SqliteDb *)base;
    int rc = sqlite3_close(db->handle);

    /* BUSY: a statement outlives its database. */
    g_assert(rc == SQLITE_OK);
    g_free(db->path);
    g_free(db);
}

static int
execute(SqliteDb *db, const char *sql)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

static bool
begin(SkDb *base, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;
    int rc;

    g_assert(sqlite3_get_autocommit(db->handle));
    rc = execute(db, "BEGIN IMMEDIATE");
    return rc == SQLITE_OK || fail(db, code_of(rc), error);
}

static void
rollback(SkDb *base)
{
    SqliteDb *db = (SqliteDb *)base;

    /* Its only failure is "no transaction", which is what is wanted. */
    if (!sqlite3_get_autocommit(db->handle))
        (void)execute(db, "ROLLBACK");
}

static bool
commit(SkDb *base, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;
    int rc = execute(db, "COMMIT");

    if (rc == SQLITE_OK)
        return true;
    fail(db, code_of_commit(rc), error);
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

static const SkDbEngine engine;

static SkStmt *
prepare(SkDb *base, const char *sql, GError **error)
{
    SqliteDb *db = (SqliteDb *)base;
    sqlite3_stmt *handle = NULL;
    const char *rest = NULL;
    SqliteStmt *stmt;
    int rc = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &rest);

    if (rc != SQLITE_OK) {
        fail(db, code_of(rc), error);
        return NULL;
    }
    g_assert(handle != NULL && is_blank(rest));
    stmt = g_new0(SqliteStmt, 1);
    *stmt = (SqliteStmt){.stmt = {&engine}, .db = db, .handle = handle};
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
        fail(stmt->db, is_commit ? code_of_commit(rc) : code_of(rc), error);
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

static const SkDbEngine engine = {
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
};

/* SQLite would make the file with 0644 less the umask; its log and index files get the mode of
 * the file. */
static bool
make_file(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    sk_autofd int fd = -1;
    struct stat st;

    /* Only the last folder: a missing one above it is a wrong path. */
    if (mkdir(folder, 0750) < 0 && errno != EEXIST)
        return sk_error_set_errno(error, errno,
                                  "cannot make the folder of database %s; make it, for the "
                                  "user that runs this program",
                                  path);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd < 0 && errno == EEXIST)
        return true;
    if (fd < 0)
        return sk_error_set_errno(error, errno,
                                  "cannot make database %s; its folder has to belong to the "
                                  "user that runs this program",
                                  path);
    /* Made by root in the folder of the gate's user: he has to write it, too. */
    if (geteuid() == 0 && stat(folder, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        return sk_error_set_errno(error, errno, "cannot hand over database %s", path);
    if (fchmod(fd, 0640) != 0)
        return sk_error_set_errno(error, errno, "cannot set the mode of database %s", path);
    return true;
}

/* Without opening it: closing a descriptor of the file would drop the locks that another
 * connection of this process has on it. */
static bool
check_file(const char *path, GError **error)
{
    struct stat st;

    if (lstat(path, &st) != 0 || access(path, R_OK | W_OK) != 0)
        return sk_error_set_errno(error, errno, "cannot open database %s", path);
    if (S_ISREG(st.st_mode))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "database %s is not a regular file", path);
    return false;
}

static bool
harden(SqliteDb *db, GError **error)
{
    static const struct {
        int op, on;
    } configs[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 1},    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(configs); i++) {
        int rc = sqlite3_db_config(db->handle, configs[i].op, configs[i].on, NULL);

        if (rc != SQLITE_OK)
            return fail(db, SK_ERROR_IO, error);
    }
    return sqlite3_busy_timeout(db->handle, SK_LIMIT_DB_WAIT_MS) == SQLITE_OK ||
           fail(db, SK_ERROR_IO, error);
}

/* Asks for it and looks whether it came: on file systems without shared memory it does not. */
static bool
set_wal(SqliteDb *db, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(&db->db, "PRAGMA journal_mode = WAL", error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    if (row && g_strcmp0(sk_stmt_peek_text(stmt, 0), "wal") == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "database %s: its file system does not allow a write-ahead log", db->path);
    return false;
}

static bool
set_durability(SqliteDb *db, SkStoreDurability durability, GError **error)
{
    const char *sql = durability == SK_STORE_FULL ? "PRAGMA synchronous = FULL"
                                                  : "PRAGMA synchronous = NORMAL";

    return set_wal(db, error) && sk_db_run(&db->db, sql, error) &&
           sk_db_run(&db->db, SQL_JOURNAL_SIZE_LIMIT, error);
}

static SqliteDb *
open_handle(const char *path, GError **error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                SQLITE_OPEN_PRIVATECACHE;
    SqliteDb *db = g_new0(SqliteDb, 1);
    int rc;

    *db = (SqliteDb){.db = {&engine}, .path = g_strdup(path)};
    rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (rc == SQLITE_OK && harden(db, error))
        return db;
    if (rc != SQLITE_OK)
        fail(db, code_of(rc), error);
    close_db(&db->db);
    return NULL;
}

SkDb *
sk_store_sqlite_open(const char *path, SkStoreDurability durability, GError **error)
{
    g_autoptr(SkDb) base = NULL;
    SqliteDb *db;

    if (!make_file(path, error) || !check_file(path, error))
        return NULL;
    db = open_handle(path, error);
    if (db == NULL)
        return NULL;
    base = &db->db;
    if (!set_durability(db, durability, error))
        return NULL;
    return g_steal_pointer(&base);
}

SkDb *
sk_store_sqlite_open_reader(const char *path, GError **error)
{
    g_autoptr(SkDb) base = NULL;
    SqliteDb *db;

    if (!check_file(path, error))
        return NULL;
    db = open_handle(path, error);
    if (db == NULL)
        return NULL;
    base = &db->db;
    if (!sk_db_run(base, "PRAGMA query_only = ON", error))
        return NULL;
    return g_steal_pointer(&base);
}
