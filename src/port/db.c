/* SPDX-License-Identifier: Apache-2.0 */
#include "port/db.h"

#include "base/error.h"
#include "base/limit.h"
#include "base/random.h"

void
sk_db_close(SkDb *db)
{
    if (db != NULL)
        db->engine->close(db);
}

bool
sk_db_begin(SkDb *db, GError **error)
{
    g_assert(db->reading == NULL && !db->open);
    db->open = db->engine->begin(db, error);
    return db->open;
}

bool
sk_db_commit(SkDb *db, GError **error)
{
    g_assert(db->reading == NULL);
    db->open = false;
    return db->engine->commit(db, error);
}

void
sk_db_rollback(SkDb *db)
{
    db->engine->rollback(db);
    db->reading = NULL;
    db->open = false;
}

/* Two that ran into each other must not do so again: 1 to 2 ms, doubled each time. */
static void
pause_before(unsigned attempt)
{
    uint16_t some = 0;

    sk_random_fill(&some, sizeof some);
    g_usleep((1000UL + some % 1000) << MIN(attempt, 6));
}

static bool
transact_once(SkDb *db, SkDbWork work, void *data, GError **error)
{
    if (!sk_db_begin(db, error))
        return false;
    if (work(db, data, error))
        return sk_db_commit(db, error);
    sk_db_rollback(db);
    return false;
}

bool
sk_db_transact(SkDb *db, SkDbWork work, void *data, GError **error)
{
    for (unsigned attempt = 0;; attempt++) {
        g_autoptr(GError) trouble = NULL;

        if (transact_once(db, work, data, &trouble))
            return true;
        if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_AGAIN) ||
            attempt + 1 >= SK_LIMIT_DB_TRIES) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        pause_before(attempt);
    }
}

bool
sk_db_join(SkDb *db, SkDbWork work, void *data, GError **error)
{
    return db->open ? work(db, data, error) : sk_db_transact(db, work, data, error);
}

bool
sk_db_now_us(SkDb *db, int64_t *ret_now_us, GError **error)
{
    return db->engine->now_us(db, ret_now_us, error);
}

SkStmt *
sk_db_prepare(SkDb *db, const char *sql, GError **error)
{
    SkStmt *stmt = db->engine->prepare(db, sql, error);

    if (stmt != NULL)
        stmt->db = db;
    return stmt;
}

bool
sk_db_run(SkDb *db, const char *sql, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);

    return stmt != NULL && sk_stmt_run(stmt, error);
}

static void
end_reading(SkStmt *stmt)
{
    if (stmt->db->reading == stmt)
        stmt->db->reading = NULL;
}

void
sk_stmt_free(SkStmt *stmt)
{
    if (stmt == NULL)
        return;
    end_reading(stmt);
    stmt->engine->stmt_free(stmt);
}

void
sk_stmt_bind_int(SkStmt *stmt, int at, int64_t value)
{
    stmt->engine->bind_int(stmt, at, value);
}

void
sk_stmt_bind_text(SkStmt *stmt, int at, const char *value)
{
    stmt->engine->bind_text(stmt, at, value);
}

void
sk_stmt_bind_blob(SkStmt *stmt, int at, SkBytes value)
{
    stmt->engine->bind_blob(stmt, at, value);
}

bool
sk_stmt_next(SkStmt *stmt, bool *ret_row, GError **error)
{
    bool ok;

    g_assert(stmt->db->reading == NULL || stmt->db->reading == stmt);
    ok = stmt->engine->next(stmt, ret_row, error);
    stmt->db->reading = ok && *ret_row ? stmt : NULL;
    return ok;
}

bool
sk_stmt_run(SkStmt *stmt, GError **error)
{
    bool row = true;

    while (row) {
        if (!sk_stmt_next(stmt, &row, error))
            return false;
    }
    return true;
}

void
sk_stmt_reset(SkStmt *stmt)
{
    end_reading(stmt);
    stmt->engine->reset(stmt);
}

int64_t
sk_stmt_get_int(SkStmt *stmt, int column)
{
    return stmt->engine->get_int(stmt, column);
}

const char *
sk_stmt_peek_text(SkStmt *stmt, int column)
{
    return stmt->engine->peek_text(stmt, column);
}

SkBytes
sk_stmt_peek_blob(SkStmt *stmt, int column)
{
    return stmt->engine->peek_blob(stmt, column);
}
