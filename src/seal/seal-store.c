/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal-store.h"

#include <string.h>

#include "base/error.h"

/* active is 1 or NULL, and the index allows one 1. */
static const SkMigration steps[] = {
    {1, "site keys",
     "CREATE TABLE site_key ("
     "  id TEXT NOT NULL PRIMARY KEY,"
     "  public BYTEA NOT NULL,"
     "  wrapped BYTEA NOT NULL,"
     "  made_us BIGINT NOT NULL,"
     "  active BIGINT CHECK (active = 1));"
     "CREATE UNIQUE INDEX site_key_active ON site_key (active)"},
    {0},
};

static const char *const grants[] = {
    "GRANT SELECT ON site_key TO sekisho_gate",
    "GRANT SELECT, DELETE ON site_key TO sekisho_clerk",
    "GRANT SELECT ON site_key TO sekisho_read",
    NULL,
};

const SkTables sk_seal_tables = {.name = "seal",
                                 .database = SK_KEEP,
                                 .steps = steps,
                                 .grants = grants};

#define SQL_SELECT "SELECT id, public, wrapped, made_us, active FROM site_key"

static const char SQL_LOAD_ACTIVE[] = SQL_SELECT " WHERE active = 1";
static const char SQL_LOAD[] = SQL_SELECT " WHERE id = $1";
static const char SQL_LIST[] = SQL_SELECT " ORDER BY made_us DESC, id";

static const char SQL_RETIRE[] =
    "UPDATE site_key SET active = NULL WHERE id = $1 AND active = 1 RETURNING id";
static const char SQL_ADD[] =
    "INSERT INTO site_key (id, public, wrapped, made_us, active) VALUES ($1, $2, $3, $4, 1)";
static const char SQL_REWRAP[] = "UPDATE site_key SET wrapped = $2 WHERE id = $1 RETURNING id";
static const char SQL_REMOVE[] =
    "DELETE FROM site_key WHERE id = $1 AND active IS NULL RETURNING id";

void
sk_site_key_free(SkSiteKey *key)
{
    if (key == NULL)
        return;
    g_clear_pointer(&key->wrapped, g_bytes_unref);
    g_free(key);
}

/* A row that was damaged, or that somebody made who does not know what a key is called, would
 * have secrets sealed to nobody or to him. */
static SkSiteKey *
read_row(SkStmt *stmt, GError **error)
{
    g_autoptr(SkSiteKey) key = g_new0(SkSiteKey, 1);
    const char *id = sk_stmt_peek_text(stmt, 0);
    g_autofree char *real = NULL;
    SkBytes wrapped;

    if (id != NULL && sk_seal_public_read(sk_stmt_peek_blob(stmt, 1), &key->public))
        real = sk_seal_id(&key->public);
    if (real == NULL || strcmp(id, real) != 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO,
                    "a row of table site_key is damaged: its id is not that of its public key; "
                    "restore database keep from a backup");
        return NULL;
    }
    g_strlcpy(key->id, id, sizeof key->id);
    wrapped = sk_stmt_peek_blob(stmt, 2);
    key->wrapped = g_bytes_new(wrapped.data, wrapped.len);
    key->made_us = sk_stmt_get_int(stmt, 3);
    key->active = sk_stmt_get_int(stmt, 4) == 1;
    return g_steal_pointer(&key);
}

static bool
load(SkDb *keep, const char *sql, const char *id, SkSiteKey **ret_key, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, sql, error);
    SkSiteKey *key = NULL;
    bool row;

    if (stmt == NULL)
        return false;
    if (id != NULL)
        sk_stmt_bind_text(stmt, 1, id);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        key = read_row(stmt, error);
        if (key == NULL)
            return false;
    }
    *ret_key = key;
    return true;
}

bool
sk_seal_store_load_active(SkDb *keep, SkSiteKey **ret_key, GError **error)
{
    return load(keep, SQL_LOAD_ACTIVE, NULL, ret_key, error);
}

bool
sk_seal_store_load(SkDb *keep, const char *id, SkSiteKey **ret_key, GError **error)
{
    return load(keep, SQL_LOAD, id, ret_key, error);
}

bool
sk_seal_store_list(SkDb *keep, GPtrArray **ret_keys, GError **error)
{
    g_autoptr(GPtrArray) keys =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_site_key_free);
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_LIST, error);
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    while (row) {
        SkSiteKey *key = read_row(stmt, error);

        if (key == NULL)
            return false;
        g_ptr_array_add(keys, key);
        if (!sk_stmt_next(stmt, &row, error))
            return false;
    }
    *ret_keys = g_steal_pointer(&keys);
    return true;
}

/* Runs a statement about the key ID, and says whether it changed a row. */
static bool
change(SkDb *keep,
       const char *sql,
       const char *id,
       const SkBytes *wrapped,
       bool *ret_changed,
       GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, sql, error);
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, id);
    if (wrapped != NULL)
        sk_stmt_bind_blob(stmt, 2, *wrapped);
    if (!sk_stmt_next(stmt, &row, error) || (row && !sk_stmt_run(stmt, error)))
        return false;
    *ret_changed = row;
    return true;
}

static bool
add(SkDb *keep, const SkSiteKey *key, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_ADD, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, key->id);
    sk_stmt_bind_blob(stmt, 2, sk_bytes(key->public.bytes, sizeof key->public.bytes));
    sk_stmt_bind_blob(
        stmt, 3,
        sk_bytes(g_bytes_get_data(key->wrapped, NULL), g_bytes_get_size(key->wrapped)));
    sk_stmt_bind_int(stmt, 4, key->made_us);
    return sk_stmt_run(stmt, error);
}

bool
sk_seal_store_activate(SkDb *keep, const SkSiteKey *key, const char *expected, GError **error)
{
    bool retired = true;

    if (expected != NULL && !change(keep, SQL_RETIRE, expected, NULL, &retired, error))
        return false;
    if (!retired) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "site key %s is not the active one any more: somebody else has rotated it",
                    expected);
        return false;
    }
    return add(keep, key, error);
}

bool
sk_seal_store_rewrap(SkDb *keep, const char *id, SkBytes wrapped, GError **error)
{
    bool changed;

    if (!change(keep, SQL_REWRAP, id, &wrapped, &changed, error))
        return false;
    if (!changed)
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "there is no site key %s", id);
    return changed;
}

bool
sk_seal_store_remove(SkDb *keep, const char *id, GError **error)
{
    g_autoptr(SkSiteKey) key = NULL;
    bool removed;

    if (!change(keep, SQL_REMOVE, id, NULL, &removed, error))
        return false;
    if (!removed && !sk_seal_store_load(keep, id, &key, error))
        return false;
    if (key != NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "site key %s is the active one", id);
    return key == NULL;
}
