/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-postgres - port/db.h over one schema of a PostgreSQL server
 *
 * A statement outside a transaction is one round trip, and its rows are given only when the
 * server has acknowledged it, unless it only reads: then the rows come as they are read. A
 * transaction sees the database as it was at its first statement, and fails with AGAIN when a
 * row it changes was changed since (REPEATABLE READ): what was read may be relied on when it is
 * written back. After a statement of a transaction failed, only a rollback is left.
 *
 * No session state but start-up options and prepared statements is used, no server-side code,
 * no advisory locks, so that it serves with distributed databases that speak the protocol.
 *
 * Limits: SK_LIMIT_DB_STATEMENT_MS a statement, of which the server is told, the time that a
 * reader of rows takes included; when it says nothing for 5 s longer, the connection is given
 * up. SK_LIMIT_DB_WAIT_MS for a lock. 32 binds
 * a statement, 1 GiB less a little a value.
 * Errors: those of port/db.h. DENIED on connecting names the file the password is from. A
 * value the server cannot hold (a text that is not UTF-8, a number out of range) is a CONFLICT:
 * it will be one for ever.
 * Security: a password comes from a file of its own and is refused in the URL. Whether the
 * connection is encrypted, and against which roots the server is checked, says the URL
 * (sslmode=verify-full&sslrootcert=…).
 */

#include "port/db.h"

typedef struct {
    const char *url;  /* postgresql://[user@]host[:port]/database[?parameters] */
    const char *user; /* if the URL names none; NULL: who runs this program */
    const char *program;
    const char *schema;
    const char *password_dir; /* a file for each role; NULL: no password is sent */
    bool owner; /* makes tables: a role without a file sends no password, advice is other */
    bool read_only;
    int statement_ms, wait_ms; /* 0: the limits above */
    int connect_ms,
        grace_ms; /* how long connecting takes, and the server may be late; 0: 5 s */
} SkPostgresOptions;

/* Whether URL can be connected to as far as can be told without doing it; CONFIG if not. */
bool sk_store_postgres_check_url(const char *url, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Connects. OPTIONS are copied. */
SkDb *sk_store_postgres_open(const SkPostgresOptions *options,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
