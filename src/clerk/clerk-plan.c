/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-plan.h"

#include <string.h>

#include "engine/engine-hold.h"

#define SECOND           1000000LL
#define LONGEST_BACK_OFF (3600 * SECOND)

/* The answers, sorted. */
typedef struct {
    const SkSettings *settings;
    const SkClerkSent *sent;
    unsigned taken;
    GPtrArray *later, *refused;              /* of SkRecipient, borrowed */
    const char *later_reply, *refused_reply; /* the first of each */
} Answers;

static void
answers_clear(Answers *answers)
{
    g_ptr_array_unref(answers->later);
    g_ptr_array_unref(answers->refused);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answers, answers_clear)

void
sk_clerk_plan_clear(SkClerkPlan *plan)
{
    g_clear_pointer(&plan->left, g_ptr_array_unref);
    g_free(plan->why);
    g_free(plan->report);
}

/* ---- time ---- */

static int64_t
setting_us(const SkSettings *settings, const char *key)
{
    return SECOND * sk_settings_get_int(settings, "hold", key);
}

/* Before the next try, after TRIES that did not work. */
static int64_t
back_off_us(const SkSettings *settings, unsigned tries)
{
    int64_t first = setting_us(settings, "retry");

    return MIN(first << MIN(tries, 16), MAX(first, LONGEST_BACK_OFF));
}

/* Whether the tries so far, and what lay between them, took as long as it is tried at all. */
static bool
is_over(const SkSettings *settings, unsigned tries)
{
    int64_t left = setting_us(settings, "retry_for");

    for (unsigned i = 0; i < tries && left > 0; i++)
        left -= back_off_us(settings, i);
    return left <= 0;
}

/* How long people have to answer WAITS; the shortest counts. */
static int64_t
expire_us(const SkSettings *settings, unsigned waits)
{
    int64_t us = setting_us(settings, "review_for");

    if ((waits & SK_WAIT_APPROVAL) != 0)
        us = MIN(us, setting_us(settings, "approval_for"));
    if ((waits & SK_WAIT_CONFIRM) != 0)
        us = MIN(us, setting_us(settings, "confirm_for"));
    return us;
}

/* ---- answers ---- */

static const SkRecipient *
recipient_at(const SkClerkSent *sent, guint i)
{
    return sent->copy->recipients->pdata[i];
}

static void
sort_answers(Answers *answers, bool no_later)
{
    const SkClerkSent *sent = answers->sent;

    for (guint i = 0; i < sent->copy->recipients->len; i++) {
        const SkSmtpRecipient *answer = &sent->answers[i];

        if (answer->code < 300) {
            answers->taken++;
        } else if (answer->code < 500 && !no_later) {
            g_ptr_array_add(answers->later, (void *)recipient_at(sent, i));
            answers->later_reply =
                answers->later_reply != NULL ? answers->later_reply : answer->reply;
        } else {
            g_ptr_array_add(answers->refused, (void *)recipient_at(sent, i));
            answers->refused_reply =
                answers->refused_reply != NULL ? answers->refused_reply : answer->reply;
        }
    }
}

/* RFC 3461 4.1: NEVER, or a list without FAILURE: no report. */
static bool
wants_report(const SkRecipient *recipient)
{
    g_autofree char *args = g_ascii_strup(recipient->args != NULL ? recipient->args : "", -1);
    const char *notify = strstr(args, "NOTIFY=");
    size_t len = notify != NULL ? strcspn(notify, " ") : 0;

    return notify == NULL || g_strstr_len(notify, (gssize)len, "FAILURE") != NULL;
}

static const char *
reply_for(const SkClerkSent *sent, const SkRecipient *recipient)
{
    guint i = 0;

    while (recipient_at(sent, i) != recipient)
        i++;
    return sent->answers[i].reply;
}

/* NULL: nobody is to be told. */
static char *
write_lines(const Answers *answers)
{
    GString *lines = g_string_new(NULL);

    for (guint i = 0; i < answers->refused->len; i++) {
        const SkRecipient *recipient = answers->refused->pdata[i];

        if (wants_report(recipient))
            g_string_append_printf(lines, "%s %s\n", recipient->address,
                                   reply_for(answers->sent, recipient));
    }
    return g_string_free(lines, lines->len == 0);
}

/* ---- plans ---- */

static void
plan_again(const SkSettings *settings, unsigned waits, SkReview review, SkClerkPlan *plan)
{
    plan->kind = SK_PLAN_AGAIN;
    plan->waits = waits;
    plan->review = review;
    plan->expire_us = expire_us(settings, waits);
}

/* Who did not get it, while nobody can be told: an administrator decides. */
static void
plan_rest(const Answers *answers, SkClerkPlan *plan)
{
    plan->why = g_strdup(answers->refused_reply);
    plan->left = g_ptr_array_ref(answers->refused);
    plan_again(answers->settings, SK_WAIT_REVIEW, SK_REVIEW_ADMIN, plan);
}

/* Nobody gets it. */
static void
plan_end(const Answers *answers, const char *reply, SkClerkPlan *plan)
{
    plan->why = g_strdup(reply);
    if (sk_engine_may_return(answers->sent->message)) {
        plan->kind = SK_PLAN_FINISH;
        plan->end = SK_COPY_RETURNED;
    } else {
        plan_again(answers->settings, SK_WAIT_REVIEW, SK_REVIEW_ADMIN, plan);
    }
}

/* Of those whom nobody can be told of it is tried for the refused as well. */
static void
plan_retry(const Answers *answers, bool told, SkClerkPlan *plan)
{
    const SkClerkSent *sent = answers->sent;

    for (guint i = 0; i < answers->refused->len && !told; i++)
        g_ptr_array_add(answers->later, answers->refused->pdata[i]);
    plan->kind = SK_PLAN_RETRY;
    plan->why = g_strdup(answers->later_reply);
    plan->delay_us = back_off_us(answers->settings, sent->copy->tries);
    if (answers->later->len < sent->copy->recipients->len)
        plan->left = g_ptr_array_ref(answers->later);
}

static void
plan_answered(const Answers *answers, SkClerkPlan *plan)
{
    bool told = sk_engine_may_return(answers->sent->message);

    if (told)
        plan->report = write_lines(answers);
    if (answers->later->len > 0) {
        plan_retry(answers, told, plan);
    } else if (answers->taken == 0) {
        plan_end(answers, answers->refused_reply, plan);
    } else if (answers->refused->len > 0 && !told) {
        plan_rest(answers, plan);
    } else {
        plan->kind = SK_PLAN_FINISH;
        plan->end = SK_COPY_SENT;
    }
}

/* What the gate found: the answer to the message, the same for all that were not refused
 * before. */
static const char *
find_refusal(const SkClerkSent *sent, unsigned *ret_waits, unsigned *ret_review)
{
    for (guint i = 0; i < sent->copy->recipients->len; i++) {
        if (sent->answers[i].code >= 500 &&
            sk_ticket_refusal_read(sent->answers[i].reply, ret_waits, ret_review))
            return sent->answers[i].reply;
    }
    return NULL;
}

/* With WAITS none, it must not leave at all. */
static void
plan_refusal(const Answers *answers,
             const char *reply,
             unsigned waits,
             unsigned review,
             SkClerkPlan *plan)
{
    if (waits == 0) {
        plan_end(answers, reply, plan);
        plan->returned = plan->kind == SK_PLAN_FINISH;
        return;
    }
    plan->why = g_strdup(reply);
    plan_again(answers->settings, waits, MIN(review, SK_REVIEW_ADMIN), plan);
}

/* Trouble of ours, or an unknown end: later, whatever it takes. */
static void
plan_trouble(const SkSettings *settings, const SkClerkSent *sent, SkClerkPlan *plan)
{
    plan->kind = sent->state == SK_SENT_NOT ? SK_PLAN_GIVE_BACK : SK_PLAN_RETRY;
    plan->delay_us = back_off_us(settings, sent->copy->tries);
    plan->gone = sent->state == SK_SENT_UNKNOWN;
    plan->why = g_strdup(sent->trouble);
}

void
sk_clerk_plan(const SkSettings *settings, const SkClerkSent *sent, SkClerkPlan *ret_plan)
{
    bool over = is_over(settings, sent->copy->tries);
    g_auto(Answers) answers = {.settings = settings,
                               .sent = sent,
                               .later = g_ptr_array_new(),
                               .refused = g_ptr_array_new()};
    unsigned waits = 0, review = 0;
    const char *refusal;

    *ret_plan = (SkClerkPlan){0};
    if (sent->state != SK_SENT_ANSWERED) {
        plan_trouble(settings, sent, ret_plan);
        return;
    }
    sort_answers(&answers, over);
    refusal = find_refusal(sent, &waits, &review);
    if (refusal != NULL)
        plan_refusal(&answers, refusal, waits, review, ret_plan);
    else
        plan_answered(&answers, ret_plan);
}
