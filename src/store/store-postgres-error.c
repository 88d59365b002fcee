/* SPDX-License-Identifier: Apache-2.0 */

/* What the server says, as a caller needs it. */

#include <string.h>

#include "store/store-postgres-private.h"

#define MIGRATE "run `sekisho store migrate` as the owner of the database"

/* The first entry that begins like the SQLSTATE counts. A shorter one stands for its class. */
static const struct {
    const char *state;
    SkError code;
    const char *advice; /* to programs, not to the owner; or NULL */
} states[] = {
    {"23", SK_ERROR_CONFLICT, NULL},
    {"22", SK_ERROR_CONFLICT, NULL}, /* data that no server will ever take */
    {"40003", SK_ERROR_UNCERTAIN, NULL},
    {"40", SK_ERROR_AGAIN, NULL},
    {"42P07", SK_ERROR_CONFLICT, NULL}, /* somebody else has just made it */
    {"42P06", SK_ERROR_CONFLICT, NULL},
    {"42701", SK_ERROR_CONFLICT, NULL},
    {"42710", SK_ERROR_CONFLICT, NULL},
    {"42P01", SK_ERROR_IO, MIGRATE},
    {"42703", SK_ERROR_IO, MIGRATE},
    {"3F000", SK_ERROR_IO, MIGRATE},
    {"42501", SK_ERROR_DENIED,
     "if its role should have this right, run `sekisho store migrate` as the owner of the "
     "database"},
    {"25006", SK_ERROR_DENIED, NULL},
    {"28", SK_ERROR_DENIED, NULL},
    {"55P03", SK_ERROR_TIMEOUT, NULL},
    {"57014", SK_ERROR_TIMEOUT, NULL},
    {"53300", SK_ERROR_TIMEOUT, NULL},
    {"53", SK_ERROR_LIMIT, "give the server room"},
    {"54", SK_ERROR_LIMIT, NULL},
    {"3D000", SK_ERROR_NOT_FOUND, NULL},
};

/* The server went away, or is about to. */
static bool
is_loss(const char *state)
{
    return state == NULL || g_str_has_prefix(state, "08") || g_str_has_prefix(state, "57P");
}

static int
find_state(const char *state)
{
    for (size_t i = 0; i < G_N_ELEMENTS(states); i++) {
        if (g_str_has_prefix(state, states[i].state))
            return (int)i;
    }
    return -1;
}

SkError
sk_postgres_code_of(const char *sqlstate, bool commits)
{
    int i;

    if (is_loss(sqlstate))
        return commits ? SK_ERROR_UNCERTAIN : SK_ERROR_AGAIN;
    i = find_state(sqlstate);
    return i >= 0 ? states[i].code : SK_ERROR_IO;
}

bool
sk_postgres_is_error(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
           status != PGRES_SINGLE_TUPLE && status != PGRES_EMPTY_QUERY;
}

bool
sk_postgres_is_stale(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *where = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    /* "Not supported" is said of many things; the place tells them apart, in any language. */
    return g_strcmp0(state, "26000") == 0 ||
           (g_strcmp0(state, "0A000") == 0 && g_strcmp0(where, "RevalidateCachedQuery") == 0);
}

/* In the words of the server, or of libpq; one line. */
static char *
words_of(const SkPostgresDb *db, const PGresult *result)
{
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (words == NULL || *words == '\0')
        words = PQresultErrorMessage(result);
    if (*words == '\0')
        words = PQerrorMessage(db->conn);
    return g_strndup(words, strcspn(words, "\n"));
}

static void
say_lost(const SkPostgresDb *db, SkError code, const char *words, GError **error)
{
    g_set_error(
        error, SK_ERROR, code, "database %s: the connection was lost%s: %s", db->target.place,
        code == SK_ERROR_UNCERTAIN ? " while it was writing, which it may have done or not"
                                   : ", nothing was changed",
        words);
}

static void
say_silent(const SkPostgresDb *db, SkError code, GError **error)
{
    g_set_error(
        error, SK_ERROR, code,
        "database %s has not answered for %d ms%s; see whether the server is overloaded "
        "or frozen",
        db->target.place, db->statement_ms + db->grace_ms,
        code == SK_ERROR_UNCERTAIN ? ", what was being written may be there or not" : "");
}

static void
say_refused(const SkPostgresDb *db, const PGresult *result, const char *words, GError **error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    int i = find_state(state);
    const char *advice = i >= 0 && !db->target.owner ? states[i].advice : NULL;
    SkError code =
        sk_postgres_is_stale(result) ? SK_ERROR_AGAIN : sk_postgres_code_of(state, false);

    g_set_error(error, SK_ERROR, code, "database %s, role %s: %s%s%s", db->target.place,
                db->target.user, words, advice != NULL ? "; " : "",
                advice != NULL ? advice : "");
}

bool
sk_postgres_fail(SkPostgresDb *db, const PGresult *result, bool commits, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool lost = db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK || is_loss(state);

    if (result == NULL) {
        say_silent(db, commits ? SK_ERROR_UNCERTAIN : SK_ERROR_TIMEOUT, &trouble);
    } else {
        g_autofree char *words = words_of(db, result);

        if (lost)
            say_lost(db, sk_postgres_code_of(NULL, commits), words, &trouble);
        else
            say_refused(db, result, words, &trouble);
    }
    if (lost)
        sk_postgres_drop(db);
    if (db->open) {
        db->failed = true;
        db->failure = trouble->code;
    }
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

char *
sk_postgres_sqlstate_dup(const char *message)
{
    /* "failed: FATAL:  28000: role …": a code has a digit, which "FATAL" has not. */
    g_autoptr(GRegex) regex = g_regex_new(":  ?((?=[A-Z]*[0-9])[0-9A-Z]{5}): ", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    return g_regex_match(regex, message, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}
