/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-stop.h"

#include "engine/engine-notice.h"

typedef struct {
    const SkClerkCase *c;
    const SkHoldToken *token;
    const char *by, *why;
    SkClerkOutcomes outcomes;
    bool any; /* was stopped */
} Stop;

SkDeskResult
sk_clerk_outcomes_result(const SkClerkOutcomes *outcomes)
{
    if (outcomes->n[SK_HOLD_DONE] > 0)
        return SK_DESK_OK;
    if (outcomes->n[SK_HOLD_TOO_LATE] > 0)
        return SK_DESK_TOO_LATE;
    return outcomes->n[SK_HOLD_ENDED] > 0 ? SK_DESK_ENDED : SK_DESK_NOT_OPEN;
}

/* Of one copy its id is named, of several the message is. */
static bool
tell_owner(SkDb *keep, const Stop *stop, GError **error)
{
    const SkHeldMessage *message = stop->c->message;
    const SkHeldCopy *first = stop->c->copies->pdata[0];
    SkNoticeOrder order = {.kind = SK_NOTICE_STOPPED,
                           .message = message->id,
                           .copy = stop->c->copies->len == 1 ? first->id : NULL,
                           .who = (char *)stop->by,
                           .text = (char *)stop->why};
    int64_t now = 0;

    if (message->owner == NULL || sk_clerk_is_same(message->owner, stop->by))
        return true;
    return sk_db_now_us(keep, &now, error) && sk_engine_notice_add(keep, &order, now, error);
}

static bool
stop_all(SkDb *keep, void *data, GError **error)
{
    Stop *stop = data;

    stop->outcomes = (SkClerkOutcomes){0};
    stop->any = false;
    for (guint i = 0; i < stop->c->copies->len; i++) {
        const SkHeldCopy *copy = stop->c->copies->pdata[i];
        SkHoldOutcome outcome = SK_HOLD_NOTHING;

        if (!sk_hold_stop(keep, copy->id, stop->by, stop->why, &outcome, error))
            return false;
        stop->any |= outcome == SK_HOLD_DONE;
        if (sk_clerk_case_is_seen(stop->c, copy, stop->token))
            stop->outcomes.n[outcome]++;
    }
    return !stop->any || tell_owner(keep, stop, error);
}

bool
sk_clerk_stop(SkDb *keep,
              const SkClerkCase *c,
              const SkHoldToken *token,
              const char *by,
              const char *why,
              SkClerkOutcomes *ret_outcomes,
              GError **error)
{
    Stop stop = {.c = c, .token = token, .by = by, .why = why};

    if (!sk_db_join(keep, stop_all, &stop, error))
        return false;
    *ret_outcomes = stop.outcomes;
    return true;
}

bool
sk_clerk_stop_by_token(SkDb *keep,
                       const SkHoldToken *token,
                       const char *why,
                       SkClerkCase *ret_case,
                       SkClerkOutcomes *ret_outcomes,
                       GError **error)
{
    g_assert(token->purpose == SK_TOKEN_STOP || token->purpose == SK_TOKEN_COLLEAGUE);
    return sk_clerk_case_load_for(keep, token, ret_case, error) &&
           sk_clerk_stop(keep, ret_case, token, token->person, why, ret_outcomes, error);
}
