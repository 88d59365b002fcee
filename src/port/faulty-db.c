/* SPDX-License-Identifier: Apache-2.0 */
#include "port/faulty-db.h"

#include "base/error.h"

typedef struct {
    SkDb db;
    SkDb *inner;
    SkFaults *faults;
    bool open; /* a transaction is */
} FaultyDb;

typedef struct {
    SkStmt stmt;
    SkStmt *inner;
    FaultyDb *db;
} FaultyStmt;

typedef enum {
    FAULT_BEFORE, /* nothing happened, TIMEOUT */
    FAULT_AFTER,  /* it happened, UNCERTAIN, where that can be */
    FAULT_AGAIN,  /* nothing happened, AGAIN */
    N_FAULTS,
    FAULT_NONE,
} Fault;

static Fault
draw(FaultyDb *db)
{
    SkFaults *faults = db->faults;

    faults->calls++;
    if (faults->every == 0 || faults->calls % faults->every != 0)
        return FAULT_NONE;
    return (Fault)(faults->failed++ % N_FAULTS);
}

static bool
fail(SkError code, GError **error)
{
    g_set_error(error, SK_ERROR, code, "failed on purpose%s",
                code == SK_ERROR_UNCERTAIN ? ", after the effect" : "");
    return false;
}

/* Of a call that had no effect. */
static bool
fail_before(Fault fault, GError **error)
{
    return fail(fault == FAULT_AGAIN ? SK_ERROR_AGAIN : SK_ERROR_TIMEOUT, error);
}

static void
close_db(SkDb *base)
{
    FaultyDb *db = (FaultyDb *)base;

    sk_db_close(db->inner);
    g_free(db);
}

static bool
begin(SkDb *base, GError **error)
{
    FaultyDb *db = (FaultyDb *)base;
    Fault fault = draw(db);

    if (fault != FAULT_NONE)
        return fail_before(fault, error);
    db->open = sk_db_begin(db->inner, error);
    return db->open;
}

static void
rollback(SkDb *base)
{
    FaultyDb *db = (FaultyDb *)base;

    db->open = false;
    sk_db_rollback(db->inner);
}

static bool
commit(SkDb *base, GError **error)
{
    FaultyDb *db = (FaultyDb *)base;
    Fault fault = draw(db);

    db->open = false;
    if (fault == FAULT_BEFORE || fault == FAULT_AGAIN) {
        sk_db_rollback(db->inner);
        return fail_before(fault, error);
    }
    if (!sk_db_commit(db->inner, error))
        return false;
    return fault == FAULT_NONE || fail(SK_ERROR_UNCERTAIN, error);
}

static const SkDbEngine engine;

static SkStmt *
prepare(SkDb *base, const char *sql, GError **error)
{
    FaultyDb *db = (FaultyDb *)base;
    Fault fault = draw(db);
    FaultyStmt *stmt;
    SkStmt *inner;

    if (fault != FAULT_NONE) {
        fail_before(fault, error);
        return NULL;
    }
    inner = sk_db_prepare(db->inner, sql, error);
    if (inner == NULL)
        return NULL;
    stmt = g_new0(FaultyStmt, 1);
    *stmt = (FaultyStmt){{&engine, NULL}, inner, db};
    return &stmt->stmt;
}

static void
stmt_free(SkStmt *base)
{
    sk_stmt_free(((FaultyStmt *)base)->inner);
    g_free(base);
}

static void
bind_int(SkStmt *base, int at, int64_t value)
{
    sk_stmt_bind_int(((FaultyStmt *)base)->inner, at, value);
}

static void
bind_text(SkStmt *base, int at, const char *value)
{
    sk_stmt_bind_text(((FaultyStmt *)base)->inner, at, value);
}

static void
bind_blob(SkStmt *base, int at, SkBytes value)
{
    sk_stmt_bind_blob(((FaultyStmt *)base)->inner, at, value);
}

/* Inside a transaction the caller rolls back, so that there it makes no difference whether the
 * step had its effect. */
static bool
next(SkStmt *base, bool *ret_row, GError **error)
{
    FaultyStmt *stmt = (FaultyStmt *)base;
    Fault fault = draw(stmt->db);
    bool row;

    if (fault != FAULT_NONE && (fault != FAULT_AFTER || stmt->db->open)) {
        sk_stmt_reset(stmt->inner);
        return fail_before(fault, error);
    }
    if (!sk_stmt_next(stmt->inner, &row, error))
        return false;
    if (fault == FAULT_AFTER) {
        sk_stmt_reset(stmt->inner);
        return fail(SK_ERROR_UNCERTAIN, error);
    }
    *ret_row = row;
    return true;
}

static void
reset(SkStmt *base)
{
    sk_stmt_reset(((FaultyStmt *)base)->inner);
}

static int64_t
get_int(SkStmt *base, int column)
{
    return sk_stmt_get_int(((FaultyStmt *)base)->inner, column);
}

static const char *
peek_text(SkStmt *base, int column)
{
    return sk_stmt_peek_text(((FaultyStmt *)base)->inner, column);
}

static SkBytes
peek_blob(SkStmt *base, int column)
{
    return sk_stmt_peek_blob(((FaultyStmt *)base)->inner, column);
}

static bool
now_us(SkDb *base, int64_t *ret_now_us, GError **error)
{
    return sk_db_now_us(((FaultyDb *)base)->inner, ret_now_us, error);
}

static const SkDbEngine engine = {
    .close = close_db,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .prepare = prepare,
    .stmt_free = stmt_free,
    .bind_int = bind_int,
    .bind_text = bind_text,
    .bind_blob = bind_blob,
    .next = next,
    .reset = reset,
    .get_int = get_int,
    .peek_text = peek_text,
    .peek_blob = peek_blob,
    .now_us = now_us,
};

SkDb *
sk_faulty_db_new(SkDb *inner, SkFaults *faults)
{
    FaultyDb *db = g_new0(FaultyDb, 1);

    *db = (FaultyDb){{&engine, NULL}, inner, faults, false};
    return &db->db;
}
