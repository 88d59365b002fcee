/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * db - a relational database, as far as we need one
 *
 * One SQL text serves every engine: binds are written $1, $2 …, times are int64 (UTC seconds or
 * microseconds, as the column says), ids text, digests blob; ON CONFLICT and RETURNING may be
 * used, triggers, procedures and session state may not. " FOR UPDATE SKIP LOCKED" may end a
 * subquery: an engine with one writer at a time leaves it out. Types are TEXT, BIGINT, BYTEA.
 *
 * A connection belongs to one thread, and reads the rows of one statement at a time: between a
 * row and the end of its rows (or sk_stmt_reset()) no other statement may run on it.
 *
 * A transaction sees the database as it was at its first statement; AGAIN, when somebody else
 * has changed a row in the meantime that it changes or locks, so that what was read may be
 * relied on when the same row is written. After a failure in a transaction only a rollback is
 * left. A statement that only reads, outside of one, may have given rows before it fails; what
 * writes has been committed when it gives its first row.
 *
 * A server that went away is connected to again by the next begin or statement outside a
 * transaction, and statements prepared before serve on.
 *
 * Errors: CONFLICT (a constraint, a value the engine cannot hold, such as a text that is not
 * UTF-8, or somebody else was first), AGAIN (two transactions in each
 * other's way, or a connection that was lost before the commit: nothing happened), TIMEOUT
 * (locked too long, or no server just now), UNCERTAIN (a commit that may or may not have
 * happened), DENIED (rights), CONFIG (a URL or password that is refused), IO, LIMIT (disk
 * full). Security: SQL is a constant of the caller's X-store.c, never assembled; foreign values
 * only by bind.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct SkDb SkDb;
typedef struct SkStmt SkStmt;

typedef struct {
    void (*close)(SkDb *db);
    bool (*begin)(SkDb *db, GError **error);
    bool (*commit)(SkDb *db, GError **error);
    void (*rollback)(SkDb *db);
    SkStmt *(*prepare)(SkDb *db, const char *sql, GError **error);
    void (*stmt_free)(SkStmt *stmt);
    void (*bind_int)(SkStmt *stmt, int at, int64_t value);
    void (*bind_text)(SkStmt *stmt, int at, const char *value);
    void (*bind_blob)(SkStmt *stmt, int at, SkBytes value);
    bool (*next)(SkStmt *stmt, bool *ret_row, GError **error);
    void (*reset)(SkStmt *stmt);
    int64_t (*get_int)(SkStmt *stmt, int column);
    const char *(*peek_text)(SkStmt *stmt, int column);
    SkBytes (*peek_blob)(SkStmt *stmt, int column);
    bool (*now_us)(SkDb *db, int64_t *ret_now_us, GError **error);
} SkDbEngine;

/* An engine's own structs begin with these; it sets `engine`. */
struct SkDb {
    const SkDbEngine *engine;
    const SkStmt *reading; /* whose rows are being read */
    bool open;             /* a transaction is */
};
struct SkStmt {
    const SkDbEngine *engine;
    SkDb *db;
};

void sk_db_close(SkDb *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkDb, sk_db_close)

bool sk_db_begin(SkDb *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The transaction is over either way; a failed commit left nothing behind unless the code is
 * UNCERTAIN. */
bool sk_db_commit(SkDb *db, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Without effect when no transaction is open. */
void sk_db_rollback(SkDb *db);

/* What a transaction is to do; false: nothing of it is to stay. It may be called several times
 * and must begin afresh each time. */
typedef bool (*SkDbWork)(SkDb *db, void *data, GError **error);
/* begin, WORK, commit; all again, after a short random pause, when that failed with AGAIN.
 * Limits: SK_LIMIT_DB_TRIES. */
bool sk_db_transact(SkDb *db, SkDbWork work, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The same as part of the caller's transaction if one is open: then AGAIN is the caller's. */
bool sk_db_join(SkDb *db, SkDbWork work, void *data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What time it is for every program that uses this database, whatever their hosts believe: the
 * server's, or, where there is none, this machine's. For due times and leases. */
bool sk_db_now_us(SkDb *db, int64_t *ret_now_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One statement, which must live as long as what is returned. Caller owns that and frees it
 * before the database is closed. */
SkStmt *sk_db_prepare(SkDb *db, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Prepares, runs to the end, frees: for statements without binds and rows. */
bool sk_db_run(SkDb *db, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void sk_stmt_free(SkStmt *stmt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkStmt, sk_stmt_free)

/* AT counts from 1. Texts and blobs are copied; a NULL text binds NULL. */
void sk_stmt_bind_int(SkStmt *stmt, int at, int64_t value);
void sk_stmt_bind_text(SkStmt *stmt, int at, const char *value);
void sk_stmt_bind_blob(SkStmt *stmt, int at, SkBytes value);
/* The next row, if any. After the last one, or a failure, the statement is reset. Outside a
 * transaction each statement is one of its own, and UNCERTAIN may come of it. */
bool sk_stmt_next(SkStmt *stmt, bool *ret_row, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Runs to the end, whatever rows there are, and resets for the next binds. */
bool sk_stmt_run(SkStmt *stmt, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the rows and forgets the binds: what is not bound again is NULL. */
void sk_stmt_reset(SkStmt *stmt);
/* COLUMN counts from 0. Borrowed until the next call on the statement; NULL for NULL. */
int64_t sk_stmt_get_int(SkStmt *stmt, int column);
const char *sk_stmt_peek_text(SkStmt *stmt, int column);
SkBytes sk_stmt_peek_blob(SkStmt *stmt, int column);
