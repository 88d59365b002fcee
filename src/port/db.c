/* SPDX-License-Identifier: Apache-2.0 */
#include "port/db.h"

void
sk_db_close(SkDb *db)
{
    if (db != NULL)
        db->engine->close(db);
}

bool
sk_db_begin(SkDb *db, GError **error)
{
    return db->engine->begin(db, error);
}

bool
sk_db_commit(SkDb *db, GError **error)
{
    return db->engine->commit(db, error);
}

void
sk_db_rollback(SkDb *db)
{
    db->engine->rollback(db);
}

SkStmt *
sk_db_prepare(SkDb *db, const char *sql, GError **error)
{
    return db->engine->prepare(db, sql, error);
}

bool
sk_db_run(SkDb *db, const char *sql, GError **error)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, error);

    return stmt != NULL && sk_stmt_run(stmt, error);
}

void
sk_stmt_free(SkStmt *stmt)
{
    if (stmt != NULL)
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
    return stmt->engine->next(stmt, ret_row, error);
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
