/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-roles.h"

#include "base/error.h"

#define ROLES "sekisho_gate, sekisho_clerk, sekisho_read"

static const struct {
    const char *name;
    const char *make;
    const char *const *rights; /* before those of the tables */
} schemas[] = {
    [SK_KEEP] = {"keep", "CREATE SCHEMA keep",
                 (const char *const[]){"REVOKE ALL ON ALL TABLES IN SCHEMA keep FROM " ROLES,
                                       "GRANT USAGE ON SCHEMA keep TO " ROLES,
                                       "GRANT SELECT ON schema_version TO " ROLES, NULL}},
    [SK_KNOW] = {"know", "CREATE SCHEMA know",
                 (const char *const[]){"REVOKE ALL ON ALL TABLES IN SCHEMA know FROM " ROLES,
                                       "GRANT USAGE ON SCHEMA know TO " ROLES,
                                       "GRANT SELECT ON schema_version TO " ROLES, NULL}},
};

static const struct {
    const char *name;
    const char *make;
} roles[] = {
    {"sekisho_gate", "CREATE ROLE sekisho_gate LOGIN"},
    {"sekisho_clerk", "CREATE ROLE sekisho_clerk LOGIN"},
    {"sekisho_read", "CREATE ROLE sekisho_read LOGIN"},
};

static const char SQL_HAS_SCHEMA[] = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
static const char SQL_HAS_ROLE[] = "SELECT count(*) FROM pg_roles WHERE rolname = $1";
/* Shows what the role may see, only. */
static const char SQL_HAS_TABLES[] =
    "SELECT count(*) FROM information_schema.tables"
    " WHERE table_schema = $1 AND table_name = 'schema_version'";
/* Two that grant at once would break each other's change of the server's catalogue. */
static const char SQL_LOCK[] = "UPDATE schema_version SET version = version";

const char *
sk_store_schema_name(SkDatabase which)
{
    return schemas[which].name;
}

static bool
has(SkDb *db, const char *sql, const char *name, bool *ret_has, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);
    bool row = false;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_text(stmt, 1, name);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_has = row && sk_stmt_get_int(stmt, 0) > 0;
    return true;
}

/* Somebody else may make it at the same moment. */
static bool
make(SkDb *db, const char *sql, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    if (sk_db_run(db, sql, &trouble) || g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT))
        return true;
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

bool
sk_store_make_schema(SkDb *db, SkDatabase which, GError **error)
{
    bool there = false;

    if (!has(db, SQL_HAS_SCHEMA, schemas[which].name, &there, error))
        return false;
    if (there || make(db, schemas[which].make, error))
        return true;
    g_prefix_error(error,
                   "schema %s cannot be made; do this as the owner of the database, who may "
                   "(\"%s\"): ",
                   schemas[which].name, schemas[which].make);
    return false;
}

static bool
refuse_roles(const GString *missing, const GError *cause, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                "the programs' roles are missing and cannot be made (%s); have the server's "
                "administrator run \"%s\", then run `sekisho store migrate` again",
                cause->message, missing->str);
    return false;
}

static bool
make_roles(SkDb *db, GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    g_autoptr(GError) cause = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++) {
        bool there = false;

        if (!has(db, SQL_HAS_ROLE, roles[i].name, &there, error))
            return false;
        if (there || (cause == NULL && make(db, roles[i].make, &cause)))
            continue;
        if (!g_error_matches(cause, SK_ERROR, SK_ERROR_DENIED)) {
            g_propagate_error(error, g_steal_pointer(&cause));
            return false;
        }
        g_string_append_printf(missing, "%s%s;", missing->len > 0 ? " " : "", roles[i].make);
    }
    return cause == NULL || refuse_roles(missing, cause, error);
}

static bool
run_all(SkDb *db, const char *const *sql, GError **error)
{
    for (; sql != NULL && *sql != NULL; sql++) {
        if (!sk_db_run(db, *sql, error)) {
            g_prefix_error(error, "the right \"%s\" cannot be given: ", *sql);
            return false;
        }
    }
    return true;
}

typedef struct {
    SkDatabase which;
    const SkTables *const *tables;
} Grants;

static bool
grant(SkDb *db, void *data, GError **error)
{
    const Grants *g = data;

    if (!sk_db_run(db, SQL_LOCK, error) || !run_all(db, schemas[g->which].rights, error))
        return false;
    for (const SkTables *const *t = g->tables; *t != NULL; t++) {
        if ((*t)->database == g->which && !run_all(db, (*t)->grants, error))
            return false;
    }
    return true;
}

bool
sk_store_grant(SkDb *db, SkDatabase which, const SkTables *const *tables, GError **error)
{
    Grants grants = {which, tables};

    return make_roles(db, error) && sk_db_transact(db, grant, &grants, error);
}

bool
sk_store_check_made(SkDb *db, SkDatabase which, GError **error)
{
    bool made = false;

    if (!has(db, SQL_HAS_TABLES, schemas[which].name, &made, error))
        return false;
    if (!made)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "schema %s of the database has no tables that this role may see; run "
                    "`sekisho store migrate` as the owner of the database",
                    schemas[which].name);
    return made;
}
