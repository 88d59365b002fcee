/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-work - does one claimed job, step by step, and settles what becomes of it
 *
 * Renews the lease when a third of it is over. A job whose clerk is to stop is handed back at
 * once. One that failed is tried again after 1 s, 2 s, 4 s …, an hour at most, each up to half
 * as long again by chance, so that many that failed together do not come back together. One
 * that was left in the middle SK_JOB_TRIES times is not begun again.
 */

#include "clerk/clerk-shared.h"

/* False: the database cannot be used; the job is left to the end of its lease. */
bool sk_clerk_work(SkClerkShared *shared,
                   const SkClerkWorld *world,
                   const SkDuty *duty,
                   SkJob *job,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
