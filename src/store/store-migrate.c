/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-migrate.h"

#include <limits.h>
#include <string.h>

#include "base/error.h"

static const char SQL_MAKE[] = "CREATE TABLE IF NOT EXISTS schema_version "
                               "(module TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)";
static const char SQL_GET[] = "SELECT version FROM schema_version WHERE module = $1";
static const char SQL_NOTE[] = "INSERT INTO schema_version (module, version) VALUES ($1, 0) "
                               "ON CONFLICT (module) DO NOTHING";
/* Others who are at the same step wait at the row. */
static const char SQL_LOCK[] =
    "UPDATE schema_version SET version = version WHERE module = $1 RETURNING version";
static const char SQL_SET[] = "UPDATE schema_version SET version = $2 WHERE module = $1";

/* How often the table of versions is made while others make it, too. */
#define MAX_TRIES 5

/* A damaged file of a database may hold anything. */
static bool
read_version(SkStmt *stmt, const char *module, int *ret_version, GError **error)
{
    int64_t version = sk_stmt_get_int(stmt, 0);

    if (version < 0 || version > INT_MAX) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO,
                    "the tables of \"%s\" have version %" G_GINT64_FORMAT ", which cannot be: "
                    "table schema_version is damaged; restore the database from a backup",
                    module, version);
        return false;
    }
    *ret_version = (int)version;
    return true;
}

static bool
get_version(SkDb *db, const char *sql, const char *module, int *ret_version, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, module);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row)
        return read_version(stmt, module, ret_version, error);
    *ret_version = 0;
    return true;
}

/* On a server "if not exists" is asked before, not while, the table is made. */
static bool
make_versions(SkDb *db, GError **error)
{
    for (int tries = 1;; tries++) {
        g_autoptr(GError) trouble = NULL;

        if (sk_db_run(db, SQL_MAKE, &trouble))
            return true;
        if (tries >= MAX_TRIES || !g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
    }
}

static bool
note_module(SkDb *db, const char *module, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_NOTE, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, module);
    return sk_stmt_run(stmt, error);
}

static bool
set_version(SkDb *db, const char *module, int version, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_SET, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, module);
    sk_stmt_bind_int(stmt, 2, version);
    return sk_stmt_run(stmt, error);
}

static bool
run_statements(SkDb *db, const char *sql, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(sql, ";", -1);

    for (char **part = parts; *part != NULL; part++) {
        if (*g_strstrip(*part) != '\0' && !sk_db_run(db, *part, error))
            return false;
    }
    return true;
}

typedef struct {
    const char *module;
    const SkMigration *step;
    bool mine; /* this program takes it, no other has */
} Task;

/* Inside the transaction, because another program may have done the step while we waited for
 * the lock. */
static bool
apply(SkDb *db, void *data, GError **error)
{
    Task *task = data;
    int version = 0;

    if (!get_version(db, SQL_LOCK, task->module, &version, error))
        return false;
    task->mine = version < task->step->version;
    if (!task->mine)
        return true;
    g_assert(version == task->step->version - 1);
    return run_statements(db, task->step->sql, error) &&
           set_version(db, task->module, task->step->version, error);
}

static bool
take_step(SkDb *db, const char *module, const SkMigration *step, bool *ret_mine, GError **error)
{
    Task task = {module, step, false};

    if (!sk_db_transact(db, apply, &task, error))
        return false;
    *ret_mine = task.mine;
    return true;
}

int
sk_store_count_steps(const SkMigration *steps)
{
    int n = 0;

    while (steps[n].sql != NULL) {
        g_assert(steps[n].version == n + 1);
        n++;
    }
    return n;
}

static bool
refuse_newer(const char *module, int version, int known, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "the tables of \"%s\" have version %d, this program knows %d: a newer one has "
                "used this database. Install that one again, or go back to a copy of the "
                "database made before",
                module, version, known);
    return false;
}

bool
sk_store_migrate_told(SkDb *db,
                      const char *module,
                      const SkMigration *steps,
                      SkStoreStepFunc func,
                      void *data,
                      GError **error)
{
    int known = sk_store_count_steps(steps), version = 0;

    if (!make_versions(db, error) || !get_version(db, SQL_GET, module, &version, error))
        return false;
    if (version > known)
        return refuse_newer(module, version, known, error);
    if (version < known && !note_module(db, module, error))
        return false;
    for (int i = version; i < known; i++) {
        bool mine;

        if (!take_step(db, module, &steps[i], &mine, error)) {
            g_prefix_error(error,
                           "step %d of \"%s\" (%s) failed, the tables are as they were; remove "
                           "the cause and start again: ",
                           i + 1, module, steps[i].what);
            return false;
        }
        if (mine && func != NULL)
            func(module, &steps[i], data);
    }
    return true;
}

bool
sk_store_migrate(SkDb *db, const char *module, const SkMigration *steps, GError **error)
{
    return sk_store_migrate_told(db, module, steps, NULL, NULL, error);
}

bool
sk_store_check(SkDb *db, const char *module, const SkMigration *steps, GError **error)
{
    int known = sk_store_count_steps(steps), version = 0;

    if (!get_version(db, SQL_GET, module, &version, error))
        return false;
    if (version > known)
        return refuse_newer(module, version, known, error);
    if (version == known)
        return true;
    g_set_error(
        error, SK_ERROR, SK_ERROR_CONFIG,
        "the tables of \"%s\" have version %d, this program needs %d; run `sekisho store "
        "migrate` as the owner of the database (one that is a file is brought up to date "
        "by the gate when it starts)",
        module, version, known);
    return false;
}
