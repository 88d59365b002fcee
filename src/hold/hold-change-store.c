/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "hold/hold-store-private.h"
#include "hold/hold-store.h"

/* Only what waits can be changed by people: in the moment that a claim is committed, it does
 * not any more. */
static const char SQL_END[] =
    "UPDATE held_copy SET claim = claim + 1, claim_us = " SQL_NEVER ", state = $3,"
    " ended_us = $4, ended_by = $5, why = $6"
    " WHERE message = $1 AND nr = $2 AND state = 'waiting' RETURNING message";

/* $3: of the waits those that stay open if they are, $4: of these those that people answer, $5:
 * those that are answered, $6: now if TIME is among them, else never. */
static const char SQL_ANSWER[] =
    "UPDATE held_copy SET open = open & $3,"
    " due_us = CASE WHEN $6 < due_us THEN $6 ELSE due_us END,"
    " claim_us = CASE WHEN (open & $4) <> 0 THEN " SQL_NEVER
    "  WHEN $6 < due_us THEN $6 ELSE due_us END"
    " WHERE message = $1 AND nr = $2 AND state = 'waiting' AND (open & $5) <> 0"
    " RETURNING message";

/* $3: of the open waits those that stay, $4: the one that is added to them. */
static const char SQL_REFER[] =
    "UPDATE held_copy SET waits = waits | $4, open = (open & $3) | $4, review = $5,"
    " claim_us = " SQL_NEVER
    " WHERE message = $1 AND nr = $2 AND state = 'waiting' RETURNING message";

static const char SQL_STATE[] = "SELECT state FROM held_copy WHERE message = $1 AND nr = $2";

static const char *const outcome_names[SK_N_HOLD_OUTCOMES] = {
    [SK_HOLD_DONE] = "done",
    [SK_HOLD_TOO_LATE] = "too-late",
    [SK_HOLD_ENDED] = "ended",
    [SK_HOLD_NOTHING] = "nothing",
};

const char *
sk_hold_outcome_name(SkHoldOutcome outcome)
{
    return outcome_names[outcome];
}

/* What a person wants of a copy. */
typedef struct {
    const char *id, *sql;
    SkHoldId key;
    SkCopyState end;
    unsigned answered;
    bool refer;
    SkHoldEvent event;
    int64_t now_us;
    SkHoldOutcome outcome;
} Wish;

static void
bind_wish(SkStmt *stmt, const Wish *wish)
{
    const unsigned left = ~wish->answered & (2U * SK_WAIT_PASSWORD - 1);
    bool now = (wish->answered & SK_WAIT_TIME) != 0;

    sk_hold_id_bind(stmt, &wish->key);
    if (wish->refer) {
        sk_stmt_bind_int(stmt, 3, left & ~(unsigned)SK_WAIT_PASSWORD);
        sk_stmt_bind_int(stmt, 4, SK_WAIT_REVIEW);
        sk_stmt_bind_int(stmt, 5, SK_REVIEW_ADMIN);
        return;
    }
    if (wish->answered == 0) {
        sk_stmt_bind_text(stmt, 3, sk_copy_state_name(wish->end));
        sk_stmt_bind_int(stmt, 4, wish->now_us);
        sk_hold_bind_words(stmt, 5, wish->event.who);
        sk_hold_bind_words(stmt, 6, wish->event.text);
        return;
    }
    sk_stmt_bind_int(stmt, 3, left);
    sk_stmt_bind_int(stmt, 4, left & ~(unsigned)SK_WAIT_TIME);
    sk_stmt_bind_int(stmt, 5, wish->answered);
    sk_stmt_bind_int(stmt, 6, now ? wish->now_us : SK_HOLD_NEVER);
}

static SkHoldOutcome
outcome_of(const char *name)
{
    SkCopyState state = SK_COPY_WAITING;

    (void)sk_copy_state_parse(name, &state);
    if (state == SK_COPY_WAITING)
        return SK_HOLD_NOTHING;
    return state == SK_COPY_RELEASING || state == SK_COPY_SENT ? SK_HOLD_TOO_LATE
                                                               : SK_HOLD_ENDED;
}

/* Why nothing was changed. */
static bool
find_reason(SkDb *keep, Wish *wish, GError **error)
{
    g_autoptr(SkStmt) find = sk_db_prepare(keep, SQL_STATE, error);
    bool row;

    if (find == NULL)
        return false;
    sk_hold_id_bind(find, &wish->key);
    if (!sk_stmt_next(find, &row, error))
        return false;
    wish->outcome = row ? outcome_of(sk_stmt_peek_text(find, 0)) : SK_HOLD_NOTHING;
    return true;
}

static bool
grant_wish(SkDb *keep, void *data, GError **error)
{
    Wish *wish = data;
    g_autoptr(SkStmt) change = NULL;
    bool row;

    if (!sk_db_now_us(keep, &wish->now_us, error))
        return false;
    change = sk_db_prepare(keep, wish->sql, error);
    if (change == NULL)
        return false;
    bind_wish(change, wish);
    if (!sk_stmt_next(change, &row, error))
        return false;
    if (!row)
        return find_reason(keep, wish, error);
    if (!sk_stmt_run(change, error))
        return false;
    wish->outcome = SK_HOLD_DONE;
    wish->event.at_us = wish->now_us;
    return sk_hold_event_add(keep, wish->key.message, &wish->event, error);
}

static bool
fulfil(SkDb *keep, Wish *wish, SkHoldOutcome *ret_outcome, GError **error)
{
    bool ok = true;

    wish->outcome = SK_HOLD_NOTHING;
    if (sk_hold_id_read(wish->id, &wish->key))
        ok = sk_db_join(keep, grant_wish, wish, error);
    sk_hold_id_clear(&wish->key);
    if (ok)
        *ret_outcome = wish->outcome;
    return ok;
}

static bool
end(SkDb *keep,
    const char *id,
    SkCopyState state,
    const char *by,
    const char *why,
    SkHoldOutcome *ret_outcome,
    GError **error)
{
    Wish wish = {
        .id = id,
        .sql = SQL_END,
        .end = state,
        .event = {.copy = id, .what = sk_copy_state_name(state), .who = by, .text = why}};

    return fulfil(keep, &wish, ret_outcome, error);
}

bool
sk_hold_stop(SkDb *keep,
             const char *id,
             const char *by,
             const char *why,
             SkHoldOutcome *ret_outcome,
             GError **error)
{
    return end(keep, id, SK_COPY_STOPPED, by, why, ret_outcome, error);
}

bool
sk_hold_end(SkDb *keep,
            const char *id,
            SkCopyState state,
            const char *by,
            const char *why,
            SkHoldOutcome *ret_outcome,
            GError **error)
{
    g_assert(state == SK_COPY_RETURNED || state == SK_COPY_EXPIRED);
    return end(keep, id, state, by, why, ret_outcome, error);
}

/* "confirm, approval: looks fine". Caller owns. */
static char *
describe_answer(unsigned answered, const char *why)
{
    bool all = answered == 2U * SK_WAIT_PASSWORD - 1;
    GString *text = g_string_new(all ? "everything" : NULL);

    for (unsigned wait = SK_WAIT_TIME; wait <= SK_WAIT_PASSWORD && !all; wait <<= 1) {
        if ((answered & wait) != 0)
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                   sk_wait_name((SkWait)wait));
    }
    if (why != NULL)
        g_string_append_printf(text, ": %s", why);
    return g_string_free(text, FALSE);
}

bool
sk_hold_answer(SkDb *keep,
               const char *id,
               unsigned answered,
               const char *by,
               const char *why,
               SkHoldOutcome *ret_outcome,
               GError **error)
{
    g_autofree char *text = describe_answer(answered, why);
    Wish wish = {.id = id,
                 .sql = SQL_ANSWER,
                 .answered = answered,
                 .event = {.copy = id, .what = "answered", .who = by, .text = text}};

    g_assert(answered != 0 && answered < 2U * SK_WAIT_PASSWORD);
    return fulfil(keep, &wish, ret_outcome, error);
}

bool
sk_hold_refer(SkDb *keep,
              const char *id,
              const char *why,
              SkHoldOutcome *ret_outcome,
              GError **error)
{
    Wish wish = {.id = id,
                 .sql = SQL_REFER,
                 .refer = true,
                 .event = {.copy = id, .what = "held", .text = why}};

    return fulfil(keep, &wish, ret_outcome, error);
}
