/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-sqlite.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "store/store-handle.h"
#include "store/store-trouble.h"
#include "store/store-turn.h"

/* The log is cut back to this many bytes after a burst; SQLite itself never shrinks it. */
#define SQL_JOURNAL_SIZE_LIMIT "PRAGMA journal_size_limit = 67108864"

/* Between two tries to have a new file keep a log. */
#define RETRY_WAL_US 1000

bool
sk_store_sqlite_make_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    /* Only the last folder: a missing one above it is a wrong path. */
    if (mkdir(folder, 0750) == 0 || errno == EEXIST)
        return true;
    return sk_error_set_errno(error, errno,
                              "cannot make the folder of database %s; make it, for the user "
                              "that runs the programs, or correct [store] store",
                              path);
}

/* By its descriptor: in a folder of another user, the name may be another file by now. */
bool
sk_store_sqlite_hand_over(int fd, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    struct stat st;

    if (geteuid() == 0 && stat(folder, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        return sk_error_set_errno(error, errno, "cannot hand over database %s", path);
    if (fchmod(fd, 0640) != 0)
        return sk_error_set_errno(error, errno, "cannot set the mode of database %s", path);
    return true;
}

/* SQLite would make the file with 0644 less the umask; its log and index files get the mode of
 * the file. */
static bool
make_file(const char *path, GError **error)
{
    sk_autofd int fd = -1;

    if (!sk_store_sqlite_make_folder(path, error))
        return false;
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640);
    if (fd >= 0)
        return sk_store_sqlite_hand_over(fd, path, error);
    if (errno == EEXIST)
        return true;
    return sk_error_set_errno(error, errno,
                              "cannot make database %s; its folder has to belong to the user "
                              "that runs the programs",
                              path);
}

/* Without opening it: closing a descriptor of the file would drop the locks that another
 * connection of this process has on it. */
static bool
check_file(const char *path, GError **error)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return sk_error_set_errno(error, errno, "cannot open database %s", path);
    if (!S_ISREG(st.st_mode)) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                    "database %s is not a regular file, and no other is used: move it away, or "
                    "correct [store] store",
                    path);
        return false;
    }
    if (access(path, R_OK | W_OK) != 0)
        return sk_error_set_errno(error, errno,
                                  "cannot open database %s; who runs this has to be allowed to "
                                  "read and write it",
                                  path);
    return true;
}

/* SQLite takes an empty file, or none, for a new database. It is one only as long as nobody has
 * used it; the turnstile is made when the file is no longer empty, so it has to be looked at
 * first. */
static bool
check_kept(const char *path, GError **error)
{
    bool used = sk_turn_exists(path);
    struct stat st;

    if (!used)
        return true;
    if (lstat(path, &st) != 0 && errno == ENOENT) {
        g_set_error(
            error, SK_ERROR, SK_ERROR_IO,
            "database %s was used before and is gone: put it back, or restore it from a "
            "backup, `sekisho store restore`; to begin with an empty one, remove "
            "%s-turn, too",
            path, path);
        return false;
    }
    if (stat(path, &st) != 0 || st.st_size > 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "database %s: it is damaged: nothing is left in the file. Restore it from a "
                "backup, `sekisho store restore`",
                path);
    return false;
}

static bool
harden(SkSqliteDb *db, GError **error)
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
            return sk_sqlite_db_fail(db, rc, error);
    }
    return sk_sqlite_db_wait(db) == SQLITE_OK || sk_sqlite_db_fail(db, SQLITE_ERROR, error);
}

/* What is deleted is overwritten with zeros: who asked to be erased is not in free pages. */
#define SQL_SECURE_DELETE "PRAGMA secure_delete = ON"

/* Asks for it and looks whether it came: on file systems without shared memory it does not. */
static bool
set_wal(SkSqliteDb *db, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(&db->db, "PRAGMA journal_mode = WAL", error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    if (row && g_strcmp0(sk_stmt_peek_text(stmt, 0), "wal") == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "database %s: its file system does not allow a write-ahead log, because its "
                "memory cannot be shared; put [store] store on a disk of this machine",
                db->path);
    return false;
}

/* Programs that start together stand in each other's way here, and SQLite asks nobody whether
 * to wait: it could be for ever, since each may have what the other wants. */
static bool
set_wal_patiently(SkSqliteDb *db, GError **error)
{
    int64_t until_ms = sk_clock_mono_ms(sk_clock_real()) + db->wait_ms;

    for (;;) {
        g_autoptr(GError) trouble = NULL;

        if (set_wal(db, &trouble))
            return true;
        if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_TIMEOUT) ||
            sk_clock_mono_ms(sk_clock_real()) >= until_ms) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        g_usleep(RETRY_WAL_US);
    }
}

static bool
set_durability(SkSqliteDb *db, SkStoreDurability durability, GError **error)
{
    const char *sql = durability == SK_STORE_FULL ? "PRAGMA synchronous = FULL"
                                                  : "PRAGMA synchronous = NORMAL";

    return set_wal_patiently(db, error) && sk_db_run(&db->db, sql, error) &&
           sk_db_run(&db->db, SQL_JOURNAL_SIZE_LIMIT, error) &&
           sk_db_run(&db->db, SQL_SECURE_DELETE, error);
}

static SkSqliteDb *
open_handle(const char *path, GError **error)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                SQLITE_OPEN_PRIVATECACHE;
    SkSqliteDb *db = g_new0(SkSqliteDb, 1);
    int rc;

    *db = (SkSqliteDb){.db = {&sk_sqlite_engine, NULL},
                       .path = g_strdup(path),
                       .clock = sk_clock_real(),
                       .turn = -1,
                       .wait_ms = SK_LIMIT_DB_WAIT_MS};
    rc = sqlite3_open_v2(path, &db->handle, flags, NULL);
    if (rc == SQLITE_OK && harden(db, error))
        return db;
    if (rc != SQLITE_OK)
        sk_sqlite_db_fail(db, rc, error);
    sk_db_close(&db->db);
    return NULL;
}

SkDb *
sk_store_sqlite_open(const char *path, SkStoreDurability durability, GError **error)
{
    g_autoptr(SkDb) base = NULL;
    SkSqliteDb *db;

    if (!check_kept(path, error) || !make_file(path, error) || !check_file(path, error))
        return NULL;
    db = open_handle(path, error);
    if (db == NULL)
        return NULL;
    base = &db->db;
    if (!set_durability(db, durability, error) || !sk_turn_open(path, &db->turn, error))
        return NULL;
    return g_steal_pointer(&base);
}

SkDb *
sk_store_sqlite_open_reader(const char *path, GError **error)
{
    g_autoptr(SkDb) base = NULL;
    SkSqliteDb *db;

    if (!check_kept(path, error) || !check_file(path, error))
        return NULL;
    db = open_handle(path, error);
    if (db == NULL)
        return NULL;
    base = &db->db;
    if (!sk_db_run(base, "PRAGMA query_only = ON", error))
        return NULL;
    return g_steal_pointer(&base);
}

void
sk_store_sqlite_set_wait(SkDb *db, int ms)
{
    g_assert(db->engine == &sk_sqlite_engine);
    ((SkSqliteDb *)db)->wait_ms = ms;
}

/* The first row is "ok", or says the first thing that is wrong, after a line with a title. */
static bool
judge_check(SkSqliteDb *db, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(&db->db, "PRAGMA quick_check(1)", error);
    const char *words, *line;
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    words = row ? sk_stmt_peek_text(stmt, 0) : NULL;
    if (words == NULL)
        words = "no answer";
    if (strcmp(words, "ok") == 0)
        return true;
    line = strrchr(words, '\n');
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "database %s: it is damaged: restore it from a backup, `sekisho store restore` "
                "(%s)",
                db->path, line != NULL ? line + 1 : words);
    return false;
}

bool
sk_store_sqlite_check(const char *path, GError **error)
{
    g_autoptr(SkDb) db = sk_store_sqlite_open_reader(path, error);

    return db != NULL && judge_check((SkSqliteDb *)db, error);
}
