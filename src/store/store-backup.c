/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-backup.h"

#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include "base/error.h"
#include "store/store-handle.h"
#include "store/store-sqlite.h"
#include "store/store-trouble.h"

/* Pages between two reports of progress. */
#define PAGES 1024

#define BROUGHT "-restored"

/* Opens the view of one moment, which lasts until the connection is closed. Nothing is taken
 * that a writer wants. */
static const char SQL_BEGIN[] = "BEGIN";
static const char SQL_LOOK[] = "SELECT count(*) FROM sqlite_schema";
/* Nobody sees the copy before it is finished and synced. */
static const char SQL_CARELESS[] = "PRAGMA synchronous = OFF";
static const char SQL_ONE_FILE[] = "PRAGMA journal_mode = DELETE";
static const char SQL_PAGE_SIZE[] = "PRAGMA page_size";
static const char SQL_MODULES[] = "SELECT module, version FROM schema_version ORDER BY module";

/* --- Out --- */

static bool
ask(SkDb *db, const char *sql, int64_t *ret_value, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    *ret_value = row ? sk_stmt_get_int(stmt, 0) : 0;
    return true;
}

static SkDb *
open_moment(const char *path, GError **error)
{
    g_autoptr(SkDb) db = sk_store_sqlite_open_reader(path, error);
    int64_t tables;

    if (db == NULL || !sk_db_run(db, SQL_BEGIN, error) || !ask(db, SQL_LOOK, &tables, error))
        return NULL;
    return g_steal_pointer(&db);
}

static bool
copy_pages(sqlite3_backup *backup, int64_t page_size, SkCopyFunc func, void *data)
{
    int before = 0, rc = SQLITE_OK;

    while (rc == SQLITE_OK) {
        int now;

        rc = sqlite3_backup_step(backup, PAGES);
        now = sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup);
        if (func != NULL)
            func((uint64_t)(page_size * (now - before)), data);
        before = now;
    }
    return rc == SQLITE_DONE;
}

static bool
fill_copy(SkDb *from,
          sqlite3 *to,
          const char *path,
          SkCopyFunc func,
          void *data,
          GError **error)
{
    sqlite3_backup *backup;
    int64_t page_size;
    bool done;
    int rc = sqlite3_exec(to, SQL_CARELESS, NULL, NULL, NULL);

    if (rc != SQLITE_OK)
        return sk_sqlite_fail(to, path, rc, error);
    if (!ask(from, SQL_PAGE_SIZE, &page_size, error))
        return false;
    backup = sqlite3_backup_init(to, "main", ((SkSqliteDb *)from)->handle, "main");
    if (backup == NULL)
        return sk_sqlite_fail(to, path, sqlite3_extended_errcode(to), error);
    done = copy_pages(backup, page_size, func, data);
    rc = sqlite3_backup_finish(backup);
    if (done && rc == SQLITE_OK)
        rc = sqlite3_exec(to, SQL_ONE_FILE, NULL, NULL, NULL);
    return (done && rc == SQLITE_OK) || sk_sqlite_fail(to, path, rc, error);
}

static bool
make_copy(const char *from, const char *to, SkCopyFunc func, void *data, GError **error)
{
    g_autoptr(SkDb) db = open_moment(from, error);
    sqlite3 *copy = NULL;
    bool ok;
    int rc;

    if (db == NULL)
        return false;
    rc = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
    ok = rc == SQLITE_OK ? fill_copy(db, copy, to, func, data, error)
                         : sk_sqlite_fail(copy, to, rc, error);
    /* Nothing is prepared on it, so it closes. */
    (void)sqlite3_close(copy);
    return ok;
}

static bool
make_file(const char *path, GError **error)
{
    g_autoptr(SkFileOut) out = sk_file_out_new(path, error);
    SkFileSum empty;

    return out != NULL && sk_file_out_finish(out, &empty, error);
}

bool
sk_backup_sqlite(const char *from,
                 const char *to,
                 SkCopyFunc func,
                 void *data,
                 SkFileSum *ret_sum,
                 GError **error)
{
    if (!make_file(to, error))
        return false;
    if (make_copy(from, to, func, data, error) && sk_store_sqlite_check(to, error) &&
        sk_file_sync(to, error) && sk_file_sum(to, NULL, NULL, ret_sum, error))
        return true;
    g_prefix_error(error, "no copy of %s was made: ", from);
    (void)unlink(to);
    return false;
}

bool
sk_backup_note_modules(SkDb *db, SkDatabase which, SkManifest *manifest, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_MODULES, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    while (sk_stmt_next(stmt, &row, error)) {
        const char *name;

        if (!row)
            return true;
        name = sk_stmt_peek_text(stmt, 0);
        if (name != NULL)
            sk_manifest_add_module(manifest, which, name, (int)sk_stmt_get_int(stmt, 1));
    }
    return false;
}

/* --- Back --- */

static int
known_version(const SkBackupModule *module, const SkTables *const *tables)
{
    for (; *tables != NULL; tables++) {
        if ((*tables)->database == module->database &&
            g_str_equal((*tables)->name, module->name)) {
            int n = 0;

            while ((*tables)->steps[n].sql != NULL)
                n++;
            return n;
        }
    }
    return 0;
}

bool
sk_backup_check_modules(const SkManifest *manifest,
                        const SkTables *const *tables,
                        GError **error)
{
    for (guint i = 0; i < manifest->modules->len; i++) {
        const SkBackupModule *module = manifest->modules->pdata[i];
        int known = known_version(module, tables);

        if (module->version <= known)
            continue;
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "the backup's tables of \"%s\" have version %d, this program knows %d: "
                    "install sekisho %s, which made it, or a newer one",
                    module->name, module->version, known, manifest->sekisho);
        return false;
    }
    return true;
}

static bool
is_there(const char *path, const char *suffix, bool *ret_there, GError **error)
{
    g_autofree char *full = g_strconcat(path, suffix, NULL);
    struct stat st;

    *ret_there = lstat(full, &st) == 0;
    return *ret_there || errno == ENOENT || errno == ENOTDIR ||
           sk_error_set_errno(error, errno, "cannot look at %s", full);
}

bool
sk_backup_check_free(const char *path, const SkFileSum *sum, bool *ret_done, GError **error)
{
    bool database, log, journal;
    SkFileSum found = {0};

    if (!is_there(path, "", &database, error) || !is_there(path, "-wal", &log, error) ||
        !is_there(path, "-journal", &journal, error))
        return false;
    if (database && !log && !journal && !sk_file_sum(path, NULL, NULL, &found, error))
        return false;
    *ret_done = database && sk_file_sum_equal(&found, sum);
    if (*ret_done || (!database && !log && !journal))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                "there is a database %s, and nothing is restored over one: stop all programs "
                "and move it away with the files beside it whose names begin with its own",
                path);
    return false;
}

static bool
copy_beside(const char *from,
            const char *beside,
            const SkFileSum *sum,
            SkCopyFunc func,
            void *data,
            GError **error)
{
    g_autoptr(SkFileOut) out = sk_file_out_new(beside, error);
    SkFileSum found;

    if (out == NULL || !sk_store_sqlite_hand_over(sk_file_out_get_fd(out), beside, error) ||
        !sk_file_out_copy(out, from, func, data, error) ||
        !sk_file_out_finish(out, &found, error))
        return false;
    if (sk_file_sum_equal(&found, sum))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO, "%s has changed while it was being restored",
                from);
    return false;
}

bool
sk_backup_bring(const char *from,
                const char *path,
                const SkFileSum *sum,
                SkCopyFunc func,
                void *data,
                GError **error)
{
    g_autofree char *beside = g_strconcat(path, BROUGHT, NULL);

    if (!sk_store_sqlite_make_folder(path, error))
        return false;
    /* Of a restore that did not come to its end. */
    (void)unlink(beside);
    if (copy_beside(from, beside, sum, func, data, error))
        return true;
    (void)unlink(beside);
    return false;
}

bool
sk_backup_place(const char *path, GError **error)
{
    g_autofree char *beside = g_strconcat(path, BROUGHT, NULL);

    return sk_file_place(beside, path, error);
}
