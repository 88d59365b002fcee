/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "clerk/clerk-audience.h"
#include "clerk/clerk-duties.h"

typedef struct {
    const SkJob *job;
    const GPtrArray *tellings;
} Work;

static bool
hand_on(SkDb *keep, void *data, GError **error)
{
    const Work *work = data;

    if (!sk_job_hold(keep, work->job, error))
        return false;
    for (guint i = 0; i < work->tellings->len; i++) {
        if (!sk_clerk_tell_add(keep, work->tellings->pdata[i], error))
            return false;
    }
    return sk_job_finish(keep, work->job, error);
}

/* Whom an order concerns is decided once, together with the end of the order. */
bool
sk_clerk_notice_step(const SkClerkWorld *world,
                     SkJob *job,
                     SkDutyState *ret_state,
                     GError **error)
{
    g_auto(SkNoticeOrder) order = {0};
    g_autoptr(GPtrArray) tellings = NULL;
    Work work = {.job = job};

    if (!sk_engine_notice_read(job->payload, &order)) {
        sk_log(SK_LOG_WARNING, "notice cannot be read, nobody is told", "id", job->id, NULL);
        *ret_state = SK_DUTY_DONE;
        return true;
    }
    if (!sk_clerk_audience(world, &order, job->due_us, &tellings, error))
        return false;
    work.tellings = tellings;
    if (!sk_db_transact(world->keep, hand_on, &work, error))
        return false;
    sk_clerk_tally_add(world->tally, "people to be told", tellings->len);
    *ret_state = SK_DUTY_GONE;
    return true;
}

bool
sk_clerk_tell_step(const SkClerkWorld *world,
                   SkJob *job,
                   SkDutyState *ret_state,
                   GError **error)
{
    return sk_clerk_tell(world, &sk_clerk_tools, job, ret_state, error);
}
