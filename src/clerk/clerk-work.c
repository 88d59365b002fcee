/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-work.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/random.h"

#define SECOND        1000000LL
#define LONGEST_RETRY (3600 * SECOND)

static int64_t
retry_delay(unsigned tries)
{
    int64_t delay = MIN(SECOND << MIN(tries, 20), LONGEST_RETRY);
    uint32_t some = 0;

    sk_random_fill(&some, sizeof some);
    return delay + some % (delay / 2);
}

/* Not before each step, since it costs a commit. */
static bool
keep_lease(const SkClerkShared *shared, SkDb *keep, SkJob *job, GError **error)
{
    int64_t now = 0;

    if (!sk_db_now_us(keep, &now, error))
        return false;
    return job->lease_until_us - now > shared->lease_us / 3 * 2 ||
           sk_job_renew(keep, job, shared->lease_us, error);
}

/* Whoever had it last could not give it up: he was killed, perhaps by the job itself, or
 * frozen. */
static bool
check_tries(const SkJob *job, GError **error)
{
    if (job->tries < SK_JOB_TRIES)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "it has failed %u times, the last time because its clerk was killed or stood "
                "still in the middle of it",
                job->tries);
    return false;
}

static bool
take_steps(SkClerkShared *shared,
           const SkClerkWorld *world,
           const SkDuty *duty,
           SkJob *job,
           SkDutyState *ret_state,
           GError **error)
{
    SkDutyState state = SK_DUTY_MORE;

    while (state == SK_DUTY_MORE && !sk_clerk_shared_is_stopping(shared)) {
        if (!keep_lease(shared, world->keep, job, error) ||
            !duty->step(world, job, &state, error))
            return false;
    }
    *ret_state = state;
    return true;
}

/* The job's next turn, or the end of it; MORE: the clerk is to stop, somebody else goes on. */
static bool
settle(SkDb *keep, const SkDuty *duty, const SkJob *job, SkDutyState state, GError **error)
{
    int64_t now = 0;

    if (state == SK_DUTY_GONE)
        return true;
    if (!sk_db_now_us(keep, &now, error))
        return false;
    if (state == SK_DUTY_MORE)
        return sk_job_repeat(keep, job, job->payload, now, error);
    if (duty->every_s > 0)
        return sk_job_repeat(keep, job, NULL, now + duty->every_s * SECOND, error);
    return sk_job_finish(keep, job, error);
}

static bool
hand_back(SkDb *keep, const SkDuty *duty, const SkJob *job, const char *why, GError **error)
{
    bool last = job->tries + 1 >= SK_JOB_TRIES;
    int64_t now = 0;

    if (!sk_db_now_us(keep, &now, error))
        return false;
    if (last && duty->every_s > 0)
        return sk_job_repeat(keep, job, NULL, now + duty->every_s * SECOND, error);
    return sk_job_fail(keep, job, why, now + retry_delay(job->tries), error);
}

static void
log_failure(SkLogLevel level, const char *what, const SkJob *job, const GError *why)
{
    g_autofree char *tries = g_strdup_printf("%u", job->tries + 1);

    sk_log(level, what, "kind", job->kind, "id", job->id, "tries", tries, "error", why->message,
           NULL);
}

/* The lease was over, and another program has the job. But when nobody knew whether a commit
 * happened, and the claim is gone, then it has. */
static void
log_loss(const SkJob *job, const GError *why)
{
    if (!g_error_matches(why, SK_ERROR, SK_ERROR_UNCERTAIN))
        log_failure(SK_LOG_WARNING, "job lost", job, why);
}

static bool
fail(SkDb *keep, const SkDuty *duty, const SkJob *job, const GError *why, GError **error)
{
    bool last = job->tries + 1 >= SK_JOB_TRIES && duty->every_s == 0;
    g_autoptr(GError) trouble = NULL;

    if (hand_back(keep, duty, job, why->message, &trouble)) {
        log_failure(last ? SK_LOG_CRITICAL : SK_LOG_WARNING,
                    last ? "job given up" : "job failed", job, why);
        return true;
    }
    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_CONFLICT)) {
        log_loss(job, why);
        return true;
    }
    log_failure(SK_LOG_WARNING, "job failed", job, why);
    g_propagate_error(error, g_steal_pointer(&trouble));
    return false;
}

static void
log_success(const SkClerkWorld *world, const SkJob *job, SkDutyState state, int64_t began_ms)
{
    g_autofree char *did = sk_clerk_tally_text(world->tally);
    g_autofree char *took =
        g_strdup_printf("%" G_GINT64_FORMAT, sk_clock_mono_ms(sk_clock_real()) - began_ms);

    sk_log(did != NULL ? SK_LOG_INFO : SK_LOG_DEBUG,
           state == SK_DUTY_MORE ? "job handed back" : "job done", "kind", job->kind, "id",
           job->id, "did", did, "ms", took, NULL);
}

bool
sk_clerk_work(SkClerkShared *shared,
              const SkClerkWorld *world,
              const SkDuty *duty,
              SkJob *job,
              GError **error)
{
    int64_t began_ms = sk_clock_mono_ms(sk_clock_real());
    g_autoptr(GError) why = NULL;
    SkDutyState state;

    sk_clerk_tally_clear(world->tally);
    if (!check_tries(job, &why) || !take_steps(shared, world, duty, job, &state, &why) ||
        !settle(world->keep, duty, job, state, &why))
        return fail(world->keep, duty, job, why, error);
    log_success(world, job, state, began_ms);
    return true;
}
