/* SPDX-License-Identifier: Apache-2.0 */

/* Prepared statements, one a SQL text and connection. */

#include <string.h>

#include "store/store-postgres-private.h"

static bool
is_word(char c)
{
    return g_ascii_isalnum(c) || c == '_';
}

static bool
has_word(const char *sql, const char *word)
{
    size_t len = strlen(word);

    for (const char *p = sql; *p != '\0'; p++) {
        if (g_ascii_strncasecmp(p, word, len) == 0 && !is_word(p[len]) &&
            (p == sql || !is_word(p[-1])))
            return true;
    }
    return false;
}

/* Careful rather than clever: what it does not recognise is taken for a write, whose rows are
 * only given when all are there. */
static bool
only_reads(const char *sql)
{
    static const char *const writing[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "INTO"};
    size_t start = strspn(sql, " \t\n(");

    if (g_ascii_strncasecmp(sql + start, "SELECT", 6) != 0 &&
        g_ascii_strncasecmp(sql + start, "WITH", 4) != 0)
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(writing); i++) {
        if (has_word(sql, writing[i]))
            return false;
    }
    return true;
}

SkPostgresText *
sk_postgres_text_get(SkPostgresDb *db, const char *sql)
{
    SkPostgresText *text = g_hash_table_lookup(db->texts, sql);

    if (text != NULL)
        return text;
    text = g_new0(SkPostgresText, 1);
    text->sql = g_strdup(sql);
    text->reads = only_reads(sql);
    text->n_binds = -1;
    g_hash_table_insert(db->texts, text->sql, text);
    return text;
}

void
sk_postgres_text_free(void *data)
{
    SkPostgresText *text = data;

    g_free(text->sql);
    g_free(text->name);
    g_free(text);
}

/* A new name each time: the server may still know the old one. */
static PGresult *
send_text(SkPostgresDb *db, SkPostgresText *text, int n_types)
{
    g_free(text->name);
    text->name = g_strdup_printf("s%u", ++db->names);
    if (!PQsendPrepare(db->conn, text->name, text->sql, n_types, text->binds))
        return PQmakeEmptyPGresult(db->conn, PGRES_FATAL_ERROR);
    return sk_postgres_collect(db);
}

static PGresult *
describe(SkPostgresDb *db, const SkPostgresText *text)
{
    if (!PQsendDescribePrepared(db->conn, text->name))
        return PQmakeEmptyPGresult(db->conn, PGRES_FATAL_ERROR);
    return sk_postgres_collect(db);
}

/* Takes RESULT over. */
static bool
check(SkPostgresDb *db, PGresult *result, GError **error)
{
    bool ok = result != NULL && !sk_postgres_is_error(result);

    if (!ok)
        sk_postgres_fail(db, result, false, error);
    PQclear(result);
    return ok;
}

/* Whether the server took a bind for a smaller integer than ours; then it is to be told. */
static bool
note_binds(SkPostgresText *text, const PGresult *description)
{
    bool smaller = false;

    text->n_binds = PQnparams(description);
    g_assert(text->n_binds <= SK_POSTGRES_BINDS);
    for (int i = 0; i < text->n_binds; i++) {
        text->binds[i] = PQparamtype(description, i);
        if (text->binds[i] == SK_OID_INT4 || text->binds[i] == SK_OID_INT2) {
            text->binds[i] = SK_OID_INT8;
            smaller = true;
        }
    }
    return smaller;
}

static bool
is_simple(Oid type)
{
    static const Oid simple[] = {SK_OID_BOOL, SK_OID_BYTEA, SK_OID_INT8,   SK_OID_INT2,
                                 SK_OID_INT4, SK_OID_TEXT,  SK_OID_VARCHAR};

    for (size_t i = 0; i < G_N_ELEMENTS(simple); i++) {
        if (type == simple[i])
            return true;
    }
    return false;
}

/* Binary halves what a blob costs on the wire, and is worth its trouble only there. Other types
 * (a sum is NUMERIC) have a binary form nobody here reads. */
static void
note_columns(SkPostgresText *text, const PGresult *description)
{
    bool blobs = false, simple = true;

    for (int i = 0; i < PQnfields(description); i++) {
        blobs = blobs || PQftype(description, i) == SK_OID_BYTEA;
        simple = simple && is_simple(PQftype(description, i));
    }
    text->binary = blobs && simple;
}

static bool
find_types(SkPostgresDb *db, SkPostgresText *text, bool *ret_again, GError **error)
{
    PGresult *description = describe(db, text);

    if (description != NULL && !sk_postgres_is_error(description)) {
        *ret_again = note_binds(text, description);
        note_columns(text, description);
    }
    return check(db, description, error);
}

/* Binds whose types the server finds out, as it does at first, and only then. */
static bool
prepare_first(SkPostgresDb *db, SkPostgresText *text, GError **error)
{
    bool again = false, still = false;

    memset(text->binds, 0, sizeof text->binds);
    if (!check(db, send_text(db, text, 0), error) || !find_types(db, text, &again, error))
        return false;
    return !again || (check(db, send_text(db, text, text->n_binds), error) &&
                      find_types(db, text, &still, error));
}

bool
sk_postgres_text_prepare(SkPostgresDb *db, SkPostgresText *text, GError **error)
{
    bool ok;

    if (text->session == db->session)
        return true;
    if (text->n_binds < 0)
        ok = prepare_first(db, text, error);
    else
        ok = check(db, send_text(db, text, text->n_binds), error);
    if (ok)
        text->session = db->session;
    return ok;
}
