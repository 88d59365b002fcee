/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/engine-settings.h"

#define SECOND 1000000LL

/* A copy for three recipients that came back with answers. */
static SkClerkSent *
make_sent(SkDirection direction, const char *const *replies)
{
    static const char *const args[] = {NULL, "NOTIFY=NEVER", "ORCPT=x NOTIFY=SUCCESS,FAILURE"};
    SkHeldCopy *copy = sk_held_copy_new();
    SkClerkSent *sent;

    copy->id = g_strdup("01kaj000000000000000-1");
    copy->message = g_strdup("01kaj000000000000000");
    copy->direction = direction;
    for (int i = 0; i < 3; i++) {
        g_autofree char *address = g_strdup_printf("%c@example.net", 'a' + i);

        sk_held_copy_add_recipient(copy, address, args[i]);
    }
    sent = sk_clerk_sent_not(copy);
    sent->message = sk_held_message_new();
    sent->message->sender = g_strdup("s@ours.example");
    if (direction == SK_DIRECTION_OUTBOUND)
        sent->message->owner = g_strdup("s@ours.example");
    sent->state = SK_SENT_ANSWERED;
    for (int i = 0; i < 3; i++) {
        sent->answers[i].reply = g_strdup(replies[i]);
        sent->answers[i].code = (unsigned)strtoul(replies[i], NULL, 10);
    }
    return sent;
}

static SkSettings *
default_settings(void)
{
    g_autoptr(GError) error = NULL;
    SkSettings *settings = sk_settings_read(NULL, sk_engine_setting_tables, &error);

    g_assert_no_error(error);
    return settings;
}

typedef struct {
    const char *what;
    SkDirection direction;
    const char *replies[3];
    SkClerkPlanKind kind;
    SkCopyState end;
    const char *left; /* first letters of those that it is tried for again */
    const char *why, *report;
} Case;

#define OK   "250 2.0.0 queued"
#define LATE "451 4.3.0 later"
#define NO   "550 5.1.1 unknown"

static const Case cases[] = {
    {"all taken",
     SK_DIRECTION_OUTBOUND,
     {OK, OK, OK},
     SK_PLAN_FINISH,
     SK_COPY_SENT,
     "",
     NULL,
     NULL},
    {"all later",
     SK_DIRECTION_OUTBOUND,
     {LATE, LATE, LATE},
     SK_PLAN_RETRY,
     0,
     "abc",
     LATE,
     NULL},
    {"one later", SK_DIRECTION_OUTBOUND, {OK, LATE, OK}, SK_PLAN_RETRY, 0, "b", LATE, NULL},
    {"one refused",
     SK_DIRECTION_OUTBOUND,
     {NO, OK, OK},
     SK_PLAN_FINISH,
     SK_COPY_SENT,
     "",
     NULL,
     "a@example.net " NO "\n"},
    {"one refused who asked for no report",
     SK_DIRECTION_OUTBOUND,
     {OK, NO, OK},
     SK_PLAN_FINISH,
     SK_COPY_SENT,
     "",
     NULL,
     NULL},
    {"one of each",
     SK_DIRECTION_OUTBOUND,
     {OK, LATE, NO},
     SK_PLAN_RETRY,
     0,
     "b",
     LATE,
     "c@example.net " NO "\n"},
    {"all refused",
     SK_DIRECTION_OUTBOUND,
     {NO, NO, NO},
     SK_PLAN_FINISH,
     SK_COPY_RETURNED,
     "",
     NO,
     "a@example.net " NO "\nc@example.net " NO "\n"},
    {"nobody who could be told",
     SK_DIRECTION_INBOUND,
     {NO, OK, OK},
     SK_PLAN_AGAIN,
     0,
     "a",
     NO,
     NULL},
    {"nobody who could be told, and one later",
     SK_DIRECTION_INBOUND,
     {NO, OK, LATE},
     SK_PLAN_RETRY,
     0,
     "ca",
     LATE,
     NULL},
    {"all refused, and nobody to be told",
     SK_DIRECTION_INBOUND,
     {NO, NO, NO},
     SK_PLAN_AGAIN,
     0,
     "abc",
     NO,
     NULL},
};

static char *
first_letters(const SkClerkSent *sent, const SkClerkPlan *plan)
{
    const GPtrArray *left = plan->left != NULL ? plan->left : sent->copy->recipients;
    GString *letters = g_string_new(NULL);

    for (guint i = 0; i < left->len && plan->kind != SK_PLAN_FINISH; i++)
        g_string_append_c(letters, ((const SkRecipient *)left->pdata[i])->address[0]);
    return g_string_free(letters, FALSE);
}

static void
test_answers(void)
{
    g_autoptr(SkSettings) settings = default_settings();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Case *c = &cases[i];
        g_autoptr(SkClerkSent) sent = make_sent(c->direction, c->replies);
        g_auto(SkClerkPlan) plan;
        g_autofree char *left = NULL;

        g_test_message("%s", c->what);
        sk_clerk_plan(settings, sent, &plan);
        left = first_letters(sent, &plan);
        g_assert_cmpint(plan.kind, ==, c->kind);
        g_assert_cmpint(plan.end, ==, c->end);
        g_assert_cmpstr(left, ==, c->left);
        g_assert_cmpstr(plan.why, ==, c->why);
        g_assert_cmpstr(plan.report, ==, c->report);
        g_assert_false(plan.returned);
        if (plan.kind == SK_PLAN_AGAIN) {
            g_assert_cmpuint(plan.waits, ==, SK_WAIT_REVIEW);
            g_assert_cmpint(plan.review, ==, SK_REVIEW_ADMIN);
        }
    }
}

/* What the gate found stands in the answer to the message; one recipient was refused before. */
static void
check_refusal(SkDirection direction, unsigned waits, SkReview review, SkClerkPlan *ret_plan)
{
    g_autoptr(SkSettings) settings = default_settings();
    g_autofree char *reply =
        sk_ticket_refusal_write("01kak000000000000000", waits, (unsigned)review);
    const char *const replies[] = {NO, reply, reply};
    g_autoptr(SkClerkSent) sent = make_sent(direction, replies);

    sk_clerk_plan(settings, sent, ret_plan);
    g_assert_cmpstr(ret_plan->why, ==, reply);
    g_assert_null(ret_plan->report);
}

static void
test_refusal(void)
{
    g_auto(SkClerkPlan) again, returned, reviewed;

    check_refusal(SK_DIRECTION_OUTBOUND, SK_WAIT_APPROVAL, SK_REVIEW_NONE, &again);
    g_assert_cmpint(again.kind, ==, SK_PLAN_AGAIN);
    g_assert_cmpuint(again.waits, ==, SK_WAIT_APPROVAL);
    g_assert_cmpint(again.expire_us, ==, 3 * 86400 * SECOND);
    check_refusal(SK_DIRECTION_OUTBOUND, 0, SK_REVIEW_NONE, &returned);
    g_assert_cmpint(returned.kind, ==, SK_PLAN_FINISH);
    g_assert_cmpint(returned.end, ==, SK_COPY_RETURNED);
    g_assert_true(returned.returned);
    check_refusal(SK_DIRECTION_INBOUND, 0, SK_REVIEW_NONE, &reviewed);
    g_assert_cmpint(reviewed.kind, ==, SK_PLAN_AGAIN);
    g_assert_cmpuint(reviewed.waits, ==, SK_WAIT_REVIEW);
    g_assert_cmpint(reviewed.review, ==, SK_REVIEW_ADMIN);
    g_assert_cmpint(reviewed.expire_us, ==, 14 * 86400 * SECOND);
}

/* 1 m, 2 m, 4 m … 1 h, 1 h, until five days have passed: 6 tries in the first hour and 118 in
 * the others; then "later" is "no". */
static void
test_back_off(void)
{
    static const char *const later[] = {OK, LATE, LATE};
    g_autoptr(SkSettings) settings = default_settings();
    g_autoptr(SkClerkSent) sent = make_sent(SK_DIRECTION_OUTBOUND, later);
    int64_t waited_s = 0, delay_s = 60;
    unsigned tries = 0;

    for (; waited_s < 5 * 86400; tries++) {
        g_auto(SkClerkPlan) plan;

        sent->copy->tries = tries;
        sk_clerk_plan(settings, sent, &plan);
        g_assert_cmpint(plan.kind, ==, SK_PLAN_RETRY);
        g_assert_cmpint(plan.delay_us, ==, delay_s * SECOND);
        waited_s += delay_s;
        delay_s = MIN(2 * delay_s, 3600);
    }
    g_assert_cmpuint(tries, ==, 125);
    for (unsigned more = 0; more < 3; more++) {
        g_auto(SkClerkPlan) plan;

        sent->copy->tries = more < 2 ? tries + more : UINT32_MAX;
        sk_clerk_plan(settings, sent, &plan);
        g_assert_cmpint(plan.kind, ==, SK_PLAN_FINISH);
        g_assert_cmpint(plan.end, ==, SK_COPY_SENT);
        g_assert_cmpstr(plan.report, ==, "c@example.net " LATE "\n");
    }
}

/* Trouble of ours ends nothing, however often it was met. */
static void
test_trouble(void)
{
    static const char *const none[] = {"0", "0", "0"};
    g_autoptr(SkSettings) settings = default_settings();

    for (SkClerkSentState state = SK_SENT_NOT; state <= SK_SENT_TROUBLE; state++) {
        g_autoptr(SkClerkSent) sent = make_sent(SK_DIRECTION_OUTBOUND, none);
        g_auto(SkClerkPlan) plan;

        sent->state = state;
        sent->trouble = g_strdup("the keeper is away");
        sent->copy->tries = 100000;
        sk_clerk_plan(settings, sent, &plan);
        g_assert_cmpint(plan.kind, ==,
                        state == SK_SENT_NOT ? SK_PLAN_GIVE_BACK : SK_PLAN_RETRY);
        g_assert_null(plan.left);
        g_assert_cmpint(plan.gone, ==, state == SK_SENT_UNKNOWN);
        g_assert_cmpstr(plan.why, ==, "the keeper is away");
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clerk-plan/answers", test_answers);
    g_test_add_func("/clerk-plan/refusal", test_refusal);
    g_test_add_func("/clerk-plan/back-off", test_back_off);
    g_test_add_func("/clerk-plan/trouble", test_trouble);
    return g_test_run();
}
