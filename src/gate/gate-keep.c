/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-keep.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/error.h"
#include "engine/engine-blob-site.h"

#define THREADS 4
/* After a rotation the old site key lives on for a day: far more often than that. */
#define SITE_MS (3600 * 1000)

struct SkGateHands {
    SkGateKeep *pool;
    SkDb *keep, *know;  /* NULL: to be opened */
    SkBlobPlace *blobs; /* the same */
    SkBlobSite site;
    bool has_site;
    int64_t site_ms; /* when it was loaded */
    const SkGateTask *task;
};

struct SkGateKeep {
    const SkStore *store;
    char *hash_key;
    GAsyncQueue *queue; /* of SkGateTask; one without a kind ends a thread */
    GThread *threads[THREADS];
};

struct SkGateTask {
    SkGateCaller *caller;
    const SkGateTaskKind *kind;
    void *data;
    int64_t since_ms;
    GError *error;
    atomic_bool abandoned;
};

struct SkGateCaller {
    SkGateKeep *pool;
    SkLoop *loop;
    atomic_bool ending; /* all its tasks are abandoned */
    GMutex lock;        /* guards what follows */
    GCond rested;
    unsigned under_way;
    GQueue finished; /* of SkGateTask */
    bool posted;     /* the loop knows that there are some */
};

static int64_t
mono_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void
task_free(SkGateTask *task)
{
    if (task->kind != NULL)
        task->kind->free(task->data);
    g_clear_error(&task->error);
    g_free(task);
}

/* ---- a thread of the pool ---- */

static bool
open_keep(SkGateHands *hands, GError **error)
{
    if (hands->keep == NULL)
        hands->keep = sk_store_open(hands->pool->store, SK_KEEP, SK_STORE_WRITE, error);
    return hands->keep != NULL;
}

SkDb *
sk_gate_hands_peek_keep(SkGateHands *hands)
{
    return hands->keep;
}

SkDb *
sk_gate_hands_peek_know(SkGateHands *hands, GError **error)
{
    if (hands->know == NULL)
        hands->know = sk_store_open(hands->pool->store, SK_KNOW, SK_STORE_WRITE, error);
    return hands->know;
}

SkBlobPlace *
sk_gate_hands_peek_blobs(SkGateHands *hands, GError **error)
{
    if (hands->blobs == NULL)
        hands->blobs = sk_store_open_blobs(hands->pool->store, error);
    return hands->blobs;
}

const SkBlobSite *
sk_gate_hands_peek_site(SkGateHands *hands, GError **error)
{
    int64_t now_ms = mono_ms();

    if (hands->has_site && now_ms - hands->site_ms < SITE_MS)
        return &hands->site;
    hands->has_site =
        sk_engine_blob_site_load(hands->keep, hands->pool->hash_key, &hands->site, error);
    hands->site_ms = now_ms;
    return hands->has_site ? &hands->site : NULL;
}

static bool
is_abandoned(const SkGateTask *task)
{
    return atomic_load(&task->abandoned) || atomic_load(&task->caller->ending);
}

bool
sk_gate_hands_is_abandoned(const SkGateHands *hands)
{
    return is_abandoned(hands->task);
}

static void
drop_hands(SkGateHands *hands)
{
    g_clear_pointer(&hands->keep, sk_db_close);
    g_clear_pointer(&hands->know, sk_db_close);
    g_clear_pointer(&hands->blobs, sk_blob_place_close);
    hands->has_site = false;
}

static bool
is_in_time(const SkGateTask *task, GError **error)
{
    if (mono_ms() - task->since_ms < 1000 * SK_GATE_KEEP_WAIT_S)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                "the store is too slow: nothing was begun within %d s", SK_GATE_KEEP_WAIT_S);
    return false;
}

static void
carry_out(SkGateHands *hands, SkGateTask *task)
{
    hands->task = task;
    if (is_abandoned(task) || !is_in_time(task, &task->error))
        return;
    if (!open_keep(hands, &task->error) || !task->kind->work(hands, task->data, &task->error))
        drop_hands(hands);
}

/* ---- back in the loop ---- */

static GQueue
steal_finished(SkGateCaller *caller)
{
    GQueue finished;

    g_mutex_lock(&caller->lock);
    finished = caller->finished;
    g_queue_init(&caller->finished);
    caller->posted = false;
    g_mutex_unlock(&caller->lock);
    return finished;
}

static void
tell(void *data)
{
    GQueue finished = steal_finished(data);
    SkGateTask *task;

    while ((task = g_queue_pop_head(&finished)) != NULL) {
        if (!atomic_load(&task->abandoned))
            task->kind->done(task->data, task->error);
        task_free(task);
    }
}

static void
finish(SkGateTask *task)
{
    SkGateCaller *caller = task->caller;

    g_mutex_lock(&caller->lock);
    g_queue_push_tail(&caller->finished, task);
    if (!caller->posted)
        sk_loop_post(caller->loop, tell, caller);
    caller->posted = true;
    /* The last touch: whoever waits for this may free the caller then. */
    if (--caller->under_way == 0)
        g_cond_broadcast(&caller->rested);
    g_mutex_unlock(&caller->lock);
}

static void *
run(void *data)
{
    SkGateHands hands = {.pool = data};
    SkGateTask *task;

    while ((task = g_async_queue_pop(hands.pool->queue))->kind != NULL) {
        carry_out(&hands, task);
        finish(task);
    }
    task_free(task);
    drop_hands(&hands);
    return NULL;
}

SkGateKeep *
sk_gate_keep_new(const SkStore *store, const char *hash_key)
{
    SkGateKeep *pool = g_new0(SkGateKeep, 1);

    pool->store = store;
    pool->hash_key = g_strdup(hash_key);
    pool->queue = g_async_queue_new();
    for (unsigned i = 0; i < THREADS; i++)
        pool->threads[i] = g_thread_new("gate-keep", run, pool);
    return pool;
}

void
sk_gate_keep_free(SkGateKeep *pool)
{
    if (pool == NULL)
        return;
    for (unsigned i = 0; i < THREADS; i++)
        g_async_queue_push(pool->queue, g_new0(SkGateTask, 1));
    for (unsigned i = 0; i < THREADS; i++)
        g_thread_join(pool->threads[i]);
    g_async_queue_unref(pool->queue);
    g_free(pool->hash_key);
    g_free(pool);
}

SkGateCaller *
sk_gate_caller_new(SkGateKeep *pool, SkLoop *loop)
{
    SkGateCaller *caller = g_new0(SkGateCaller, 1);

    caller->pool = pool;
    caller->loop = loop;
    g_mutex_init(&caller->lock);
    g_cond_init(&caller->rested);
    g_queue_init(&caller->finished);
    return caller;
}

void
sk_gate_caller_free(SkGateCaller *caller)
{
    SkGateTask *task;

    if (caller == NULL)
        return;
    atomic_store(&caller->ending, true);
    g_mutex_lock(&caller->lock);
    while (caller->under_way > 0)
        g_cond_wait(&caller->rested, &caller->lock);
    g_mutex_unlock(&caller->lock);
    while ((task = g_queue_pop_head(&caller->finished)) != NULL)
        task_free(task);
    g_cond_clear(&caller->rested);
    g_mutex_clear(&caller->lock);
    g_free(caller);
}

SkGateTask *
sk_gate_keep_submit(SkGateCaller *caller, const SkGateTaskKind *kind, void *data)
{
    SkGateTask *task = g_new0(SkGateTask, 1);

    task->caller = caller;
    task->kind = kind;
    task->data = data;
    task->since_ms = mono_ms();
    g_mutex_lock(&caller->lock);
    caller->under_way++;
    g_mutex_unlock(&caller->lock);
    if (g_async_queue_length(caller->pool->queue) < SK_GATE_KEEP_QUEUE) {
        g_async_queue_push(caller->pool->queue, task);
        return task;
    }
    g_set_error(&task->error, SK_ERROR, SK_ERROR_LIMIT,
                "the store is too slow: %d messages wait for it", SK_GATE_KEEP_QUEUE);
    finish(task);
    return task;
}

void
sk_gate_task_abandon(SkGateTask *task)
{
    atomic_store(&task->abandoned, true);
}
