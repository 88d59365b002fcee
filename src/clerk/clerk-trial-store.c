/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-trial-store.h"

#include <unistd.h>

static const char SQL_DONE[] = "INSERT INTO trial_done (job, pid) VALUES ($1, $2)";

static const char SQL_ONCE[] =
    "INSERT INTO trial_once (job) VALUES ($1) ON CONFLICT (job) DO NOTHING RETURNING job";

bool
sk_clerk_trial_done(SkDb *keep, const SkJob *job, GError **error)
{
    g_autoptr(SkStmt) done = sk_db_prepare(keep, SQL_DONE, error);

    if (done == NULL)
        return false;
    sk_stmt_bind_text(done, 1, job->id);
    sk_stmt_bind_int(done, 2, getpid());
    return sk_stmt_run(done, error);
}

bool
sk_clerk_trial_is_first(SkDb *keep, const SkJob *job, bool *ret_first, GError **error)
{
    g_autoptr(SkStmt) once = sk_db_prepare(keep, SQL_ONCE, error);
    bool first;

    if (once == NULL)
        return false;
    sk_stmt_bind_text(once, 1, job->id);
    if (!sk_stmt_next(once, &first, error) || (first && !sk_stmt_run(once, error)))
        return false;
    *ret_first = first;
    return true;
}
