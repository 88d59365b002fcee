/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-hold-print.h"

#define SECOND INT64_C(1000000)
/* 2027-01-02 10:00:00 UTC. */
#define NOW (INT64_C(1798884000) * SECOND)

static void
test_countdown(void)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "now"},
        {-5 * SECOND, "now"},
        {1, "in 1 s"},
        {59 * SECOND, "in 59 s"},
        {60 * SECOND, "in 1 min"},
        {250 * SECOND, "in 4 min 10 s"},
        {3600 * SECOND, "in 1 h"},
        {86399 * SECOND, "in 23 h 59 min"},
        {86400 * SECOND, "in 1 day"},
        {200000 * SECOND, "in 2 days 7 h"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = sk_cli_countdown(NOW + cases[i].us, NOW);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

static void
test_groups(void)
{
    g_autoptr(SkDeskCopy) copy = sk_desk_copy_new();
    g_autofree char *one = NULL, *two = NULL;

    copy->open = SK_WAIT_APPROVAL;
    g_ptr_array_add(copy->groups, g_strdup("sales"));
    one = sk_cli_hold_describe(copy, NOW);
    g_assert_cmpstr(one, ==, "waits for approval of sales");
    g_ptr_array_add(copy->groups, g_strdup("legal"));
    two = sk_cli_hold_describe(copy, NOW);
    g_assert_cmpstr(two, ==, "waits for approval of sales and legal");
}

static void
test_describe(void)
{
    static const struct {
        SkDeskCopy copy;
        const char *text;
    } cases[] = {
        {{.open = SK_WAIT_TIME, .due_us = NOW + 250 * SECOND},
         "leaves 2027-01-02 10:04:10, in 4 min 10 s"},
        {{.due_us = NOW - SECOND}, "leaves 2027-01-02 09:59:59, now"},
        {{.due_us = NOW, .tries = 2, .trouble = (char *)"450 later"},
         "tried several times, is tried again; the last time: 450 later"},
        {{.open = SK_WAIT_TIME | SK_WAIT_CONFIRM | SK_WAIT_APPROVAL,
          .expires_us = NOW + 86400 * SECOND},
         "waits for its sender's word, approval, until 2027-01-03 10:00:00, in 1 day"},
        {{.open = SK_WAIT_REVIEW | SK_WAIT_PASSWORD, .review = SK_REVIEW_RECIPIENT},
         "waits for review by the recipient, a password"},
        {{.open = SK_WAIT_REVIEW, .review = SK_REVIEW_ADMIN},
         "waits for review by an administrator"},
        {{.state = SK_COPY_RELEASING}, "is being sent"},
        {{.state = SK_COPY_STOPPED,
          .ended_us = NOW,
          .ended_by = (char *)"anna@ours.example",
          .why = (char *)"wrong file"},
         "stopped 2027-01-02 10:00:00 by anna@ours.example: wrong file"},
        {{.state = SK_COPY_SENT, .ended_us = NOW}, "sent 2027-01-02 10:00:00"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = sk_cli_hold_describe(&cases[i].copy, NOW);

        g_assert_cmpstr(text, ==, cases[i].text);
    }
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cli/hold-print/countdown", test_countdown);
    g_test_add_func("/cli/hold-print/describe", test_describe);
    g_test_add_func("/cli/hold-print/groups", test_groups);
    return g_test_run();
}
