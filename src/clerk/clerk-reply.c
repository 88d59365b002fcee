/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "base/log.h"
#include "clerk/clerk-duties.h"
#include "clerk/clerk-stop.h"
#include "engine/engine-notice.h"

/* An answer to a notice, on its way. */
typedef struct {
    const SkJob *job;
    char *token;
    int64_t now_us;
    SkClerkOutcomes outcomes; /* of the last try of the transaction */
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

/* What one of them is now that could neither be stopped nor is being sent. */
static const char *
find_end(const SkClerkCase *c)
{
    for (guint i = 0; i < c->copies->len; i++) {
        const SkHeldCopy *copy = c->copies->pdata[i];

        if (copy->state != SK_COPY_SENT && sk_copy_state_is_end(copy->state))
            return sk_copy_state_name(copy->state);
    }
    return NULL;
}

/* To him whose token it is, wherever the answer came from. */
static bool
tell(SkDb *keep,
     const Answer *answer,
     const SkHoldToken *token,
     const SkClerkCase *c,
     GError **error)
{
    const unsigned *n = answer->outcomes.n;
    const char *end = n[SK_HOLD_TOO_LATE] > 0 ? sk_copy_state_name(SK_COPY_SENT) : NULL;

    if (n[SK_HOLD_DONE] > 0 && !order(keep, answer, token, SK_NOTICE_DONE, NULL, error))
        return false;
    if (n[SK_HOLD_DONE] == 0 && end == NULL)
        end = find_end(c);
    return end == NULL || order(keep, answer, token, SK_NOTICE_TOO_LATE, end, error);
}

static bool
may_stop(const SkHoldToken *token)
{
    return token->purpose == SK_TOKEN_STOP || token->purpose == SK_TOKEN_COLLEAGUE;
}

static bool
carry_out(SkDb *keep, void *data, GError **error)
{
    Answer *answer = data;
    g_autoptr(SkHoldToken) token = NULL;
    g_auto(SkClerkCase) c = {0};

    if (!sk_job_hold(keep, answer->job, error) ||
        !sk_hold_token_load(keep, answer->token, &token, error))
        return false;
    /* Nothing is said about a token that is none. */
    if (token != NULL && may_stop(token) &&
        (!sk_clerk_stop_by_token(keep, token, NULL, &c, &answer->outcomes, error) ||
         !tell(keep, answer, token, &c, error)))
        return false;
    return sk_job_finish(keep, answer->job, error);
}

bool
sk_clerk_reply_step(const SkClerkWorld *world,
                    SkJob *job,
                    SkDutyState *ret_state,
                    GError **error)
{
    g_auto(Answer) answer = {.job = job};

    if (!read_token(job->payload, &answer.token)) {
        sk_log(SK_LOG_WARNING, "answer to a notice cannot be read", "id", job->id, NULL);
        *ret_state = SK_DUTY_DONE;
        return true;
    }
    if (!sk_db_now_us(world->keep, &answer.now_us, error) ||
        !sk_db_transact(world->keep, carry_out, &answer, error))
        return false;
    sk_clerk_tally_add(world->tally, "copies stopped by an answer",
                       answer.outcomes.n[SK_HOLD_DONE]);
    *ret_state = SK_DUTY_GONE;
    return true;
}
