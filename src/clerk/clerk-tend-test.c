/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-tend.h"

#include "clerk/clerk-desk-testing.h"
#include "clerk/clerk-duties.h"

#define MINUTE (60 * SECOND)

typedef struct {
    Desk desk;
    SkTestDir dir;
    char *groups_path;
    SkSettings *settings;
    SkClerkWorld world;
} Tend;

static void
tend_set_up(Tend *t, const void *data)
{
    g_autofree char *config = NULL;

    desk_set_up(&t->desk, data);
    sk_test_dir_init(&t->dir);
    t->groups_path = sk_test_dir_file(&t->dir, "groups");
    g_assert_true(g_file_set_contents(t->groups_path, desk_groups, -1, NULL));
    config = g_strdup_printf("[site]\nown_domains = ours.example\ntime_zone = UTC\n"
                             "[hold]\ngroups = %s\nescalate_after = 30m\n"
                             "work_days = mon tue wed thu fri sat sun\n"
                             "work_hours = 9:00-18:00\n",
                             t->groups_path);
    t->settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    g_assert_nonnull(t->settings);
    t->world = (SkClerkWorld){
        .keep = t->desk.base.db, .settings = t->settings, .tally = sk_clerk_tally_new()};
}

static void
tend_tear_down(Tend *t, const void *data)
{
    sk_clerk_tally_free(t->world.tally);
    sk_settings_free(t->settings);
    sk_test_dir_clear(&t->dir);
    g_free(t->groups_path);
    desk_tear_down(&t->desk, data);
}

/* Takes the one job that is due one step further; whether there was one. */
static bool
step(Tend *t)
{
    g_autoptr(GPtrArray) jobs = NULL;
    SkDutyState state = SK_DUTY_MORE;

    MUST(sk_job_claim(t->desk.base.db, "hold.tend", "test", LEASE_US, 1, &jobs, &error));
    if (jobs->len == 0)
        return false;
    MUST(sk_clerk_tend_step(&t->world, jobs->pdata[0], &state, &error));
    g_assert_cmpint(state, ==, SK_DUTY_GONE);
    return true;
}

static void
add_job(Tend *t, unsigned n, unsigned nr)
{
    g_autofree char *copy = copy_id(n, nr);
    g_autofree char *id = g_strdup_printf("tend-%s", copy);

    MUST(sk_job_add(t->desk.base.db, id, "hold.tend", NULL, test_now_us, &error));
    g_assert_true(step(t));
}

static int64_t
count_jobs(Tend *t)
{
    return ask(t->desk.base.db, "SELECT count(*) FROM job WHERE kind = 'hold.tend'");
}

static int64_t
count_events(Tend *t, const char *what)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT count(*) FROM held_event WHERE what = '%s'", what);

    return ask(t->desk.base.db, sql);
}

static SkCopyState
state_of(Tend *t, unsigned n, unsigned nr)
{
    g_autoptr(SkHeldCopy) copy = load(t->desk.base.db, n, nr);

    return copy->state;
}

static void
test_reminders(Tend *t, const void *data)
{
    static const struct {
        int64_t after;
        bool due;
        int64_t reminded;
    } steps[] = {{9 * MINUTE + 59 * SECOND, false, 0},
                 {10 * MINUTE, true, 1},
                 {59 * MINUTE, false, 1},
                 {60 * MINUTE, true, 2},
                 {99 * MINUTE, false, 2}};
    g_autofree char *id = add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_CONFIRM});

    add_job(t, 1, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        test_now_us = START_US + steps[i].after;
        g_assert_cmpint(step(t), ==, steps[i].due);
        g_assert_cmpint(count_events(t, "reminded"), ==, steps[i].reminded);
    }
    g_assert_cmpint(count_notices(&t->desk, "reminder"), ==, 1); /* not sent yet: one */
}

/* Both reminders fell into a down-time: one is sent. */
static void
test_reminders_after_down_time(Tend *t, const void *data)
{
    g_autofree char *id = add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_CONFIRM});

    add_job(t, 1, 1);
    test_now_us = START_US + 90 * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(count_events(t, "reminded"), ==, 1);
}

/* The test begins on Monday, 1970-01-12, 13:46:40. */
static void
test_escalation(Tend *t, const void *data)
{
    g_autofree char *id =
        add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales", "legal"}});

    add_job(t, 1, 1);
    test_now_us = START_US + 29 * MINUTE;
    g_assert_false(step(t));
    test_now_us = START_US + 30 * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(ask(t->desk.base.db, "SELECT count(*) FROM held_event WHERE"
                                         " what = 'escalated' AND who = 'carol@ours.example'"),
                    ==, 1);
    g_assert_cmpint(count_events(t, "escalated"), ==, 1);
    g_assert_cmpint(count_notices(&t->desk, "reminder"), ==, 1);
    g_assert_cmpint(ask(t->desk.base.db, "SELECT count(*) FROM job WHERE payload LIKE"
                                         " '%carol@ours.example%' AND payload LIKE"
                                         " '%\"approval\"%'"),
                    ==, 1);
}

/* Held at 17:45, half an hour of working time ends at 9:15. */
static void
test_escalation_over_night(Tend *t, const void *data)
{
    int64_t evening = START_US + (3 * 60 + 58) * MINUTE + 20 * SECOND;
    g_autofree char *id = NULL;

    test_now_us = evening;
    id = add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales"}});
    run(t->desk.base.db, "UPDATE held_copy SET expires_us = 0");
    add_job(t, 1, 1);
    test_now_us = evening + (15 * 60 + 29) * MINUTE;
    g_assert_false(step(t));
    test_now_us = evening + (15 * 60 + 30) * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(count_events(t, "escalated"), ==, 1);
}

/* A group that has approved needs no deputy. */
static void
test_no_escalation_of_what_is_done(Tend *t, const void *data)
{
    g_autofree char *id =
        add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_APPROVAL, .groups = {"sales", "legal"}});
    const SkDeskQuestion approve = {
        .verb = SK_DESK_APPROVE, .target = id, .as = (char *)"anna@ours.example"};

    add_job(t, 1, 1);
    assert_result(&t->desk, &approve, true, SK_DESK_OK);
    test_now_us = START_US + 30 * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(count_events(t, "escalated"), ==, 0);
}

static void
check_end(Tend *t, unsigned n, const Mail *mail, SkCopyState end, const char *notice)
{
    g_autofree char *id = add_mail(&t->desk, n, mail);
    g_autoptr(SkHeldCopy) copy = NULL;

    test_now_us = START_US;
    add_job(t, n, 1);
    test_now_us = START_US + 100 * LEASE_US;
    g_assert_true(step(t));
    copy = load(t->desk.base.db, n, 1);
    g_assert_cmpint(copy->state, ==, end);
    g_assert_cmpstr(copy->ended_by, ==, "time");
    g_assert_cmpint(count_notices(&t->desk, notice), ==, 1);
    g_assert_cmpint(count_jobs(t), ==, 0);
}

static void
test_ends(Tend *t, const void *data)
{
    check_end(t, 1, &(Mail){.waits = SK_WAIT_CONFIRM}, SK_COPY_RETURNED, "returned");
    check_end(t, 2, &(Mail){.waits = SK_WAIT_PASSWORD, .inbound = true}, SK_COPY_EXPIRED,
              "expired");
}

/* An answer came in time; the copy may still be held again when it is released. */
static void
test_answered(Tend *t, const void *data)
{
    g_autofree char *id =
        add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_TIME | SK_WAIT_CONFIRM});

    add_job(t, 1, 1);
    g_assert_cmpint(answer(t->desk.base.db, 1, 1, SK_WAIT_CONFIRM), ==, SK_HOLD_DONE);
    test_now_us = START_US + 100 * LEASE_US;
    g_assert_true(step(t));
    g_assert_cmpint(state_of(t, 1, 1), ==, SK_COPY_WAITING);
    g_assert_cmpint(count_jobs(t), ==, 1);
    g_assert_cmpint(stop(t->desk.base.db, 1, 1), ==, SK_HOLD_DONE);
    test_now_us += 1000 * LEASE_US;
    g_assert_true(step(t));
    g_assert_cmpint(count_jobs(t), ==, 0);
}

/* What is held again is reminded of again. */
static void
test_held_again(Tend *t, const void *data)
{
    g_autofree char *id = add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_CONFIRM});

    add_job(t, 1, 1);
    test_now_us = START_US + 70 * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(count_events(t, "reminded"), ==, 1);
    run(t->desk.base.db, "UPDATE held_copy SET expires_us = expires_us + 86400000000");
    run(t->desk.base.db, "UPDATE job SET claim_us = 0 WHERE kind = 'hold.tend'");
    g_assert_true(step(t));
    test_now_us += 10 * MINUTE;
    g_assert_true(step(t));
    g_assert_cmpint(count_events(t, "reminded"), ==, 2);
}

/* Whoever lost the lease has done nothing. */
static void
test_lost_lease(Tend *t, const void *data)
{
    g_autofree char *id = add_mail(&t->desk, 1, &(Mail){.waits = SK_WAIT_CONFIRM});
    g_autofree char *copy = copy_id(1, 1), *job = g_strdup_printf("tend-%s", copy);
    g_autoptr(GPtrArray) jobs = NULL;
    g_autoptr(GError) lost = NULL;
    SkDutyState state;

    MUST(sk_job_add(t->desk.base.db, job, "hold.tend", NULL, test_now_us, &error));
    MUST(sk_job_claim(t->desk.base.db, "hold.tend", "test", LEASE_US, 1, &jobs, &error));
    run(t->desk.base.db, "UPDATE job SET claim = claim + 1");
    test_now_us = START_US + 100 * LEASE_US;
    g_assert_false(sk_clerk_tend_step(&t->world, jobs->pdata[0], &state, &lost));
    g_assert_error(lost, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(state_of(t, 1, 1), ==, SK_COPY_WAITING);
    g_assert_cmpint(count_notices(&t->desk, "returned"), ==, 0);
}

typedef struct {
    const char *name;
    void (*test)(Tend *t, const void *data);
} Case;

int
main(int argc, char **argv)
{
    static const Case cases[] = {
        {"reminders", test_reminders},
        {"reminders-after-down-time", test_reminders_after_down_time},
        {"escalation", test_escalation},
        {"escalation-over-night", test_escalation_over_night},
        {"no-escalation-of-what-is-done", test_no_escalation_of_what_is_done},
        {"ends", test_ends},
        {"answered", test_answered},
        {"held-again", test_held_again},
        {"lost-lease", test_lost_lease},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Tend, "clerk-tend", cases[i].name, tend_set_up, cases[i].test,
                         tend_tear_down);
    return sk_test_postgres_run_tests();
}
