/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-postgres-private - what the units of the PostgreSQL engine share
 *
 * store-postgres: transactions. -connect: from a URL to a connection. -wire: answers, in time.
 * -error: what they mean. -text: prepared statements. -stmt: binds, rows, values.
 */

#include <libpq-fe.h>

#include "base/error.h"
#include "store/store-postgres.h"

#define SK_POSTGRES_BINDS 32

/* Types by the numbers the server has for them. */
enum {
    SK_OID_BOOL = 16,
    SK_OID_BYTEA = 17,
    SK_OID_INT8 = 20,
    SK_OID_INT2 = 21,
    SK_OID_INT4 = 23,
    SK_OID_TEXT = 25,
    SK_OID_VARCHAR = 1043,
};

/* Where to connect, for as often as it takes. */
typedef struct {
    char *url, *user, *program, *options, *password_dir, *place;
    int connect_ms; /* each host in the URL */
    bool owner;
} SkPostgresTarget;

/* A SQL text, prepared once a connection, however many SkStmt use it. */
typedef struct {
    char *sql;
    char *name;       /* on the server */
    bool reads;       /* nothing happens by it */
    unsigned session; /* the connection that knows it; 0: none */
    bool binary;      /* how its columns are to come */
    int n_binds;      /* -1: not known yet */
    Oid binds[SK_POSTGRES_BINDS];
} SkPostgresText;

typedef struct {
    SkDb db; /* its engine is sk_postgres_engine */
    SkPostgresTarget target;
    PGconn *conn;     /* NULL: lost */
    unsigned session; /* counts connections */
    unsigned names;   /* given to prepared statements */
    int statement_ms, grace_ms;
    GHashTable *texts; /* by SQL */
    bool farewell;     /* the server has said that it stops */
    SkStmt *running;   /* whose rows the server is still sending */
    bool open;         /* a transaction is */
    bool wrote;        /* something in it */
    bool failed;       /* it can only be rolled back, */
    SkError failure;   /* because of this */
} SkPostgresDb;

extern const SkDbEngine sk_postgres_engine;

/* -connect */
bool sk_postgres_target_init(SkPostgresTarget *target,
                             const SkPostgresOptions *options,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_postgres_target_clear(SkPostgresTarget *target);
PGconn *sk_postgres_connect(const SkPostgresTarget *target,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* -wire. What was sent is answered, or the connection is dropped. */

/* A connection for the next statement: a new one if it was lost, unless a transaction was lost
 * with it, which is an error then. */
bool sk_postgres_ready(SkPostgresDb *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_postgres_drop(SkPostgresDb *db);
/* The next result, NULL after the last one. False: none in time, the connection is dropped. A
 * connection that broke is a result, too. */
bool sk_postgres_next_result(SkPostgresDb *db, PGresult **ret_result);
/* All results; the first one that is an error, otherwise the first one. NULL: none in time, the
 * connection is dropped. */
PGresult *sk_postgres_collect(SkPostgresDb *db);
/* Ends what the server is still sending. */
void sk_postgres_end_rows(SkPostgresDb *db);
/* A command without binds and rows: sends it and collects. */
PGresult *sk_postgres_command(SkPostgresDb *db, const char *sql);

/* -error */
bool sk_postgres_is_error(const PGresult *result);
/* Whether the server has forgotten the statement, or knows it for other columns. */
bool sk_postgres_is_stale(const PGresult *result);
/* What SQLSTATE means to a caller; NULL: the connection broke. COMMITS: it may have happened.
 */
SkError sk_postgres_code_of(const char *sqlstate, bool commits);
/* Says what RESULT says (NULL: no answer in time) about what was asked last; drops a connection
 * that broke, notes that a transaction failed. Always false. */
bool sk_postgres_fail(SkPostgresDb *db, const PGresult *result, bool commits, GError **error);
/* The five signs of a failed connect, out of its verbose message; NULL: the server said
 * nothing. Caller owns. */
char *sk_postgres_sqlstate_dup(const char *message);

/* -text */
SkPostgresText *sk_postgres_text_get(SkPostgresDb *db, const char *sql);
void sk_postgres_text_free(void *text);
/* Sees to it that this connection knows it. */
bool sk_postgres_text_prepare(SkPostgresDb *db,
                              SkPostgresText *text,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* -stmt: the engine's functions of statements */
SkStmt *sk_postgres_prepare(SkDb *db, const char *sql, GError **error);
void sk_postgres_stmt_free(SkStmt *stmt);
void sk_postgres_bind_int(SkStmt *stmt, int at, int64_t value);
void sk_postgres_bind_text(SkStmt *stmt, int at, const char *value);
void sk_postgres_bind_blob(SkStmt *stmt, int at, SkBytes value);
bool sk_postgres_next(SkStmt *stmt, bool *ret_row, GError **error);
void sk_postgres_reset(SkStmt *stmt);
int64_t sk_postgres_get_int(SkStmt *stmt, int column);
const char *sk_postgres_peek_text(SkStmt *stmt, int column);
SkBytes sk_postgres_peek_blob(SkStmt *stmt, int column);
