/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/log.h"
#include "clerk/clerk-duties.h"
#include "engine/engine-notice.h"
#include "hold/hold-store.h"
#include "hold/hold-token.h"

/* An answer to a notice, on its way. */
typedef struct {
    const SkClerkWorld *world;
    const SkJob *job;
    char *token;
    int64_t now_us;
    /* Of the copies that the token is for, in the last try of the transaction. */
    unsigned stopped, late;
    SkCopyState ended; /* of one that had ended otherwise; WAITING: none had */
} Answer;

static void
clear_answer(Answer *answer)
{
    g_free(answer->token);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, clear_answer)

/* Who wrote it, and what, is of no concern: it can be forged, the token cannot. */
static bool
read_token(const char *payload, char **ret_token)
{
    json_t *object = payload != NULL ? json_loads(payload, JSON_REJECT_DUPLICATES, NULL) : NULL;

    *ret_token = g_strdup(json_string_value(json_object_get(object, "token")));
    json_decref(object);
    return *ret_token != NULL;
}

static bool
may_stop(const SkHoldToken *token, const SkHeldCopy *copy)
{
    bool meant =
        strcmp(token->target, copy->message) == 0 || strcmp(token->target, copy->id) == 0;

    return meant &&
           (token->purpose == SK_TOKEN_STOP ||
            (token->purpose == SK_TOKEN_COLLEAGUE && copy->direction == SK_DIRECTION_OUTBOUND));
}

static bool
stop(SkDb *keep,
     Answer *answer,
     const SkHoldToken *token,
     const SkHeldCopy *copy,
     GError **error)
{
    SkHoldOutcome outcome;

    if (!sk_hold_stop(keep, copy->id, token->person, NULL, &outcome, error))
        return false;
    answer->stopped += outcome == SK_HOLD_DONE;
    answer->late += outcome == SK_HOLD_TOO_LATE;
    if (outcome == SK_HOLD_ENDED)
        answer->ended = copy->state;
    return true;
}

static bool
stop_all(SkDb *keep, Answer *answer, const SkHoldToken *token, GError **error)
{
    g_autofree char *message = g_strndup(token->target, strcspn(token->target, "-"));
    g_autoptr(GPtrArray) copies = NULL;

    answer->stopped = answer->late = 0;
    answer->ended = SK_COPY_WAITING;
    if (!sk_hold_load_copies(keep, message, &copies, error))
        return false;
    for (guint i = 0; i < copies->len; i++) {
        if (may_stop(token, copies->pdata[i]) &&
            !stop(keep, answer, token, copies->pdata[i], error))
            return false;
    }
    return true;
}

static bool
order(SkDb *keep,
      const Answer *answer,
      const SkHoldToken *token,
      SkNoticeKind kind,
      const char *text,
      GError **error)
{
    g_autofree char *message = g_strndup(token->target, strcspn(token->target, "-"));
    bool one = strcmp(message, token->target) != 0;
    const SkNoticeOrder notice = {.kind = kind,
                                  .message = message,
                                  .copy = one ? token->target : NULL,
                                  .who = token->person,
                                  .text = (char *)text};

    return sk_engine_notice_add(keep, &notice, answer->now_us, error);
}

/* To him whose token it is, wherever the answer came from. */
static bool
tell(SkDb *keep, const Answer *answer, const SkHoldToken *token, GError **error)
{
    if (answer->stopped > 0 && !order(keep, answer, token, SK_NOTICE_DONE, NULL, error))
        return false;
    if (answer->stopped > 0 && token->purpose == SK_TOKEN_COLLEAGUE &&
        !order(keep, answer, token, SK_NOTICE_STOPPED, NULL, error))
        return false;
    if (answer->late > 0)
        return order(keep, answer, token, SK_NOTICE_TOO_LATE, sk_copy_state_name(SK_COPY_SENT),
                     error);
    if (answer->stopped == 0 && answer->ended != SK_COPY_WAITING)
        return order(keep, answer, token, SK_NOTICE_TOO_LATE, sk_copy_state_name(answer->ended),
                     error);
    return true;
}

static bool
carry_out(SkDb *keep, void *data, GError **error)
{
    Answer *answer = data;
    g_autoptr(SkHoldToken) token = NULL;

    if (!sk_job_hold(keep, answer->job, error) ||
        !sk_hold_token_load(keep, answer->token, &token, error))
        return false;
    /* Nothing is said about a token that is none. */
    if (token != NULL &&
        (!stop_all(keep, answer, token, error) || !tell(keep, answer, token, error)))
        return false;
    return sk_job_finish(keep, answer->job, error);
}

bool
sk_clerk_reply_step(const SkClerkWorld *world,
                    SkJob *job,
                    SkDutyState *ret_state,
                    GError **error)
{
    g_auto(Answer) answer = {.world = world, .job = job};

    if (!read_token(job->payload, &answer.token)) {
        sk_log(SK_LOG_WARNING, "answer to a notice cannot be read", "id", job->id, NULL);
        *ret_state = SK_DUTY_DONE;
        return true;
    }
    if (!sk_db_now_us(world->keep, &answer.now_us, error) ||
        !sk_db_transact(world->keep, carry_out, &answer, error))
        return false;
    sk_clerk_tally_add(world->tally, "copies stopped by an answer", answer.stopped);
    *ret_state = SK_DUTY_GONE;
    return true;
}
