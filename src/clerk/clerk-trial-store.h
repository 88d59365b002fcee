/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-trial-store - what the trial duty writes: tables trial_done (job TEXT, pid BIGINT) and
 * trial_once (job TEXT PRIMARY KEY) in keep, which the test makes
 */

#include "job/job-store.h"

/* In the caller's transaction, the one that finishes the job. */
bool sk_clerk_trial_done(SkDb *keep,
                         const SkJob *job,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether nobody has asked this for this job before. */
bool sk_clerk_trial_is_first(SkDb *keep, const SkJob *job, bool *ret_first, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
