/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-keep.h"

#include "base/error.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "store/store-tree-testing.h"

typedef struct {
    char *dir;
    SkSettings *settings;
    SkStore *store;
    SkGateKeep *keep;
    SkLoop *loop;
    SkGateCaller *caller;
    unsigned done, failed; /* told in this loop */
    gint begun, freed;
    GMutex gate; /* held: work waits */
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    g_autofree char *text = NULL;

    (void)data;
    f->dir = sk_test_tree_new();
    text =
        g_strdup_printf("[store]\nstore = sqlite:%s\nblobs = file:%s/blobs\n", f->dir, f->dir);
    f->settings = sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);
    f->store = sk_store_new(f->settings, "sekisho-gate", sk_engine_tables, NULL);
    f->keep = sk_gate_keep_new(f->store, "/nowhere");
    f->loop = sk_loop_new(NULL);
    f->caller = sk_gate_caller_new(f->keep, f->loop);
    g_mutex_init(&f->gate);
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_gate_caller_free(f->caller);
    sk_gate_keep_free(f->keep);
    sk_loop_free(f->loop);
    sk_store_free(f->store);
    sk_settings_free(f->settings);
    g_mutex_clear(&f->gate);
    sk_test_tree_remove(f->dir);
    g_free(f->dir);
}

static bool
work(SkGateHands *hands, void *data, GError **error)
{
    Fixture *f = data;
    int64_t now_us;

    g_atomic_int_inc(&f->begun);
    g_mutex_lock(&f->gate);
    g_mutex_unlock(&f->gate);
    return sk_db_now_us(sk_gate_hands_peek_keep(hands), &now_us, error);
}

static bool
fail(SkGateHands *hands, void *data, GError **error)
{
    g_atomic_int_inc(&((Fixture *)data)->begun);
    g_assert_null(sk_gate_hands_peek_site(hands, error));
    return false;
}

static void
done(void *data, const GError *error)
{
    Fixture *f = data;

    f->done++;
    f->failed += error != NULL;
}

static void
count_freed(void *data)
{
    g_atomic_int_inc(&((Fixture *)data)->freed);
}

static const SkGateTaskKind working = {work, done, count_freed};
static const SkGateTaskKind failing = {fail, done, count_freed};

static void
step_until(Fixture *f, const gint *counter, gint n)
{
    while (g_atomic_int_get(counter) < n)
        sk_loop_step(f->loop, 10);
}

/* Told in the loop's thread only, and what failed does not spoil what follows. */
static void
test_done(Fixture *f, const void *data)
{
    (void)data;
    for (unsigned i = 0; i < 20; i++)
        (void)sk_gate_keep_submit(f->caller, i % 4 == 0 ? &failing : &working, f);
    g_assert_cmpuint(f->done, ==, 0);
    step_until(f, &f->freed, 20);
    g_assert_cmpuint(f->done, ==, 20);
    g_assert_cmpuint(f->failed, ==, 5);
}

static void
test_abandoned(Fixture *f, const void *data)
{
    SkGateTask *tasks[3];

    (void)data;
    g_mutex_lock(&f->gate);
    for (unsigned i = 0; i < 3; i++)
        tasks[i] = sk_gate_keep_submit(f->caller, &working, f);
    sk_gate_task_abandon(tasks[1]);
    g_mutex_unlock(&f->gate);
    step_until(f, &f->freed, 3);
    g_assert_cmpuint(f->done, ==, 2);
}

/* Threads are all at work, and the queue is full: the next is told so at once, by the loop. */
static void
test_full(Fixture *f, const void *data)
{
    gint n = SK_GATE_KEEP_QUEUE + 20;

    (void)data;
    g_mutex_lock(&f->gate);
    for (gint i = 0; i < n; i++)
        (void)sk_gate_keep_submit(f->caller, &working, f);
    step_until(f, &f->freed, 1);
    g_assert_cmpuint(f->failed, >, 0);
    g_mutex_unlock(&f->gate);
    step_until(f, &f->freed, n);
    g_assert_cmpuint(f->done, ==, (unsigned)n);
    g_assert_cmpuint(f->failed, <=, 20);
}

/* The loop is over before the work: nobody is told, nothing leaks, what waits is not begun. */
static void
test_end(Fixture *f, const void *data)
{
    (void)data;
    g_mutex_lock(&f->gate);
    for (unsigned i = 0; i < 50; i++)
        (void)sk_gate_keep_submit(f->caller, &working, f);
    while (g_atomic_int_get(&f->begun) < 4)
        g_thread_yield();
    g_mutex_unlock(&f->gate);
    g_clear_pointer(&f->caller, sk_gate_caller_free);
    g_assert_cmpuint(f->done, ==, 0);
    g_assert_cmpint(f->freed, ==, 50);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/gate/keep/done", Fixture, NULL, set_up, test_done, tear_down);
    g_test_add("/gate/keep/abandoned", Fixture, NULL, set_up, test_abandoned, tear_down);
    g_test_add("/gate/keep/full", Fixture, NULL, set_up, test_full, tear_down);
    g_test_add("/gate/keep/end", Fixture, NULL, set_up, test_end, tear_down);
    return g_test_run();
}
