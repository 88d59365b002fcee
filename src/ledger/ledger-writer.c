/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-writer.h"

#include "base/error.h"
#include "base/limit.h"
#include "ledger/ledger-learn.h"
#include "ledger/passage-store.h"

/* Passages of one transaction: it holds the lock of the database for some 20 ms then. */
#define MAX_BATCH 1000

#define MAX_RETRY_FACTOR 64

struct SkLedgerWriter {
    SkLedgerOptions options;
    GThread *thread;
    GMutex lock;
    GCond wake;
    /* Under the lock. */
    GQueue queue; /* of SkPassage */
    SkLedgerState state;
    int64_t due; /* when the queue is to be written; g_get_monotonic_time() */
    int64_t end; /* when a stop gives up; 0: not stopping */
    /* Of the thread alone. */
    SkDb *db;
    SkPassageAdder *adder;
    SkKnownAdder *learner;
    GPtrArray *batch; /* of SkPassage; not yet written */
    int64_t retry_ms;
};

/* Condition variables know GLib's monotonic time only, so SkClock is of no use here. */
static int64_t
now_us(void)
{
    return g_get_monotonic_time();
}

static unsigned
weight_of(const SkPassage *passage)
{
    return 1 + passage->recipients->len;
}

static void
close_database(SkLedgerWriter *w)
{
    g_clear_pointer(&w->adder, sk_passage_adder_free);
    g_clear_pointer(&w->learner, sk_known_adder_free);
    g_clear_pointer(&w->db, sk_db_close);
}

static bool
ensure_open(SkLedgerWriter *w, GError **error)
{
    if (w->db == NULL)
        w->db = w->options.open(w->options.data, error);
    if (w->db == NULL)
        return false;
    if (w->adder == NULL)
        w->adder = sk_passage_adder_new(w->db, error);
    if (w->adder != NULL && w->learner == NULL && w->options.hash_key != NULL)
        w->learner = sk_known_adder_new(w->db, error);
    return w->adder != NULL && (w->learner != NULL || w->options.hash_key == NULL);
}

static bool
add_rows(SkLedgerWriter *w, guint first, guint n, GError **error)
{
    uint8_t key[SK_LEDGER_HASH_KEY_LEN];
    bool learns = w->learner != NULL && w->options.hash_key(key, w->options.data);

    for (guint i = first; i < first + n; i++) {
        const SkPassage *passage = w->batch->pdata[i];

        if (!sk_passage_adder_add(w->adder, passage, error) ||
            (learns && !sk_ledger_learn(w->learner, passage, sk_bytes(key, sizeof key), error)))
            return false;
    }
    return true;
}

static bool
write_rows(SkLedgerWriter *w, guint first, guint n, GError **error)
{
    if (!ensure_open(w, error) || !sk_db_begin(w->db, error))
        return false;
    if (add_rows(w, first, n, error))
        return sk_db_commit(w->db, error);
    sk_db_rollback(w->db);
    return false;
}

/* Takes the first N passages out of the batch. */
static void
drop_first(SkLedgerWriter *w, guint n, bool written)
{
    unsigned weight = 0;

    for (guint i = 0; i < n; i++)
        weight += weight_of(w->batch->pdata[i]);
    g_ptr_array_remove_range(w->batch, 0, n);
    g_mutex_lock(&w->lock);
    w->state.waiting -= weight;
    if (written)
        w->state.written += n;
    else
        w->state.lost += n;
    g_mutex_unlock(&w->lock);
}

/* A row that breaks a constraint will do so for ever; the others of its batch are not to wait
 * for it. */
static bool
write_one_by_one(SkLedgerWriter *w, GError **error)
{
    while (w->batch->len > 0) {
        g_autoptr(GError) trouble = NULL;
        bool written = write_rows(w, 0, 1, &trouble);

        if (!written && !g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
        drop_first(w, 1, written);
        if (!written)
            w->options.report(trouble, 1, w->options.data);
    }
    return true;
}

static bool
write_batch(SkLedgerWriter *w, GError **error)
{
    g_autoptr(GError) trouble = NULL;

    if (write_rows(w, 0, w->batch->len, &trouble)) {
        drop_first(w, w->batch->len, true);
        return true;
    }
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT))
        return write_one_by_one(w, error);
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_IO))
        close_database(w);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static bool
set_failing(SkLedgerWriter *w, bool failing)
{
    bool changed;

    g_mutex_lock(&w->lock);
    changed = w->state.failing != failing;
    w->state.failing = failing;
    g_mutex_unlock(&w->lock);
    return changed;
}

static void
try_batch(SkLedgerWriter *w)
{
    g_autoptr(GError) trouble = NULL;
    bool ok = write_batch(w, &trouble);

    if (set_failing(w, !ok))
        w->options.report(trouble, 0, w->options.data);
    if (ok)
        w->retry_ms = 0;
    else if (w->retry_ms == 0)
        w->retry_ms = w->options.retry_ms;
    else
        w->retry_ms = MIN(2 * w->retry_ms, MAX_RETRY_FACTOR * w->options.retry_ms);
}

/* Until the queue is due, or a stop is asked for. */
static void
wait_for_work(SkLedgerWriter *w)
{
    while (w->end == 0) {
        if (w->queue.length == 0)
            g_cond_wait(&w->wake, &w->lock);
        else if (w->queue.length >= MAX_BATCH || !g_cond_wait_until(&w->wake, &w->lock, w->due))
            return;
    }
}

/* Until the next try; a stop shortens it. */
static void
wait_for_retry(SkLedgerWriter *w)
{
    int64_t until = now_us() + 1000 * w->retry_ms;
    bool again = true;

    while (again && w->end == 0)
        again = g_cond_wait_until(&w->wake, &w->lock, until);
    if (w->end != 0) {
        int64_t soon = MIN(w->end, now_us() + 1000 * w->options.retry_ms);

        while (g_cond_wait_until(&w->wake, &w->lock, soon)) {
        }
    }
}

static void
fill_batch(SkLedgerWriter *w)
{
    while (w->batch->len < MAX_BATCH && w->queue.length > 0)
        g_ptr_array_add(w->batch, g_queue_pop_head(&w->queue));
}

/* Whether there is something to write; false: the end. */
static bool
get_work(SkLedgerWriter *w)
{
    bool over;

    g_mutex_lock(&w->lock);
    if (w->retry_ms > 0)
        wait_for_retry(w);
    else
        wait_for_work(w);
    fill_batch(w);
    over = w->end != 0 && (w->batch->len == 0 || (w->retry_ms > 0 && now_us() >= w->end));
    g_mutex_unlock(&w->lock);
    return !over;
}

static void
give_up(SkLedgerWriter *w)
{
    g_autoptr(GError) trouble = NULL;
    guint lost;

    while (w->queue.length > 0)
        g_ptr_array_add(w->batch, g_queue_pop_head(&w->queue));
    lost = w->batch->len;
    if (lost == 0)
        return;
    drop_first(w, lost, false);
    g_set_error(&trouble, SK_ERROR, SK_ERROR_TIMEOUT, "the database did not come back");
    w->options.report(trouble, lost, w->options.data);
}

static void *
run(void *data)
{
    SkLedgerWriter *w = data;

    while (get_work(w))
        try_batch(w);
    give_up(w);
    close_database(w);
    return NULL;
}

static void
free_passage(void *passage)
{
    sk_passage_free(passage);
}

SkLedgerWriter *
sk_ledger_writer_new(const SkLedgerOptions *options)
{
    SkLedgerWriter *w = g_new0(SkLedgerWriter, 1);

    w->options = *options;
    if (w->options.batch_ms == 0)
        w->options.batch_ms = 1000;
    if (w->options.retry_ms == 0)
        w->options.retry_ms = 100;
    if (w->options.drain_ms == 0)
        w->options.drain_ms = 5000;
    if (w->options.capacity == 0)
        w->options.capacity = SK_LIMIT_LEDGER_QUEUE;
    g_mutex_init(&w->lock);
    g_cond_init(&w->wake);
    g_queue_init(&w->queue);
    w->batch = g_ptr_array_new_with_free_func(free_passage);
    w->thread = g_thread_new("ledger", run, w);
    return w;
}

void
sk_ledger_writer_free(SkLedgerWriter *w)
{
    if (w == NULL)
        return;
    g_mutex_lock(&w->lock);
    w->end = now_us() + 1000 * w->options.drain_ms;
    g_cond_signal(&w->wake);
    g_mutex_unlock(&w->lock);
    g_thread_join(w->thread);
    g_ptr_array_unref(w->batch);
    g_mutex_clear(&w->lock);
    g_cond_clear(&w->wake);
    g_free(w);
}

/* Wakes the thread only when it has another time to wait for than before: once a batch, not
 * once a message. */
static void
enqueue(SkLedgerWriter *w, SkPassage *passage, unsigned weight, bool urgent)
{
    bool first = w->queue.length == 0;

    g_queue_push_tail(&w->queue, passage);
    w->state.waiting += weight;
    if (first)
        w->due = now_us() + 1000 * w->options.batch_ms;
    if (urgent)
        w->due = 0;
    if (first || urgent || w->queue.length == MAX_BATCH)
        g_cond_signal(&w->wake);
}

static bool
is_room(const SkLedgerWriter *w, unsigned weight)
{
    /* A message with more recipients than there is room at all is taken when nothing waits. */
    return w->state.waiting == 0 || w->state.waiting + weight <= w->options.capacity;
}

bool
sk_ledger_writer_take(SkLedgerWriter *w, SkPassage *passage, bool urgent)
{
    unsigned weight = weight_of(passage);
    bool taken;

    g_mutex_lock(&w->lock);
    taken = is_room(w, weight);
    if (taken)
        enqueue(w, passage, weight, urgent);
    else
        w->state.refused++;
    g_mutex_unlock(&w->lock);
    if (!taken)
        sk_passage_free(passage);
    return taken;
}

bool
sk_ledger_writer_has_room(SkLedgerWriter *w, unsigned n_recipients)
{
    bool room;

    g_mutex_lock(&w->lock);
    room = is_room(w, 1 + n_recipients);
    g_mutex_unlock(&w->lock);
    return room;
}

SkLedgerState
sk_ledger_writer_get_state(SkLedgerWriter *w)
{
    SkLedgerState state;

    g_mutex_lock(&w->lock);
    state = w->state;
    g_mutex_unlock(&w->lock);
    return state;
}
