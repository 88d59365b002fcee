/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-inspect.h"

#include "base/clock.h"
#include "base/error.h"
#include "process/process-job.h"
#include "process/process-link.h"

/* How often waiting jobs and idle connections are looked at. */
#define TICK_MS 250
/* Longer than any inspector may take: for one whose own limits do not work. */
#define ANSWER_MS 90000
/* An idle connection costs a worker; after this long only one is kept. */
#define IDLE_MS 60000
/* Workers that end before they begin a job: then it is not by chance. */
#define MAX_TRIES 3

typedef struct Client Client;

typedef struct {
    Client *client;
    SkInspectPool pool;
    SkLink *link;
    SkProcessJob *job; /* under way; NULL: idle */
    int64_t idle_since_ms;
} Slot;

typedef struct {
    GQueue waiting;   /* of SkProcessJob */
    GPtrArray *slots; /* of Slot; the last ones are used first, so that others stay idle */
} Pool;

struct Client {
    SkInspect port;
    SkLoop *loop;
    char *path;
    unsigned max_slots;
    int64_t wait_ms;
    SkScan *scan; /* or NULL */
    int64_t need_ms;
    Pool pools[SK_N_INSPECT_POOLS];
    GQueue done;    /* of SkProcessJob, to be told */
    SkTimer *tick;  /* while anything waits, is under way or may be closed */
    SkTimer *later; /* to tell what was done inside a submit */
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void
slot_free(void *data)
{
    Slot *slot = data;

    sk_link_free(slot->link);
    if (slot->job != NULL)
        sk_process_job_free(slot->job);
    g_free(slot);
}

static void
finish(Client *client, SkProcessJob *job)
{
    if (job->cancelled)
        sk_process_job_free(job);
    else
        g_queue_push_tail_link(&client->done, &job->link);
}

static void
fail(Client *client, SkProcessJob *job, const GError *error)
{
    job->error = g_error_copy(error);
    finish(client, job);
}

static void
fail_with(Client *client, SkProcessJob *job, SkError code, const char *message)
{
    g_autoptr(GError) error = g_error_new_literal(SK_ERROR, code, message);

    fail(client, job, error);
}

/* Calls what may submit and cancel jobs while it is called. */
static void
tell(Client *client)
{
    GList *link;

    while ((link = g_queue_pop_head_link(&client->done)) != NULL)
        sk_process_job_tell(link->data);
}

static void
on_later(void *data)
{
    Client *client = data;

    sk_timer_free(g_steal_pointer(&client->later));
    tell(client);
}

static void on_link(SkLink *link, SkLinkOutcome outcome, SkInspectResult *result, void *data);

static Slot *
open_slot(Client *client, SkInspectPool pool, GError **error)
{
    g_autofree Slot *slot = g_new0(Slot, 1);

    *slot = (Slot){.client = client, .pool = pool, .idle_since_ms = now_ms()};
    slot->link = sk_link_new(client->loop, client->path, on_link, slot, error);
    if (slot->link == NULL)
        return NULL;
    if (client->scan != NULL)
        sk_link_set_scan(slot->link, client->scan, client->need_ms);
    g_ptr_array_add(client->pools[pool].slots, slot);
    return g_steal_pointer(&slot);
}

static Slot *
find_idle(Pool *pool)
{
    for (guint i = pool->slots->len; i > 0; i--) {
        Slot *slot = pool->slots->pdata[i - 1];

        if (slot->job == NULL)
            return slot;
    }
    return NULL;
}

static void
start(Slot *slot, SkProcessJob *job)
{
    slot->job = job;
    job->tries++;
    job->deadline_ms = now_ms() + ANSWER_MS;
    sk_link_send(slot->link, &job->job, job->size);
}

/* Without a single connection there is no inspector to wait for; with a full backlog, or
 * others at work, there is. */
static void
give_up(Client *client, Pool *pool, const GError *error)
{
    GList *link;

    if (pool->slots->len > 0 || g_error_matches(error, SK_ERROR, SK_ERROR_TIMEOUT))
        return;
    while ((link = g_queue_pop_head_link(&pool->waiting)) != NULL) {
        g_autoptr(GError) own = g_error_new_literal(SK_ERROR, SK_ERROR_IO, error->message);

        fail(client, link->data, own);
    }
}

/* Gives waiting jobs to idle and new workers. */
static void
dispatch(Client *client, SkInspectPool which)
{
    Pool *pool = &client->pools[which];

    while (pool->waiting.length > 0) {
        g_autoptr(GError) error = NULL;
        Slot *slot = find_idle(pool);

        if (slot == NULL && pool->slots->len < client->max_slots)
            slot = open_slot(client, which, &error);
        if (slot == NULL) {
            if (error != NULL)
                give_up(client, pool, error);
            return;
        }
        start(slot, g_queue_pop_head_link(&pool->waiting)->data);
    }
}

static void
settle(Client *client, SkProcessJob *job, SkLinkOutcome outcome, SkInspectResult *result)
{
    if (outcome == SK_LINK_ANSWERED) {
        job->result = result;
        finish(client, job);
    } else if (outcome == SK_LINK_UNBEGUN && job->tries < MAX_TRIES && !job->cancelled) {
        job->deadline_ms = now_ms() + client->wait_ms;
        g_queue_push_head_link(&client->pools[job->job.pool].waiting, &job->link);
    } else if (outcome == SK_LINK_FOREIGN) {
        fail_with(client, job, SK_ERROR_PROTOCOL, "the inspector is of another version");
    } else {
        fail_with(client, job, SK_ERROR_IO, "the inspector ended during the inspection");
    }
}

static void
on_link(SkLink *link, SkLinkOutcome outcome, SkInspectResult *result, void *data)
{
    Slot *slot = data;
    Client *client = slot->client;
    SkInspectPool pool = slot->pool;
    SkProcessJob *job = g_steal_pointer(&slot->job);

    slot->idle_since_ms = now_ms();
    if (!sk_link_is_usable(link))
        g_ptr_array_remove(client->pools[pool].slots, slot);
    if (job != NULL)
        settle(client, job, outcome, result);
    dispatch(client, pool);
    tell(client);
}

static void
expire_waiting(Client *client, Pool *pool, int64_t now)
{
    for (GList *link = pool->waiting.head, *next; link != NULL; link = next) {
        SkProcessJob *job = link->data;

        next = link->next;
        if (job->deadline_ms > now)
            continue;
        g_queue_unlink(&pool->waiting, link);
        fail_with(client, job, SK_ERROR_TIMEOUT, "no inspector was free in time");
    }
}

static void
expire_slots(Client *client, Pool *pool, int64_t now)
{
    for (guint i = pool->slots->len; i > 0; i--) {
        Slot *slot = pool->slots->pdata[i - 1];
        SkProcessJob *job = slot->job;

        if (job != NULL)
            sk_link_check(slot->link);
        if (job == NULL && slot->idle_since_ms + IDLE_MS <= now && pool->slots->len > 1)
            g_ptr_array_remove_index(pool->slots, i - 1);
        if (job == NULL || job->deadline_ms > now)
            continue;
        slot->job = NULL;
        g_ptr_array_remove_index(pool->slots, i - 1);
        fail_with(client, job, SK_ERROR_TIMEOUT, "the inspector does not answer");
    }
}

static bool
is_at_rest(const Pool *pool)
{
    return pool->waiting.length == 0 &&
           (pool->slots->len == 0 ||
            (pool->slots->len == 1 && ((Slot *)pool->slots->pdata[0])->job == NULL));
}

static void
on_tick(void *data)
{
    Client *client = data;
    bool at_rest = true;

    for (int i = 0; i < SK_N_INSPECT_POOLS; i++) {
        expire_waiting(client, &client->pools[i], now_ms());
        expire_slots(client, &client->pools[i], now_ms());
        dispatch(client, (SkInspectPool)i);
        at_rest &= is_at_rest(&client->pools[i]);
    }
    if (at_rest)
        sk_timer_free(g_steal_pointer(&client->tick));
    tell(client);
}

static void
submit(SkInspect *inspect, const SkInspectJob *order, SkInspectFunc func, void *data)
{
    Client *client = (Client *)inspect;
    SkProcessJob *job = sk_process_job_new(order, func, data);

    g_assert(order->pool < SK_N_INSPECT_POOLS);
    job->deadline_ms = now_ms() + client->wait_ms;
    job->job.scan_members = client->scan != NULL;
    if (job->error == NULL) {
        g_queue_push_tail_link(&client->pools[order->pool].waiting, &job->link);
        dispatch(client, order->pool);
    } else {
        finish(client, job);
    }
    if (client->tick == NULL)
        client->tick = sk_loop_timer(client->loop, TICK_MS, on_tick, client);
    if (client->done.length > 0 && client->later == NULL)
        client->later = sk_loop_timer(client->loop, 0, on_later, client);
}

static void
forget_queued(GQueue *queue, const void *data)
{
    for (GList *link = queue->head, *next; link != NULL; link = next) {
        SkProcessJob *job = link->data;

        next = link->next;
        if (job->data != data)
            continue;
        g_queue_unlink(queue, link);
        sk_process_job_free(job);
    }
}

/* A worker that has the whole job may finish it; one that waits for more bytes cannot be used
 * again, for the bytes are gone with the caller. */
static void
forget_running(Pool *pool, const void *data)
{
    for (guint i = pool->slots->len; i > 0; i--) {
        Slot *slot = pool->slots->pdata[i - 1];

        if (slot->job == NULL || slot->job->data != data)
            continue;
        slot->job->cancelled = true;
        if (sk_link_is_sending(slot->link))
            g_ptr_array_remove_index(pool->slots, i - 1);
    }
}

static void
cancel(SkInspect *inspect, void *data)
{
    Client *client = (Client *)inspect;

    forget_queued(&client->done, data);
    for (int i = 0; i < SK_N_INSPECT_POOLS; i++) {
        forget_queued(&client->pools[i].waiting, data);
        forget_running(&client->pools[i], data);
    }
}

static void
drop_queue(GQueue *queue)
{
    GList *link;

    while ((link = g_queue_pop_head_link(queue)) != NULL)
        sk_process_job_free(link->data);
}

static void
client_free(SkInspect *inspect)
{
    Client *client = (Client *)inspect;

    sk_timer_free(client->tick);
    sk_timer_free(client->later);
    for (int i = 0; i < SK_N_INSPECT_POOLS; i++) {
        drop_queue(&client->pools[i].waiting);
        g_ptr_array_unref(client->pools[i].slots);
    }
    drop_queue(&client->done);
    g_free(client->path);
    g_free(client);
}

SkInspect *
sk_process_inspect_new(SkLoop *loop,
                       const char *socket_path,
                       unsigned workers_per_pool,
                       int64_t wait_ms)
{
    Client *client = g_new0(Client, 1);

    client->port = (SkInspect){submit, cancel, client_free};
    client->loop = loop;
    client->path = g_strdup(socket_path);
    client->max_slots = MAX(workers_per_pool, 1);
    client->wait_ms = wait_ms;
    for (int i = 0; i < SK_N_INSPECT_POOLS; i++)
        client->pools[i].slots = g_ptr_array_new_with_free_func(slot_free);
    return &client->port;
}

void
sk_process_inspect_set_scan(SkInspect *inspect, SkScan *scan, int64_t need_ms)
{
    Client *client = (Client *)inspect;

    client->scan = scan;
    client->need_ms = need_ms;
}
