/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "clerk/clerk-desk-private.h"
#include "engine/engine-hold.h"
#include "engine/engine-notice.h"

#define ALL_WAITS                                                                              \
    (SK_WAIT_TIME | SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)
/* The event of a look at content, and how long one of them counts. */
#define READ           "read"
#define READ_COUNTS_US (600 * INT64_C(1000000))

/* Something done to each copy, in one transaction. */
typedef struct Deed Deed;
struct Deed {
    const SkDeskCall *call;
    bool (*act)(SkDb *keep,
                const Deed *deed,
                const SkHeldCopy *copy,
                SkHoldOutcome *ret_outcome,
                GError **error);
    unsigned answered;
    SkClerkOutcomes outcomes;
};

static bool
do_all(SkDb *keep, void *data, GError **error)
{
    Deed *deed = data;
    const GPtrArray *copies = deed->call->c->copies;

    deed->outcomes = (SkClerkOutcomes){{0}};
    for (guint i = 0; i < copies->len; i++) {
        SkHoldOutcome outcome = SK_HOLD_NOTHING;

        if (!deed->act(keep, deed, copies->pdata[i], &outcome, error))
            return false;
        deed->outcomes.n[outcome]++;
    }
    return true;
}

static bool
carry_out(SkDeskCall *call, Deed *deed, GError **error)
{
    if (!sk_db_transact(call->world->keep, do_all, deed, error))
        return false;
    call->answer->result = sk_clerk_outcomes_result(&deed->outcomes);
    if (call->answer->result == SK_DESK_TOO_LATE)
        sk_clerk_desk_say(call, SK_DESK_TOO_LATE, "too late: it is being sent, or was");
    return true;
}

static bool
answer_waits(SkDb *keep,
             const Deed *deed,
             const SkHeldCopy *copy,
             SkHoldOutcome *ret_outcome,
             GError **error)
{
    return sk_hold_answer(keep, copy->id, deed->answered, deed->call->by,
                          deed->call->question->text, ret_outcome, error);
}

bool
sk_clerk_desk_release(SkDeskCall *call, GError **error)
{
    Deed deed = {.call = call, .act = answer_waits, .answered = ALL_WAITS};
    const char *as = call->question->as;

    if (as != NULL && !sk_clerk_desk_is_admin(call, as))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "%s is no administrator ([hold] admins): recipients ask by "
                                 "their notice, others approve or confirm",
                                 as);
    return carry_out(call, &deed, error);
}

/* "Send it now", by its sender, who cannot answer for anybody else. */
bool
sk_clerk_desk_confirm(SkDeskCall *call, GError **error)
{
    Deed deed = {.call = call, .act = answer_waits, .answered = SK_WAIT_TIME | SK_WAIT_CONFIRM};
    const char *owner = call->c->message->owner, *as = call->question->as;

    if (owner == NULL)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "it came from outside: there is no sender who could confirm");
    if (as != NULL && !sk_clerk_is_same(owner, as))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "%s has sent it, not %s", owner, as);
    return carry_out(call, &deed, error);
}

static bool
return_copy(SkDb *keep,
            const Deed *deed,
            const SkHeldCopy *copy,
            SkHoldOutcome *ret_outcome,
            GError **error)
{
    const SkDeskCall *call = deed->call;
    SkNoticeOrder order = {.kind = SK_NOTICE_RETURNED,
                           .message = copy->message,
                           .copy = copy->id,
                           .who = (char *)call->by,
                           .text = call->question->text};
    int64_t now = 0;

    if (!sk_hold_end(keep, copy->id, SK_COPY_RETURNED, call->by, call->question->text,
                     ret_outcome, error))
        return false;
    return *ret_outcome != SK_HOLD_DONE ||
           (sk_db_now_us(keep, &now, error) && sk_engine_notice_add(keep, &order, now, error));
}

/* An operator in his own name, or one of those who could approve it. */
static bool
may_return(SkDeskCall *call, bool *ret_may, GError **error)
{
    *ret_may = call->question->as == NULL;
    for (guint i = 0; i < call->c->copies->len && !*ret_may; i++) {
        if (!sk_clerk_desk_is_approver(call, call->c->copies->pdata[i], call->by, ret_may,
                                       error))
            return false;
    }
    return true;
}

bool
sk_clerk_desk_return(SkDeskCall *call, GError **error)
{
    Deed deed = {.call = call, .act = return_copy};
    const char *why = call->question->text;
    bool may;

    if (why == NULL || *why == '\0')
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "say why: its sender gets it back with your reason");
    if (!sk_engine_may_return(call->c->message))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "it came from outside, where nobody proved to have sent it: "
                                 "stop it, or let it expire");
    if (!may_return(call, &may, error))
        return false;
    if (!may)
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "%s approves it for no group",
                                 call->by);
    return carry_out(call, &deed, error);
}

/* ---- content ---- */

typedef struct {
    const SkDeskCall *call;
    int64_t now_us;
    bool recorded;
} Reading;

static bool
find_recorded(const SkHoldEvent *event, void *data)
{
    Reading *reading = data;

    reading->recorded |= strcmp(event->what, READ) == 0 &&
                         event->at_us > reading->now_us - READ_COUNTS_US &&
                         g_strcmp0(event->who, reading->call->by) == 0 &&
                         g_strcmp0(event->text, reading->call->question->text) == 0;
    return true;
}

/* Before any of it is given out, and once for all pieces: whoever asks for a later piece only
 * is recorded as well. */
static bool
record_reading(SkDb *keep, void *data, GError **error)
{
    Reading *reading = data;
    const SkDeskCall *call = reading->call;
    const char *message = call->c->message->id;
    SkHoldEvent event = {.what = READ, .who = call->by, .text = call->question->text};

    reading->recorded = false;
    if (!sk_db_now_us(keep, &reading->now_us, error) ||
        !sk_hold_event_list(keep, message, find_recorded, reading, error))
        return false;
    return reading->recorded || sk_hold_event_add(keep, message, &event, error);
}

/* One byte more than is given out says whether there is another piece. */
static bool
give_piece(SkDeskCall *call, uint64_t at, GError **error)
{
    g_autofree uint8_t *piece = g_malloc(SK_DESK_PIECE + 1);
    size_t n = 0;

    if (!call->world->hands->read(call->world, call->c->message, "content for an operator", at,
                                  piece, SK_DESK_PIECE + 1, &n, error))
        return false;
    call->answer->more = n > SK_DESK_PIECE;
    call->answer->content = g_base64_encode(piece, MIN(n, SK_DESK_PIECE));
    explicit_bzero(piece, SK_DESK_PIECE + 1);
    return true;
}

bool
sk_clerk_desk_content(SkDeskCall *call, GError **error)
{
    Reading reading = {.call = call};
    const SkDeskQuestion *question = call->question;
    int64_t at = 0;

    if (question->text == NULL || *question->text == '\0')
        return sk_clerk_desk_say(call, SK_DESK_REFUSED,
                                 "say why: who reads others' mail is recorded with a reason");
    if (question->after != NULL && !sk_text_to_int(question->after, 0, INT64_MAX, &at))
        return sk_clerk_desk_say(call, SK_DESK_REFUSED, "no such piece");
    if (call->c->message->blob == NULL)
        return sk_clerk_desk_say(call, SK_DESK_ENDED,
                                 "its content is gone: it was sent to all, or is too old");
    return sk_db_transact(call->world->keep, record_reading, &reading, error) &&
           give_piece(call, (uint64_t)at, error);
}
