/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "hold/hold-store-private.h"
#include "hold/hold-store.h"
#include "hold/hold-text.h"

/* Whoever lets his lease end has failed, though he could not say so. What is claimed was due,
 * so no time is open any more. Nor can what may have left be stopped: what was being released
 * by somebody else stays so, whatever becomes of this try.
 *
 * Written once and for all before it is used: an engine that repeated the subquery while it
 * skips what is locked, its own rows included, would claim more than asked for. */
static const char SQL_CLAIM[] =
    "WITH due AS MATERIALIZED (SELECT message AS m, nr AS n FROM held_copy"
    " WHERE claim_us <= $1 AND claim_us < " SQL_NEVER
    " ORDER BY claim_us LIMIT $2 FOR UPDATE SKIP LOCKED)"
    " UPDATE held_copy SET claim = claim + 1, claim_us = $3, holder = $4,"
    " tries = tries + CASE WHEN holder IS NULL THEN 0 ELSE 1 END,"
    " gone = CASE WHEN state = 'releasing' THEN 1 ELSE gone END, state = 'releasing', open = 0"
    " WHERE (message, nr) IN (SELECT m, n FROM due) RETURNING " COPY_COLUMNS;

static const char SQL_NEXT_DUE[] =
    "SELECT claim_us FROM held_copy WHERE claim_us < " SQL_NEVER " ORDER BY claim_us LIMIT 1";

static const char SQL_CHECK[] =
    "SELECT " COPY_COLUMNS " FROM held_copy WHERE message = $1 AND nr = $2"
    " AND state = 'releasing' AND claim = $3 AND claim_us > $4";

/* What follows changes a claimed copy, if its claim is still the last one: $1 and $2 the copy,
 * $3 claim. That the lease may have ended does not matter as long as nobody else has claimed:
 * what was done is known, and to forget it would be to do it again. Who gives a copy back ends
 * the claim by counting on. */
static const char SQL_RENEW[] =
    "UPDATE held_copy SET claim_us = $4"
    " WHERE message = $1 AND nr = $2 AND claim = $3 AND state = 'releasing' RETURNING message";

static const char SQL_FINISH[] =
    "UPDATE held_copy SET claim = claim + 1, claim_us = " SQL_NEVER ", holder = NULL,"
    " state = $4, ended_us = $5, ended_by = $6, why = $7"
    " WHERE message = $1 AND nr = $2 AND claim = $3 AND state = 'releasing' RETURNING message";

static const char SQL_RETRY[] =
    "UPDATE held_copy SET claim = claim + 1, claim_us = $4, holder = NULL,"
    " gone = CASE WHEN $7 <> 0 THEN 1 ELSE gone END,"
    " state = CASE WHEN $7 <> 0 OR gone <> 0 THEN 'releasing' ELSE 'waiting' END,"
    " tries = tries + 1, trouble = $5, recipients = coalesce($6, recipients)"
    " WHERE message = $1 AND nr = $2 AND claim = $3 AND state = 'releasing' RETURNING message";

static const char SQL_GIVE_BACK[] =
    "UPDATE held_copy SET claim = claim + 1, claim_us = due_us, holder = NULL,"
    " state = CASE WHEN gone <> 0 THEN 'releasing' ELSE 'waiting' END"
    " WHERE message = $1 AND nr = $2 AND claim = $3 AND state = 'releasing' RETURNING message";

/* $8: of the waits those that people answer. */
static const char SQL_AGAIN[] =
    "UPDATE held_copy SET claim = claim + 1, holder = NULL, state = 'waiting', tries = 0,"
    " trouble = NULL, waits = waits | $4, open = $4, review = $5, expires_us = $6,"
    " due_us = $7, claim_us = CASE WHEN $8 <> 0 THEN " SQL_NEVER " ELSE $7 END,"
    " recipients = coalesce($9, recipients)"
    " WHERE message = $1 AND nr = $2 AND claim = $3 AND state = 'releasing' RETURNING message";

typedef struct {
    const char *holder;
    int64_t lease_us;
    unsigned n;
    GPtrArray *copies;
} Claiming;

static bool
claim_some(SkDb *keep, void *data, GError **error)
{
    Claiming *claiming = data;
    g_autoptr(SkStmt) claim = sk_db_prepare(keep, SQL_CLAIM, error);
    int64_t now = 0;

    g_ptr_array_set_size(claiming->copies, 0);
    if (claim == NULL || !sk_db_now_us(keep, &now, error))
        return false;
    sk_stmt_bind_int(claim, 1, now);
    sk_stmt_bind_int(claim, 2, claiming->n);
    sk_stmt_bind_int(claim, 3, now + claiming->lease_us);
    sk_hold_bind_words(claim, 4, claiming->holder);
    return sk_hold_copies_of_rows(claim, claiming->copies, error);
}

static int
compare_due(const void *a, const void *b)
{
    const SkHeldCopy *first = *(SkHeldCopy *const *)a, *second = *(SkHeldCopy *const *)b;

    return first->due_us < second->due_us ? -1 : first->due_us > second->due_us;
}

bool
sk_hold_claim(SkDb *keep,
              const char *holder,
              int64_t lease_us,
              unsigned n,
              GPtrArray **ret_copies,
              GError **error)
{
    g_autoptr(GPtrArray) copies = sk_hold_copies_new();
    Claiming claiming = {holder, lease_us, n, copies};

    if (!sk_db_transact(keep, claim_some, &claiming, error))
        return false;
    /* No engine promises an order of the rows that it changed. */
    g_ptr_array_sort(copies, compare_due);
    *ret_copies = g_steal_pointer(&copies);
    return true;
}

bool
sk_hold_next_due(SkDb *keep, int64_t *ret_due_us, GError **error)
{
    g_autoptr(SkStmt) next = sk_db_prepare(keep, SQL_NEXT_DUE, error);
    bool row;

    if (next == NULL || !sk_stmt_next(next, &row, error))
        return false;
    *ret_due_us = row ? sk_stmt_get_int(next, 0) : SK_HOLD_NEVER;
    return true;
}

bool
sk_hold_check(SkDb *keep, const char *id, int64_t claim, SkHeldCopy **ret_copy, GError **error)
{
    g_autoptr(SkStmt) check = NULL;
    g_auto(SkHoldId) key = {0};
    int64_t now = 0;
    bool row;

    *ret_copy = NULL;
    if (!sk_hold_id_read(id, &key))
        return true;
    if (!sk_db_now_us(keep, &now, error))
        return false;
    check = sk_db_prepare(keep, SQL_CHECK, error);
    if (check == NULL)
        return false;
    sk_hold_id_bind(check, &key);
    sk_stmt_bind_int(check, 3, claim);
    sk_stmt_bind_int(check, 4, now);
    if (!sk_stmt_next(check, &row, error))
        return false;
    *ret_copy = row ? sk_hold_copy_of_row(check) : NULL;
    return true;
}

/* One change of a claimed copy, and the event that tells of it. */
typedef struct {
    const SkHeldCopy *copy;
    const char *sql;
    /* Binds from $4 on; NOW_US is that of the transaction. */
    void (*bind)(SkStmt *change, int64_t now_us, const void *data);
    const void *data;
    SkHoldEvent event; /* without `what`: none */
    int64_t now_us;
} Change;

static bool
run_change(SkStmt *stmt, const SkHeldCopy *copy, GError **error)
{
    bool row;

    if (!sk_stmt_next(stmt, &row, error))
        return false;
    if (row)
        return sk_stmt_run(stmt, error);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "the lease of copy %s is lost", copy->id);
    return false;
}

static bool
change_claimed(SkDb *keep, void *data, GError **error)
{
    Change *change = data;
    g_autoptr(SkStmt) stmt = NULL;
    g_auto(SkHoldId) id = {0};
    bool ours = sk_hold_id_read(change->copy->id, &id);

    g_assert(ours);
    if (!sk_db_now_us(keep, &change->now_us, error))
        return false;
    stmt = sk_db_prepare(keep, change->sql, error);
    if (stmt == NULL)
        return false;
    sk_hold_id_bind(stmt, &id);
    sk_stmt_bind_int(stmt, 3, change->copy->claim);
    change->bind(stmt, change->now_us, change->data);
    if (!run_change(stmt, change->copy, error))
        return false;
    change->event.at_us = change->now_us;
    change->event.copy = change->copy->id;
    return change->event.what == NULL ||
           sk_hold_event_add(keep, change->copy->message, &change->event, error);
}

static void
bind_renewal(SkStmt *stmt, int64_t now_us, const void *lease_us)
{
    sk_stmt_bind_int(stmt, 4, now_us + *(const int64_t *)lease_us);
}

bool
sk_hold_renew(SkDb *keep, SkHeldCopy *copy, int64_t lease_us, GError **error)
{
    Change change = {.copy = copy, .sql = SQL_RENEW, .bind = bind_renewal, .data = &lease_us};

    if (!sk_db_join(keep, change_claimed, &change, error))
        return false;
    copy->lease_until_us = change.now_us + lease_us;
    return true;
}

typedef struct {
    SkCopyState end;
    const char *by, *why;
} End;

static void
bind_end(SkStmt *stmt, int64_t now_us, const void *data)
{
    const End *end = data;

    sk_stmt_bind_text(stmt, 4, sk_copy_state_name(end->end));
    sk_stmt_bind_int(stmt, 5, now_us);
    sk_hold_bind_words(stmt, 6, end->by);
    sk_hold_bind_words(stmt, 7, end->why);
}

bool
sk_hold_finish(SkDb *keep,
               const SkHeldCopy *copy,
               SkCopyState state,
               const char *by,
               const char *why,
               GError **error)
{
    const End end = {state, by, why};
    Change change = {.copy = copy,
                     .sql = SQL_FINISH,
                     .bind = bind_end,
                     .data = &end,
                     .event = {.what = sk_copy_state_name(state), .who = by, .text = why}};

    g_assert(state == SK_COPY_SENT || state == SK_COPY_RETURNED || state == SK_COPY_EXPIRED);
    return sk_db_join(keep, change_claimed, &change, error);
}

typedef struct {
    int64_t retry_us;
    const char *trouble;
    const char *left; /* NULL: as before */
    bool gone;        /* it may have left */
} Retry;

static void
bind_retry(SkStmt *stmt, int64_t now_us, const void *data)
{
    const Retry *retry = data;

    (void)now_us;
    sk_stmt_bind_int(stmt, 4, retry->retry_us);
    sk_hold_bind_words(stmt, 5, retry->trouble);
    sk_stmt_bind_text(stmt, 6, retry->left);
    sk_stmt_bind_int(stmt, 7, retry->gone);
}

static bool
try_later(SkDb *keep, const SkHeldCopy *copy, const Retry *retry, GError **error)
{
    Change change = {.copy = copy,
                     .sql = SQL_RETRY,
                     .bind = bind_retry,
                     .data = retry,
                     .event = {.what = "tried", .text = retry->trouble}};

    return sk_db_join(keep, change_claimed, &change, error);
}

bool
sk_hold_retry(SkDb *keep,
              const SkHeldCopy *copy,
              const GPtrArray *left,
              int64_t retry_us,
              const char *trouble,
              GError **error)
{
    g_autofree char *recipients = left != NULL ? sk_hold_recipients_write(left) : NULL;
    const Retry retry = {retry_us, trouble, recipients, false};

    return try_later(keep, copy, &retry, error);
}

bool
sk_hold_doubt(SkDb *keep,
              const SkHeldCopy *copy,
              int64_t retry_us,
              const char *trouble,
              GError **error)
{
    const Retry retry = {retry_us, trouble, NULL, true};

    return try_later(keep, copy, &retry, error);
}

static void
bind_nothing(SkStmt *stmt, int64_t now_us, const void *data)
{
    (void)stmt;
    (void)now_us;
    (void)data;
}

bool
sk_hold_give_back(SkDb *keep, const SkHeldCopy *copy, GError **error)
{
    Change change = {.copy = copy, .sql = SQL_GIVE_BACK, .bind = bind_nothing};

    return sk_db_join(keep, change_claimed, &change, error);
}

typedef struct {
    unsigned waits;
    SkReview review;
    int64_t expires_us;
    const char *left; /* NULL: as before */
} Again;

static void
bind_again(SkStmt *stmt, int64_t now_us, const void *data)
{
    const Again *again = data;

    sk_stmt_bind_int(stmt, 4, again->waits);
    sk_stmt_bind_int(stmt, 5, again->review);
    sk_stmt_bind_int(stmt, 6, again->expires_us);
    sk_stmt_bind_int(stmt, 7, now_us);
    sk_stmt_bind_int(stmt, 8, again->waits & ~(unsigned)SK_WAIT_TIME);
    sk_stmt_bind_text(stmt, 9, again->left);
}

bool
sk_hold_again(SkDb *keep,
              const SkHeldCopy *copy,
              const GPtrArray *left,
              unsigned waits,
              SkReview review,
              int64_t expires_us,
              const char *why,
              GError **error)
{
    g_autofree char *recipients = left != NULL ? sk_hold_recipients_write(left) : NULL;
    const Again again = {waits, review, expires_us, recipients};
    Change change = {.copy = copy,
                     .sql = SQL_AGAIN,
                     .bind = bind_again,
                     .data = &again,
                     .event = {.what = "held", .text = why}};

    return sk_db_join(keep, change_claimed, &change, error);
}
