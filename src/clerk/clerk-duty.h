/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-duty - what the clerk does: kinds of jobs, one line each
 *
 * A duty is carried out in steps. Each step is short, much shorter than a lease; between steps
 * the clerk renews the lease and looks whether it is to stop. A step that writes to keep does
 * it in a transaction that begins with sk_job_hold(); one that writes elsewhere must be
 * harmless when it is done twice. What one step is to tell the next stands in the payload, and
 * is there again when the clerk is stopped between them.
 *
 * Errors: a step that fails is tried again later, as job-store says; a standing job is never
 * given up, but waits for its next turn.
 */

#include "base/settings.h"
#include "clerk/clerk-tally.h"
#include "job/job-store.h"
#include "port/blob.h"
#include "store/store-open.h"

/* Connections of one worker thread, and what stays the same. All borrowed. */
typedef struct {
    SkDb *keep, *know;
    SkBlobPlace *blobs;
    const SkStore *store;
    const SkSettings *settings;
    SkClerkTally *tally; /* what the steps of this job did, for the log */
} SkClerkWorld;

typedef enum {
    SK_DUTY_DONE, /* the job is finished, or comes again as its duty says */
    SK_DUTY_MORE, /* another step at once */
    SK_DUTY_GONE, /* the step has finished or repeated the job itself, in its transaction */
} SkDutyState;

typedef struct {
    const char *kind;
    /* A standing job, with the kind as its id, that comes again after so many seconds; 0: jobs
     * are added by others and end when they are done. */
    int64_t every_s;
    bool (*step)(const SkClerkWorld *world, SkJob *job, SkDutyState *ret_state, GError **error);
} SkDuty;

/* Ends with one without a kind. */
extern const SkDuty sk_clerk_duties[];
