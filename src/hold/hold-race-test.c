/* SPDX-License-Identifier: Apache-2.0 */

/* Two at a time, and calls that fail: each copy has one end, and everybody is told the same. */

#include "base/random.h"
#include "hold/hold-testing.h"
#include "port/faulty-db.h"

typedef struct {
    const Fixture *f;
    unsigned n;
    int stopper, releaser; /* atomic: rounds that each has begun */
    unsigned stopped, too_late, sent;
} Race;

/* Up to 255 times around, so that now this one and now the other is first. */
static void
dawdle(void)
{
    uint8_t some = 0;

    sk_random_fill(&some, sizeof some);
    for (volatile unsigned i = 0; i < 100U * some; i++)
        ;
}

/* Returns when the other has begun round I as well. */
static void
meet(int *mine, const int *other, unsigned i)
{
    g_atomic_int_set(mine, (int)i + 1);
    while (g_atomic_int_get(other) <= (int)i)
        g_thread_yield();
    dawdle();
}

static void *
stop_all(void *data)
{
    Race *race = data;
    g_autoptr(SkDb) db = open_db(race->f);

    for (unsigned i = 0; i < race->n; i++) {
        SkHoldOutcome outcome;

        hold(db, i, 1, SK_WAIT_TIME, START_US);
        meet(&race->stopper, &race->releaser, i);
        outcome = stop(db, i, 1);
        g_assert_true(outcome == SK_HOLD_DONE || outcome == SK_HOLD_TOO_LATE);
        race->stopped += outcome == SK_HOLD_DONE ? 1 : 0;
        race->too_late += outcome == SK_HOLD_TOO_LATE ? 1 : 0;
    }
    return NULL;
}

static void *
release_all(void *data)
{
    Race *race = data;
    g_autoptr(SkDb) db = open_db(race->f);

    for (unsigned i = 0; i < race->n; i++) {
        g_autoptr(GPtrArray) copies = NULL;

        meet(&race->releaser, &race->stopper, i);
        copies = claim(db, 1);
        if (copies->len == 0)
            continue;
        MUST(sk_hold_finish(db, copies->pdata[0], SK_COPY_SENT, NULL, NULL, &error));
        race->sent++;
    }
    return NULL;
}

/* Of each copy exactly one wins: never both, never none. */
static void
test_stop_or_send(Fixture *f, const void *data)
{
    Race race = {.f = f, .n = g_getenv("SEKISHO_LONG") != NULL ? 20000 : 1000};
    GThread *stopper = g_thread_new("stopper", stop_all, &race);
    GThread *releaser = g_thread_new("releaser", release_all, &race);

    g_thread_join(stopper);
    g_thread_join(releaser);
    g_test_message("%u stopped, %u sent", race.stopped, race.sent);
    g_assert_cmpuint(race.stopped + race.sent, ==, race.n);
    g_assert_cmpuint(race.too_late, ==, race.sent);
    g_assert_cmpuint(race.stopped, >, 0);
    g_assert_cmpuint(race.sent, >, 0);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_copy WHERE state = 'stopped'"), ==,
                    race.stopped);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_copy WHERE state = 'sent'"), ==,
                    race.sent);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event WHERE what <> 'held'"), ==,
                    race.n);
}

static void
add_many(SkDb *db, unsigned n, unsigned n_copies)
{
    for (unsigned i = 0; i < n; i++)
        hold(db, i, n_copies, SK_WAIT_TIME, START_US);
}

/* One copy, as the clerk sends it, with the end of its content. */
typedef struct {
    const SkHeldCopy *copy;
    char *blob; /* to be removed, or NULL */
} Sending;

static bool
send_copy(SkDb *db, void *data, GError **error)
{
    Sending *sending = data;

    g_clear_pointer(&sending->blob, g_free);
    return sk_hold_finish(db, sending->copy, SK_COPY_SENT, "time", NULL, error) &&
           sk_hold_drop_content(db, sending->copy->message, &sending->blob, error);
}

typedef struct {
    const Fixture *f;
    int sent, dropped; /* atomic */
} Releasers;

static void *
send_until_done(void *data)
{
    Releasers *all = data;
    g_autoptr(SkDb) db = open_db(all->f);

    for (;;) {
        g_autoptr(GPtrArray) copies = claim(db, 3);

        if (copies->len == 0)
            return NULL;
        for (guint i = 0; i < copies->len; i++) {
            Sending sending = {copies->pdata[i], NULL};

            MUST(sk_db_transact(db, send_copy, &sending, &error));
            g_atomic_int_inc(&all->sent);
            if (sending.blob != NULL)
                g_atomic_int_inc(&all->dropped);
            g_free(sending.blob);
        }
    }
}

/* Every copy is sent once, and who sends the last one of a message is told of its file, though
 * others send its other copies at the same time. */
static void
test_releasers(Fixture *f, const void *data)
{
    Releasers all = {.f = f};
    GThread *threads[4];

    add_many(f->db, 150, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("releaser", send_until_done, &all);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_cmpint(all.sent, ==, 450);
    g_assert_cmpint(all.dropped, ==, 150);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event WHERE what = 'sent'"), ==, 450);
    g_assert_cmpint(ask(f->db, "SELECT count(blob) FROM held_message"), ==, 0);
}

/* What is wanted of copy I under faults: every third is stopped, the others are sent. An answer
 * that does not come, or is UNCERTAIN, is asked for again. */
static void
stop_for_sure(SkDb *db, unsigned i)
{
    g_autofree char *id = copy_id(i, 1);
    SkHoldOutcome outcome = SK_N_HOLD_OUTCOMES;

    for (unsigned tries = 0; tries < 100; tries++) {
        if (sk_hold_stop(db, id, "hanako@ours.example", NULL, &outcome, NULL))
            break;
    }
    /* ENDED: it was done by the call that could not say so. */
    g_assert_true(outcome == SK_HOLD_DONE || outcome == SK_HOLD_ENDED);
}

/* If that fails, too, its lease ends. */
static void
keep_for_later(SkDb *db, const SkHeldCopy *copy)
{
    if (!sk_hold_retry(db, copy, NULL, test_now_us, "fault", NULL))
        test_now_us += LEASE_US;
}

static void
send_some(SkDb *db)
{
    g_autoptr(GPtrArray) copies = NULL;

    if (!sk_hold_claim(db, "test", LEASE_US, 1, &copies, NULL))
        return;
    for (guint i = 0; i < copies->len; i++) {
        Sending sending = {copies->pdata[i], NULL};

        if (!sk_db_transact(db, send_copy, &sending, NULL))
            keep_for_later(db, copies->pdata[i]);
        g_free(sending.blob);
    }
}

/* Whatever call fails, before or after its effect. The some twenty calls of a copy must have a
 * chance to get through, or none would ever be sent. */
static void
test_faults(Fixture *f, const void *data)
{
    for (unsigned every = 22; every < 38; every++) {
        SkFaults faults = {.every = every};
        SkDbEngine calls;
        SkDb *db = use_test_clock(sk_faulty_db_new(open_db(f), &faults), &calls);

        add_many(f->db, 30, 1);
        for (unsigned i = 0; i < 30; i += 3)
            stop_for_sure(db, i);
        for (unsigned i = 0; i < 2000; i++) {
            if (ask(f->db, "SELECT count(*) FROM held_copy WHERE ended_us IS NULL") == 0)
                break;
            faults.calls = i % every;
            send_some(db);
            test_now_us += LEASE_US;
        }
        sk_db_close(db);
        g_assert_cmpuint(faults.failed, >, 0);
        g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event WHERE what = 'sent'"), ==,
                        20);
        g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_event WHERE what = 'stopped'"),
                        ==, 10);
        g_assert_cmpint(ask(f->db, "SELECT count(*) FROM held_copy WHERE state = 'sent'"), ==,
                        20);
        g_assert_cmpint(ask(f->db, "SELECT count(blob) FROM held_message"), ==, 10);
        run(f->db, "DELETE FROM held_message");
    }
}

int
main(int argc, char **argv)
{
    static const HoldCase cases[] = {
        {"stop-or-send", test_stop_or_send},
        {"releasers", test_releasers},
        {"faults", test_faults},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases("hold-race", cases);
    return sk_test_postgres_run_tests();
}
