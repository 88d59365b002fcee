/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho-clerk-trial - a clerk with one duty more, for tests; never installed
 *
 * A job of the kind "trial" writes a row in the transaction that finishes it, after some
 * milliseconds, and first does what its payload says:
 *
 *   slow N      N steps of a second each, to be longer than a lease
 *   fail        fails twice
 *   freeze      stops the program once, as a machine that is frozen
 *   die before  kills the program once, before the transaction
 *   die after   kills it when the transaction is done
 */

#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "clerk/clerk-start.h"
#include "clerk/clerk-trial-store.h"

#define MS 1000UL

static void
sleep_a_little(void)
{
    uint16_t some = 0;

    sk_random_fill(&some, sizeof some);
    g_usleep(some % (5 * MS));
}

static bool
is(const SkJob *job, const char *how)
{
    return g_strcmp0(job->payload, how) == 0;
}

/* Whether another step of a second is to come. */
static bool
dwell(SkJob *job)
{
    int64_t left = 0;

    if (job->payload == NULL || !g_str_has_prefix(job->payload, "slow ") ||
        !sk_text_to_int(job->payload + strlen("slow "), 1, 100, &left))
        return false;
    g_usleep(1000 * MS);
    g_free(job->payload);
    job->payload = g_strdup_printf("slow %d", (int)left - 1);
    return true;
}

static bool
suffer(SkDb *keep, const SkJob *job, GError **error)
{
    bool freezes = is(job, "freeze"), dies = is(job, "die before"), first = false;

    if (is(job, "fail") && job->tries < 2) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "failed on purpose");
        return false;
    }
    if ((freezes || dies) && !sk_clerk_trial_is_first(keep, job, &first, error))
        return false;
    if (first)
        raise(freezes ? SIGSTOP : SIGKILL);
    return true;
}

static bool
write_and_finish(SkDb *keep, void *data, GError **error)
{
    const SkJob *job = data;

    if (!sk_job_hold(keep, job, error) || !sk_clerk_trial_done(keep, job, error))
        return false;
    sleep_a_little();
    return sk_job_finish(keep, job, error);
}

static bool
step(const SkClerkWorld *world, SkJob *job, SkDutyState *ret_state, GError **error)
{
    sleep_a_little();
    *ret_state = SK_DUTY_MORE;
    if (dwell(job))
        return true;
    if (!suffer(world->keep, job, error) ||
        !sk_db_transact(world->keep, write_and_finish, job, error))
        return false;
    if (is(job, "die after"))
        raise(SIGKILL);
    *ret_state = SK_DUTY_GONE;
    return true;
}

int
main(int argc, char **argv)
{
    SkDuty duties[16] = {{"trial", 0, step}};

    for (size_t i = 0; sk_clerk_duties[i].kind != NULL; i++) {
        g_assert(i + 2 < G_N_ELEMENTS(duties));
        duties[i + 1] = sk_clerk_duties[i];
    }
    return sk_clerk_start(argc, argv, duties);
}
