/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-verify.h"

#include <sys/stat.h>

static const char SQL_HAS_VERSIONS[] =
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'";
static const char SQL_SERVER_HAS_VERSIONS[] =
    "SELECT 1 FROM information_schema.tables"
    " WHERE table_schema = current_schema() AND table_name = 'schema_version'";
static const char SQL_VERSION[] = "SELECT version FROM schema_version WHERE module = $1";
static const char SQL_QUICK_CHECK[] = "PRAGMA quick_check";
static const char SQL_FOREIGN_KEY_CHECK[] = "PRAGMA foreign_key_check";
static const char SQL_CHECKPOINT[] = "PRAGMA wal_checkpoint(TRUNCATE)";

static bool
has_versions(const SkStore *store, SkDb *db, bool *ret_has, GError **error)
{
    const char *sql = sk_store_is_shared(store) ? SQL_SERVER_HAS_VERSIONS : SQL_HAS_VERSIONS;
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);

    return stmt != NULL && sk_stmt_next(stmt, ret_has, error);
}

bool
sk_store_read_version(const SkStore *store,
                      SkDb *db,
                      const char *module,
                      int *ret_version,
                      GError **error)
{
    g_autoptr(SkStmt) stmt = NULL;
    bool row;

    if (!has_versions(store, db, &row, error))
        return false;
    if (row) {
        stmt = sk_db_prepare(db, SQL_VERSION, error);
        if (stmt == NULL)
            return false;
        sk_stmt_bind_text(stmt, 1, module);
        if (!sk_stmt_next(stmt, &row, error))
            return false;
    }
    *ret_version = row ? (int)sk_stmt_get_int(stmt, 0) : 0;
    return true;
}

static int64_t
size_of(const char *path, const char *suffix)
{
    g_autofree char *name = g_strconcat(path, suffix, NULL);
    struct stat st;

    return stat(name, &st) == 0 ? (int64_t)st.st_size : -1;
}

int64_t
sk_store_get_size(const SkStore *store, SkDatabase which)
{
    const char *path = sk_store_describe(store, which);
    int64_t size = sk_store_is_shared(store) ? -1 : size_of(path, "");

    if (size < 0)
        return -1;
    return size + MAX(size_of(path, "-wal"), 0) + MAX(size_of(path, "-shm"), 0);
}

/* A line each, without the heading that names the one database there is. */
static void
tell_lines(const char *text, SkStoreTroubleFunc func, void *data)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line != NULL; line++) {
        if (**line != '\0' && !g_str_has_prefix(*line, "***"))
            func(*line, data);
    }
}

/* One row, "ok", when nothing is wrong. */
static bool
check_format(SkDb *db, SkStoreTroubleFunc func, void *data, bool *ret_sound, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_QUICK_CHECK, error);
    bool row = true;

    *ret_sound = true;
    if (stmt == NULL)
        return false;
    for (;;) {
        g_autoptr(GError) trouble = NULL;
        const char *text;

        if (!sk_stmt_next(stmt, &row, &trouble)) {
            /* Beyond what was told already it could not look. */
            if (!*ret_sound)
                return true;
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        if (!row)
            return true;
        text = sk_stmt_peek_text(stmt, 0);
        if (g_strcmp0(text, "ok") == 0)
            continue;
        *ret_sound = false;
        tell_lines(text != NULL ? text : "the file is damaged", func, data);
    }
}

/* A row is: table, row number, table referred to, number of the reference. */
static bool
check_references(SkDb *db, SkStoreTroubleFunc func, void *data, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, SQL_FOREIGN_KEY_CHECK, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    for (;;) {
        g_autofree char *text = NULL;

        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (!row)
            return true;
        text = g_strdup_printf("a row of %s refers to one of %s that is not there",
                               sk_stmt_peek_text(stmt, 0), sk_stmt_peek_text(stmt, 2));
        func(text, data);
    }
}

bool
sk_store_verify(const SkStore *store,
                SkDb *db,
                SkStoreTroubleFunc func,
                void *data,
                GError **error)
{
    bool sound;

    if (sk_store_is_shared(store))
        return true;
    if (!check_format(db, func, data, &sound, error))
        return false;
    /* Rows of a damaged file cannot be followed. */
    return !sound || check_references(db, func, data, error);
}

bool
sk_store_settle(const SkStore *store, SkDb *db, bool *ret_done, GError **error)
{
    g_autoptr(SkStmt) stmt = NULL;
    bool row;

    *ret_done = true;
    if (sk_store_is_shared(store))
        return true;
    stmt = sk_db_prepare(db, SQL_CHECKPOINT, error);
    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    /* The first column: 1, somebody else kept it from finishing. */
    *ret_done = row && sk_stmt_get_int(stmt, 0) == 0;
    return true;
}
