/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-postgres.h"

#include <string.h>

#include "base/limit.h"
#include "store/store-postgres-private.h"

#define GRACE_MS 5000

/* What is read may be relied on when it is written back, as on an engine with one writer at a
 * time: the server refuses the write if somebody else was there. */
static const char SQL_BEGIN[] = "BEGIN ISOLATION LEVEL REPEATABLE READ";
static const char SQL_COMMIT[] = "COMMIT";
static const char SQL_ROLLBACK[] = "ROLLBACK";
static const char SQL_NOW[] =
    "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

static void
close_db(SkDb *base)
{
    SkPostgresDb *db = (SkPostgresDb *)base;

    sk_postgres_drop(db);
    g_hash_table_unref(db->texts);
    sk_postgres_target_clear(&db->target);
    g_free(db);
}

static bool
begin(SkDb *base, GError **error)
{
    SkPostgresDb *db = (SkPostgresDb *)base;
    PGresult *result;
    bool ok;

    g_assert(!db->open);
    if (!sk_postgres_ready(db, error))
        return false;
    result = sk_postgres_command(db, SQL_BEGIN);
    ok = result != NULL && !sk_postgres_is_error(result);
    if (!ok)
        sk_postgres_fail(db, result, false, error);
    PQclear(result);
    db->open = ok;
    db->wrote = false;
    return ok;
}

static void
leave(SkPostgresDb *db)
{
    db->open = false;
    db->failed = false;
}

/* Without an answer the connection goes, and the transaction with it. */
static void
rollback(SkDb *base)
{
    SkPostgresDb *db = (SkPostgresDb *)base;
    bool open = db->open;

    leave(db);
    if (db->running != NULL)
        sk_postgres_end_rows(db);
    if (open && db->conn != NULL) {
        PGresult *result = sk_postgres_command(db, SQL_ROLLBACK);

        if (result != NULL && sk_postgres_is_error(result))
            sk_postgres_drop(db);
        PQclear(result);
    }
}

/* The server answers a commit of a transaction that has failed with the tag of a rollback. */
static bool
is_committed(PGresult *result)
{
    return !sk_postgres_is_error(result) && strcmp(PQcmdStatus(result), SQL_COMMIT) == 0;
}

static bool
commit(SkDb *base, GError **error)
{
    SkPostgresDb *db = (SkPostgresDb *)base;
    PGresult *result;
    bool ok;

    g_assert(db->open);
    if (!sk_postgres_ready(db, error)) {
        rollback(base);
        return false;
    }
    result = sk_postgres_command(db, SQL_COMMIT);
    ok = result != NULL && is_committed(result);
    if (!ok)
        sk_postgres_fail(db, result, db->wrote, error);
    PQclear(result);
    leave(db);
    return ok;
}

static bool
now_us(SkDb *base, int64_t *ret_now_us, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(base, SQL_NOW, error);
    bool row = false;
    int64_t now;

    if (stmt == NULL || !sk_stmt_next(stmt, &row, error))
        return false;
    now = sk_stmt_get_int(stmt, 0);
    if (!sk_stmt_run(stmt, error))
        return false;
    *ret_now_us = now;
    return true;
}

const SkDbEngine sk_postgres_engine = {
    .close = close_db,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = sk_postgres_prepare,
    .stmt_free = sk_postgres_stmt_free,
    .bind_int = sk_postgres_bind_int,
    .bind_text = sk_postgres_bind_text,
    .bind_blob = sk_postgres_bind_blob,
    .next = sk_postgres_next,
    .reset = sk_postgres_reset,
    .get_int = sk_postgres_get_int,
    .peek_text = sk_postgres_peek_text,
    .peek_blob = sk_postgres_peek_blob,
    .now_us = now_us,
};

SkDb *
sk_store_postgres_open(const SkPostgresOptions *options, GError **error)
{
    SkPostgresDb *db = g_new0(SkPostgresDb, 1);
    g_autoptr(SkDb) base = &db->db;

    db->db.engine = &sk_postgres_engine;
    db->texts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, sk_postgres_text_free);
    db->statement_ms =
        options->statement_ms != 0 ? options->statement_ms : SK_LIMIT_DB_STATEMENT_MS;
    db->grace_ms = options->grace_ms != 0 ? options->grace_ms : GRACE_MS;
    if (!sk_postgres_target_init(&db->target, options, error) || !sk_postgres_ready(db, error))
        return NULL;
    return g_steal_pointer(&base);
}
