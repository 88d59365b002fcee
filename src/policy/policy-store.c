/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-store.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"

/* Text and lists are bytes: a comment in a policy may be in any encoding. */
static const SkMigration steps[] = {
    {1, "versions of the policy",
     "CREATE TABLE policy_version ("
     "  version BIGINT NOT NULL PRIMARY KEY,"
     "  body BYTEA NOT NULL,"
     "  digest BYTEA NOT NULL,"
     "  rules BIGINT NOT NULL,"
     "  loaded_us BIGINT NOT NULL,"
     "  loaded_by TEXT NOT NULL,"
     "  note TEXT NOT NULL);"
     "CREATE INDEX policy_version_digest ON policy_version (digest);"
     "CREATE TABLE policy_list ("
     "  version BIGINT NOT NULL REFERENCES policy_version (version) ON DELETE CASCADE,"
     "  name TEXT NOT NULL,"
     "  content BYTEA NOT NULL,"
     "  PRIMARY KEY (version, name));"
     "CREATE TABLE policy_active ("
     "  one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),"
     "  version BIGINT NOT NULL REFERENCES policy_version (version));"
     "CREATE TABLE policy_finding ("
     "  finding TEXT NOT NULL PRIMARY KEY,"
     "  since_us BIGINT NOT NULL)"},
    {0},
};

/* On a server a gate follows the policy: one that was broken into shall not make it for all
 * hosts. Whoever loads one comes as the clerk, and whoever only looks changes nothing. */
static const char *const grants[] = {
    "GRANT SELECT ON policy_version, policy_list, policy_active TO sekisho_gate",
    "GRANT SELECT, INSERT ON policy_finding TO sekisho_gate",
    "GRANT SELECT, INSERT, DELETE ON policy_version, policy_list TO sekisho_clerk",
    "GRANT SELECT, INSERT, UPDATE ON policy_active TO sekisho_clerk",
    "GRANT SELECT ON policy_finding TO sekisho_clerk",
    "GRANT SELECT ON policy_version, policy_list, policy_active, policy_finding"
    " TO sekisho_read",
    NULL,
};

/* A version's time begins when another one came after it. The one in force has all the time;
 * while none is, nothing is deleted. */
static const SkRetention retention[] = {
    {"policy", "versions of the policy",
     "DELETE FROM policy_version WHERE version IN ("
     "SELECT v.version FROM policy_version v"
     " WHERE v.version < (SELECT a.version FROM policy_active a)"
     " AND EXISTS (SELECT n.version FROM policy_version n"
     "  WHERE n.version > v.version AND n.loaded_us < $1)"
     " ORDER BY v.version LIMIT $2) RETURNING version"},
    {0},
};

const SkTables sk_policy_tables = {.name = "policy",
                                   .database = SK_KEEP,
                                   .steps = steps,
                                   .grants = grants,
                                   .retention = retention};

static const char SQL_IN_FORCE[] =
    "SELECT v.version, v.digest FROM policy_active a, policy_version v"
    " WHERE v.version = a.version";
static const char SQL_NEXT[] = "SELECT coalesce(max(version), 0) + 1 FROM policy_version";
static const char SQL_ADD[] =
    "INSERT INTO policy_version (version, body, digest, rules, loaded_us, loaded_by, note)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
static const char SQL_ADD_LIST[] =
    "INSERT INTO policy_list (version, name, content) VALUES ($1, $2, $3)";
/* Both give a row when they did it. */
static const char SQL_FIRST[] = "INSERT INTO policy_active (one, version) VALUES (1, $1)"
                                " ON CONFLICT (one) DO NOTHING RETURNING version";
static const char SQL_REPLACE[] = "UPDATE policy_active SET version = $1"
                                  " WHERE one = 1 AND version = $2 RETURNING version";
static const char SQL_FIND[] =
    "SELECT version FROM policy_version WHERE digest = $1 ORDER BY version DESC LIMIT 1";

#define COLUMNS                                                                                \
    "SELECT v.version, v.loaded_us, v.loaded_by, v.note, v.rules,"                             \
    " (SELECT count(*) FROM policy_active a WHERE a.version = v.version)"
static const char SQL_LIST[] = COLUMNS " FROM policy_version v ORDER BY v.version DESC"
                                       " LIMIT $1";
static const char SQL_GET[] =
    COLUMNS ", v.body, v.digest FROM policy_version v WHERE v.version = $1";
static const char SQL_GET_LISTS[] =
    "SELECT name, content FROM policy_list WHERE version = $1 ORDER BY name";
static const char SQL_NOTE[] = "INSERT INTO policy_finding (finding, since_us) VALUES ($1, $2)"
                               " ON CONFLICT (finding) DO NOTHING";
static const char SQL_FINDINGS[] = "SELECT finding, since_us FROM policy_finding";

void
sk_policy_version_free(SkPolicyVersion *version)
{
    if (version == NULL)
        return;
    g_free(version->loaded_by);
    g_free(version->note);
    sk_policy_source_free(version->source);
    g_free(version);
}

bool
sk_policy_store_in_force(SkDb *keep, SkPolicyInForce *ret_in_force, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_IN_FORCE, error);
    SkBytes digest;
    bool row;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    *ret_in_force = (SkPolicyInForce){0};
    if (!row)
        return true;
    ret_in_force->version = sk_stmt_get_int(stmt, 0);
    digest = sk_stmt_peek_blob(stmt, 1);
    memcpy(ret_in_force->digest, digest.data, MIN(digest.len, SK_POLICY_DIGEST_LEN));
    return true;
}

/* The first column of the only row; 0 when there is none. */
static bool
ask(SkStmt *stmt, int64_t *ret_value, GError **error)
{
    bool row;

    if (!sk_stmt_next(stmt, &row, error))
        return false;
    *ret_value = row ? sk_stmt_get_int(stmt, 0) : 0;
    sk_stmt_reset(stmt);
    return true;
}

static SkBytes
bytes_of(GBytes *bytes)
{
    gsize len = 0;
    const void *data = g_bytes_get_data(bytes, &len);

    return sk_bytes(data != NULL ? data : "", len);
}

static bool
add_lists(SkDb *keep, const SkPolicySource *source, int64_t version, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_ADD_LIST, error);

    if (stmt == NULL)
        return false;
    for (guint i = 0; i < source->lists->len; i++) {
        const SkPolicyList *list = source->lists->pdata[i];

        g_assert(list->content != NULL);
        sk_stmt_bind_int(stmt, 1, version);
        sk_stmt_bind_text(stmt, 2, list->name);
        sk_stmt_bind_blob(stmt, 3, bytes_of(list->content));
        if (!sk_stmt_run(stmt, error))
            return false;
    }
    return true;
}

static bool
add_version(SkDb *keep, const SkPolicyEntry *entry, int64_t *ret_version, GError **error)
{
    g_autoptr(SkStmt) next = sk_db_prepare(keep, SQL_NEXT, error);
    g_autoptr(SkStmt) add = NULL;
    uint8_t digest[SK_POLICY_DIGEST_LEN];
    int64_t now = 0;

    if (next == NULL || !ask(next, ret_version, error) || !sk_db_now_us(keep, &now, error))
        return false;
    add = sk_db_prepare(keep, SQL_ADD, error);
    if (add == NULL)
        return false;
    sk_policy_source_digest(entry->source, digest);
    sk_stmt_bind_int(add, 1, *ret_version);
    sk_stmt_bind_blob(add, 2, bytes_of(entry->source->text));
    sk_stmt_bind_blob(add, 3, sk_bytes(digest, sizeof digest));
    sk_stmt_bind_int(add, 4, entry->rules);
    sk_stmt_bind_int(add, 5, now);
    sk_stmt_bind_text(add, 6, entry->by);
    sk_stmt_bind_text(add, 7, entry->note != NULL ? entry->note : "");
    return sk_stmt_run(add, error) && add_lists(keep, entry->source, *ret_version, error);
}

typedef struct {
    const SkPolicyEntry *entry;
    bool activate;
    int64_t expected;
    int64_t version;
} Add;

/* Also when both took the same number: the database has its own words for that. */
static bool
refuse(GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                "somebody else has put another policy in force in the meantime");
    return false;
}

static bool
activate(SkDb *keep, const Add *add, GError **error)
{
    g_autoptr(SkStmt) stmt =
        sk_db_prepare(keep, add->expected == 0 ? SQL_FIRST : SQL_REPLACE, error);
    int64_t done = 0;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, add->version);
    if (add->expected != 0)
        sk_stmt_bind_int(stmt, 2, add->expected);
    if (!ask(stmt, &done, error))
        return false;
    return done == add->version || refuse(error);
}

static bool
work(SkDb *keep, void *data, GError **error)
{
    Add *add = data;

    return add_version(keep, add->entry, &add->version, error) &&
           (!add->activate || activate(keep, add, error));
}

bool
sk_policy_store_load(SkDb *keep,
                     const SkPolicyEntry *entry,
                     int64_t expected,
                     int64_t *ret_version,
                     GError **error)
{
    Add add = {.entry = entry, .activate = true, .expected = expected};
    g_autoptr(GError) trouble = NULL;

    if (!sk_db_transact(keep, work, &add, &trouble)) {
        if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT))
            return refuse(error);
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    *ret_version = add.version;
    return true;
}

bool
sk_policy_store_save(SkDb *keep,
                     const SkPolicyEntry *entry,
                     int64_t *ret_version,
                     GError **error)
{
    Add add = {.entry = entry};

    if (!sk_db_transact(keep, work, &add, error))
        return false;
    *ret_version = add.version;
    return true;
}

static SkPolicyVersion *
version_of(SkStmt *stmt)
{
    SkPolicyVersion *version = g_new0(SkPolicyVersion, 1);

    version->version = sk_stmt_get_int(stmt, 0);
    version->loaded_us = sk_stmt_get_int(stmt, 1);
    version->loaded_by = g_strdup(sk_stmt_peek_text(stmt, 2));
    version->note = g_strdup(sk_stmt_peek_text(stmt, 3));
    version->rules = sk_stmt_get_int(stmt, 4);
    version->in_force = sk_stmt_get_int(stmt, 5) != 0;
    return version;
}

static GBytes *
read_bytes(SkStmt *stmt, int column)
{
    SkBytes blob = sk_stmt_peek_blob(stmt, column);

    return g_bytes_new(blob.data, blob.len);
}

static bool
read_lists(SkDb *keep, SkPolicyVersion *version, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_GET_LISTS, error);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, version->version);
    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (row)
            sk_policy_source_add(version->source, sk_stmt_peek_text(stmt, 0),
                                 read_bytes(stmt, 1));
    }
    return true;
}

/* Text and lists are two statements: a version that is deleted between them would come without
 * its lists, and a rule that asks for a list would match nobody. */
static bool
check_digest(const SkPolicyVersion *version,
             const uint8_t wanted[SK_POLICY_DIGEST_LEN],
             GError **error)
{
    uint8_t digest[SK_POLICY_DIGEST_LEN];

    sk_policy_source_digest(version->source, digest);
    if (memcmp(digest, wanted, sizeof digest) == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "policy version %" PRId64
                " is not what was loaded: it was deleted just now, or "
                "is damaged; `sekisho policy history` says which there are",
                version->version);
    return false;
}

bool
sk_policy_store_get(SkDb *keep, int64_t number, SkPolicyVersion **ret_version, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_GET, error);
    g_autoptr(SkPolicyVersion) version = NULL;
    uint8_t digest[SK_POLICY_DIGEST_LEN] = {0};
    SkBytes wanted;
    bool row;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, number);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row) {
        version = version_of(stmt);
        version->source = sk_policy_source_new(read_bytes(stmt, 6));
        wanted = sk_stmt_peek_blob(stmt, 7);
        memcpy(digest, wanted.data, MIN(wanted.len, sizeof digest));
        sk_stmt_reset(stmt);
        if (!read_lists(keep, version, error) || !check_digest(version, digest, error))
            return false;
    }
    *ret_version = g_steal_pointer(&version);
    return true;
}

bool
sk_policy_store_find(SkDb *keep,
                     const uint8_t digest[SK_POLICY_DIGEST_LEN],
                     int64_t *ret_version,
                     GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_FIND, error);

    if (stmt == NULL)
        return false;
    sk_stmt_bind_blob(stmt, 1, sk_bytes(digest, SK_POLICY_DIGEST_LEN));
    return ask(stmt, ret_version, error);
}

bool
sk_policy_store_list(SkDb *keep, int64_t limit, GPtrArray **ret_versions, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_LIST, error);
    g_autoptr(GPtrArray) versions =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_policy_version_free);
    bool row = true;

    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, limit > 0 ? limit : INT64_MAX);
    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
        if (row)
            g_ptr_array_add(versions, version_of(stmt));
    }
    *ret_versions = g_steal_pointer(&versions);
    return true;
}

static bool
is_sought(SkFindingId id, const char *const *disabled)
{
    return sk_finding_id_state(id) == SK_FINDING_BUILT &&
           (disabled == NULL || !g_strv_contains(disabled, sk_finding_id_check(id)));
}

static bool
note_findings(SkDb *keep, void *data, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_NOTE, error);
    int64_t now = 0;

    if (stmt == NULL || !sk_db_now_us(keep, &now, error))
        return false;
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (!is_sought((SkFindingId)id, data))
            continue;
        sk_stmt_bind_text(stmt, 1, sk_finding_id_name((SkFindingId)id));
        sk_stmt_bind_int(stmt, 2, now);
        if (!sk_stmt_run(stmt, error))
            return false;
    }
    return true;
}

bool
sk_policy_store_note_findings(SkDb *keep, const char *const *disabled_checks, GError **error)
{
    return sk_db_transact(keep, note_findings, (void *)disabled_checks, error);
}

bool
sk_policy_store_read_findings(SkDb *keep, int64_t ret_since_us[SK_N_FINDINGS], GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(keep, SQL_FINDINGS, error);
    int64_t since[SK_N_FINDINGS];
    bool row = true;

    for (int id = 0; id < SK_N_FINDINGS; id++)
        since[id] = INT64_MAX;
    while (row) {
        SkFindingId id;

        if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
            return false;
        /* A newer program may look for more than this one knows. */
        if (row && sk_finding_id_parse(sk_stmt_peek_text(stmt, 0), &id))
            since[id] = sk_stmt_get_int(stmt, 1);
    }
    memcpy(ret_since_us, since, sizeof since);
    return true;
}
