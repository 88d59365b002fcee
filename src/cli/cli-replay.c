/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-replay.h"

#include <string.h>

#include "base/clock.h"
#include "cli/cli-progress.h"
#include "ledger/passage-store.h"

/* Passages handed to a thread at once; batches that wait for each thread. */
#define BATCH        200
#define BATCHES_EACH 3
/* Passages of one statement. */
#define PAGE 5000

typedef struct {
    GThreadPool *pool;
    GAsyncQueue *idle; /* of SkSimulation: one a thread, for whoever works next */
    GPtrArray *all;    /* of them */
    GMutex lock;       /* guards what follows */
    GCond done;
    unsigned waiting; /* batches */

    /* The reader's own. */
    GPtrArray *batch; /* of documents */
    GHashTable *seen; /* ids of the oldest time so far: the next page begins with them */
    int64_t oldest_us;
    uint64_t taken, total;
    unsigned rows; /* of this page */
    SkProgress *progress;
} Replay;

static void
work(void *data, void *user)
{
    GPtrArray *batch = data;
    Replay *r = user;
    SkSimulation *simulation = g_async_queue_pop(r->idle);

    for (guint i = 0; i < batch->len; i++)
        sk_simulation_add(simulation, batch->pdata[i]);
    g_async_queue_push(r->idle, simulation);
    g_ptr_array_unref(batch);
    g_mutex_lock(&r->lock);
    r->waiting--;
    g_cond_signal(&r->done);
    g_mutex_unlock(&r->lock);
}

static void
wait_for_room(Replay *r, unsigned most)
{
    g_mutex_lock(&r->lock);
    while (r->waiting > most)
        g_cond_wait(&r->done, &r->lock);
    g_mutex_unlock(&r->lock);
}

static void
hand_over(Replay *r)
{
    wait_for_room(r, BATCHES_EACH * r->all->len);
    g_mutex_lock(&r->lock);
    r->waiting++;
    g_mutex_unlock(&r->lock);
    g_thread_pool_push(r->pool, g_steal_pointer(&r->batch), NULL);
    r->batch = g_ptr_array_new_with_free_func(g_free);
}

static bool
on_row(const SkPassageRow *row, void *data)
{
    Replay *r = data;

    r->rows++;
    if (row->received_us != r->oldest_us)
        g_hash_table_remove_all(r->seen);
    r->oldest_us = row->received_us;
    if (!g_hash_table_add(r->seen, g_strdup(row->id)))
        return true;
    g_ptr_array_add(r->batch, g_strdup(row->document));
    sk_progress_set(r->progress, ++r->taken);
    if (r->batch->len >= BATCH)
        hand_over(r);
    return true;
}

/* Page by page, the newest first. A page begins with the time the last one ended with, of which
 * there may be more; if a whole page has but one time, the next one is larger. */
static bool
read_pages(Replay *r, SkDb *know, int64_t since_us, GError **error)
{
    SkPassageFilter filter = {.since_us = since_us, .limit = PAGE};
    bool more = true;

    while (more) {
        uint64_t before = r->taken;

        r->rows = 0;
        if (!sk_passage_store_list(know, &filter, on_row, r, error))
            return false;
        more = r->rows == filter.limit;
        filter.until_us = r->oldest_us + 1;
        filter.limit = r->taken > before ? PAGE : 2 * filter.limit;
    }
    hand_over(r);
    wait_for_room(r, 0);
    return true;
}

static bool
count(Replay *r, SkDb *know, int64_t since_us, GError **error)
{
    int64_t total = 0;

    if (!sk_passage_store_count(know, since_us, 0, &total, error))
        return false;
    r->progress = sk_progress_new("passages", (uint64_t)total);
    return true;
}

static void
replay_init(Replay *r, const SkSimulationOptions *options)
{
    guint threads = g_get_num_processors();

    g_mutex_init(&r->lock);
    g_cond_init(&r->done);
    r->pool = g_thread_pool_new(work, r, (gint)threads, FALSE, NULL);
    r->idle = g_async_queue_new();
    r->all = g_ptr_array_new_with_free_func((GDestroyNotify)sk_simulation_free);
    for (guint i = 0; i < threads; i++) {
        SkSimulation *simulation = sk_simulation_new(options);

        g_ptr_array_add(r->all, simulation);
        g_async_queue_push(r->idle, simulation);
    }
    r->batch = g_ptr_array_new_with_free_func(g_free);
    r->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
replay_clear(Replay *r)
{
    g_thread_pool_free(r->pool, FALSE, TRUE);
    g_async_queue_unref(r->idle);
    g_ptr_array_unref(r->all);
    g_ptr_array_unref(r->batch);
    g_hash_table_unref(r->seen);
    sk_progress_free(r->progress);
    g_mutex_clear(&r->lock);
    g_cond_clear(&r->done);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Replay, replay_clear)

SkSimulation *
sk_cli_replay(SkDb *know, const SkSimulationOptions *options, int64_t since_us, GError **error)
{
    g_auto(Replay) r = {0};
    SkSimulation *whole;

    replay_init(&r, options);
    if (!count(&r, know, since_us, error) || !read_pages(&r, know, since_us, error))
        return NULL;
    whole = g_ptr_array_steal_index(r.all, 0);
    for (guint i = 0; i < r.all->len; i++)
        sk_simulation_merge(whole, r.all->pdata[i]);
    return whole;
}
