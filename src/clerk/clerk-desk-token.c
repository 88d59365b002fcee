/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "clerk/clerk-desk-private.h"
#include "engine/engine-notice.h"

/* How often something was asked of administrators, for people, and so that they are told once.
 */
#define ASKED "asked"

bool
sk_clerk_desk_stop(SkDeskCall *call, GError **error)
{
    SkClerkOutcomes outcomes;
    unsigned done, n = 0;

    if (!sk_clerk_stop(call->world->keep, call->c, call->token, call->by, call->question->text,
                       &outcomes, error))
        return false;
    done = outcomes.n[SK_HOLD_DONE];
    for (size_t i = 0; i < SK_N_HOLD_OUTCOMES; i++)
        n += outcomes.n[i];
    call->answer->result = sk_clerk_outcomes_result(&outcomes);
    if (done > 0 && done < n)
        sk_clerk_desk_say(call, SK_DESK_OK, "%u of %u copies stopped; the others had left",
                          done, n);
    else if (call->answer->result == SK_DESK_TOO_LATE)
        sk_clerk_desk_say(call, SK_DESK_TOO_LATE, "too late: it is being sent, or was");
    return true;
}

/* ---- a recipient wants it ---- */

typedef struct {
    SkDeskCall *call;
    const SkHeldCopy *copy;
    bool asked_before;
    SkHoldOutcome outcome;
    SkDeskResult result;
} Asking;

static bool
find_asked(const SkHoldEvent *event, void *data)
{
    Asking *asking = data;

    asking->asked_before |= strcmp(event->what, ASKED) == 0 &&
                            g_strcmp0(event->copy, asking->copy->id) == 0 &&
                            sk_clerk_is_same(event->who, asking->call->by);
    return !asking->asked_before;
}

static bool
ask_admins(SkDb *keep, Asking *asking, GError **error)
{
    const SkDeskCall *call = asking->call;
    const char *message = call->c->message->id, *copy = asking->copy->id;
    SkHoldEvent event = {
        .copy = copy, .what = ASKED, .who = call->by, .text = call->question->text};
    SkNoticeOrder order = {.kind = SK_NOTICE_ASKED,
                           .message = (char *)message,
                           .copy = (char *)copy,
                           .who = (char *)call->by,
                           .text = call->question->text};
    int64_t now = 0;

    asking->asked_before = false;
    asking->result = SK_DESK_ASKED;
    if (!sk_hold_event_list(keep, message, find_asked, asking, error))
        return false;
    if (asking->asked_before)
        return true;
    return sk_db_now_us(keep, &now, error) && sk_hold_event_add(keep, message, &event, error) &&
           sk_engine_notice_add(keep, &order, now, error);
}

static SkDeskResult
result_of(SkHoldOutcome outcome)
{
    SkClerkOutcomes outcomes = {{0}};

    outcomes.n[outcome] = 1;
    return sk_clerk_outcomes_result(&outcomes);
}

static bool
is_his_to_review(const Asking *asking, const SkHeldCopy *now)
{
    return (now->open & SK_WAIT_REVIEW) != 0 && now->review == SK_REVIEW_RECIPIENT &&
           !sk_clerk_case_is_malware(asking->call->c);
}

static bool
ask_for_copy(SkDb *keep, void *data, GError **error)
{
    Asking *asking = data;
    g_autoptr(SkHeldCopy) now = NULL;

    if (!sk_hold_load_copy(keep, asking->copy->id, &now, error))
        return false;
    asking->result = SK_DESK_NOT_OPEN;
    if (now == NULL)
        return true;
    if (now->state != SK_COPY_WAITING) {
        asking->result = sk_copy_state_is_end(now->state) && now->state != SK_COPY_SENT
                             ? SK_DESK_ENDED
                             : SK_DESK_TOO_LATE;
        return true;
    }
    if ((now->open & ~(unsigned)SK_WAIT_TIME) == 0)
        return true;
    if (!is_his_to_review(asking, now))
        return ask_admins(keep, asking, error);
    if (!sk_hold_answer(keep, now->id, SK_WAIT_REVIEW, asking->call->by,
                        asking->call->question->text, &asking->outcome, error))
        return false;
    asking->result = result_of(asking->outcome);
    return true;
}

/* Of several copies the best answer counts. */
bool
sk_clerk_desk_ask(SkDeskCall *call, GError **error)
{
    static const SkDeskResult best[] = {SK_DESK_OK, SK_DESK_ASKED, SK_DESK_TOO_LATE,
                                        SK_DESK_ENDED, SK_DESK_NOT_OPEN};
    unsigned results = 0;
    size_t i = 0;

    for (guint at = 0; at < call->c->copies->len; at++) {
        Asking asking = {.call = call, .copy = call->c->copies->pdata[at]};

        if (!sk_db_transact(call->world->keep, ask_for_copy, &asking, error))
            return false;
        results |= 1U << asking.result;
    }
    while ((results & 1U << best[i]) == 0)
        i++;
    call->answer->result = best[i];
    return true;
}
