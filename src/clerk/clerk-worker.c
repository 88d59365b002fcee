/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-worker.h"

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "clerk/clerk-work.h"

#define MS     1000LL
#define SECOND (1000 * MS)
/* Jobs that other programs add are seen after this long. */
#define LONGEST_SLEEP (1000 * MS)
/* A job that is due and could not be claimed is in somebody else's hands. */
#define SHORTEST_SLEEP (20 * MS)
#define FIRST_RETRY    (100 * MS)
#define LONGEST_RETRY  (10000 * MS)

struct SkClerkWorker {
    SkClerkShared *shared;
    GThread *thread;
    SkClerkWorld world;
    size_t next_duty; /* which kind is asked for first, so that none starves another */
    int64_t retry_us; /* how long to wait when the database fails again */
};

static void
close_world(SkClerkWorker *worker)
{
    g_clear_pointer(&worker->world.keep, sk_db_close);
    g_clear_pointer(&worker->world.know, sk_db_close);
    g_clear_pointer(&worker->world.blobs, sk_blob_place_close);
}

static bool
open_world(SkClerkWorker *worker, GError **error)
{
    const SkStore *store = worker->shared->store;
    SkClerkWorld *world = &worker->world;

    if (world->keep == NULL)
        world->keep = sk_store_open(store, SK_KEEP, SK_STORE_WRITE, error);
    if (world->keep != NULL && world->know == NULL)
        world->know = sk_store_open(store, SK_KNOW, SK_STORE_WRITE, error);
    if (world->know != NULL && world->blobs == NULL)
        world->blobs = sk_store_open_blobs(store, error);
    return world->blobs != NULL;
}

static size_t
count_duties(const SkDuty *duties)
{
    size_t n = 0;

    while (duties[n].kind != NULL)
        n++;
    return n;
}

/* A standing job is due one interval from now at the latest. Later is what a clock that was
 * ahead for a while has left behind, and without this it would rest until then. */
static bool
draw_near(SkClerkWorker *worker, const SkDuty *duty, int64_t now, int64_t *due, GError **error)
{
    int64_t latest = now + duty->every_s * SECOND;

    if (duty->every_s == 0 || *due <= latest || *due == INT64_MAX)
        return true;
    *due = latest;
    return sk_job_hasten(worker->world.keep, duty->kind, latest, error);
}

/* The next job of DUTY if one is due; RET_DUE_US becomes no later than when one will be. */
static bool
ask_for(SkClerkWorker *worker,
        const SkDuty *duty,
        int64_t now,
        SkJob **ret_job,
        int64_t *ret_due_us,
        GError **error)
{
    const SkClerkShared *shared = worker->shared;
    g_autoptr(GPtrArray) jobs = NULL;
    int64_t due = 0;

    /* Looking is a good deal cheaper than claiming, which writes. */
    if (!sk_job_next_due(worker->world.keep, duty->kind, &due, error) ||
        !draw_near(worker, duty, now, &due, error))
        return false;
    *ret_due_us = MIN(*ret_due_us, due);
    if (due > now)
        return true;
    if (!sk_job_claim(worker->world.keep, duty->kind, shared->holder, shared->lease_us, 1,
                      &jobs, error))
        return false;
    *ret_job = jobs->len > 0 ? g_ptr_array_steal_index(jobs, 0) : NULL;
    return true;
}

/* One look at every kind. RET_JOB NULL: nothing is due before RET_WAIT_US have passed. */
static bool
look(SkClerkWorker *worker,
     const SkDuty **ret_duty,
     SkJob **ret_job,
     int64_t *ret_wait_us,
     GError **error)
{
    const SkDuty *duties = worker->shared->duties;
    size_t n = count_duties(duties);
    int64_t now = 0, due = INT64_MAX;

    if (!open_world(worker, error) || !sk_db_now_us(worker->world.keep, &now, error))
        return false;
    for (size_t i = 0; i < n && *ret_job == NULL; i++) {
        *ret_duty = &duties[worker->next_duty % n];
        worker->next_duty = (worker->next_duty + 1) % n;
        if (!ask_for(worker, *ret_duty, now, ret_job, &due, error))
            return false;
    }
    *ret_wait_us = due > now ? MIN(due - now, LONGEST_SLEEP) : SHORTEST_SLEEP;
    return true;
}

/* A connection that only waited too long is still good. */
static void
note_trouble(SkClerkWorker *worker, const GError *trouble)
{
    uint16_t some = 0;

    sk_clerk_shared_note(worker->shared, trouble);
    if (!g_error_matches(trouble, SK_ERROR, SK_ERROR_TIMEOUT) &&
        !g_error_matches(trouble, SK_ERROR, SK_ERROR_AGAIN))
        close_world(worker);
    sk_random_fill(&some, sizeof some);
    worker->retry_us =
        CLAMP(2 * worker->retry_us, FIRST_RETRY, LONGEST_RETRY) + some % FIRST_RETRY;
}

static void
note_success(SkClerkWorker *worker)
{
    sk_clerk_shared_note(worker->shared, NULL);
    worker->retry_us = 0;
}

/* Until a job is found (true) or the clerk is to stop. */
static bool
find_job(SkClerkWorker *worker, const SkDuty **ret_duty, SkJob **ret_job)
{
    bool go_on = !sk_clerk_shared_is_stopping(worker->shared);

    while (go_on && *ret_job == NULL) {
        g_autoptr(GError) trouble = NULL;
        int64_t wait_us = 0;

        if (look(worker, ret_duty, ret_job, &wait_us, &trouble)) {
            note_success(worker);
        } else {
            note_trouble(worker, trouble);
            wait_us = worker->retry_us;
        }
        if (*ret_job == NULL)
            go_on = sk_clerk_shared_sleep(worker->shared, wait_us);
    }
    return *ret_job != NULL;
}

static bool
find_job_in_turn(SkClerkWorker *worker, const SkDuty **ret_duty, SkJob **ret_job)
{
    bool found;

    g_mutex_lock(&worker->shared->scouting);
    found = find_job(worker, ret_duty, ret_job);
    g_mutex_unlock(&worker->shared->scouting);
    return found;
}

/* Whether there may be another one. */
static bool
do_next_job(SkClerkWorker *worker)
{
    const SkDuty *duty = NULL;
    g_autoptr(SkJob) job = NULL;
    g_autoptr(GError) trouble = NULL;

    if (!find_job_in_turn(worker, &duty, &job))
        return false;
    if (!sk_clerk_work(worker->shared, &worker->world, duty, job, &trouble)) {
        note_trouble(worker, trouble);
        return sk_clerk_shared_sleep(worker->shared, worker->retry_us);
    }
    return true;
}

static void *
run(void *data)
{
    SkClerkWorker *worker = data;

    while (do_next_job(worker)) {
    }
    close_world(worker);
    return NULL;
}

SkClerkWorker *
sk_clerk_worker_new(SkClerkShared *shared)
{
    SkClerkWorker *worker = g_new0(SkClerkWorker, 1);

    worker->shared = shared;
    worker->world.store = shared->store;
    worker->world.settings = shared->settings;
    worker->world.tally = sk_clerk_tally_new();
    worker->thread = g_thread_new("worker", run, worker);
    return worker;
}

void
sk_clerk_worker_free(SkClerkWorker *worker)
{
    if (worker == NULL)
        return;
    g_thread_join(worker->thread);
    sk_clerk_tally_free(worker->world.tally);
    g_free(worker);
}
