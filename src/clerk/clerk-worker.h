/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-worker - a thread of the clerk: waits for a job that is due, does it, and again
 *
 * One worker at a time looks for due jobs, the others wait until it has found one: so an idle
 * clerk asks the database once a second, however many workers it has. Connections belong to the
 * worker; they are made when they are needed and made again when they broke.
 *
 * Errors: none: trouble with a job goes to the job and to the log, trouble with the database to
 * the log, once.
 */

#include "clerk/clerk-shared.h"

typedef struct SkClerkWorker SkClerkWorker;

/* SHARED is borrowed. */
SkClerkWorker *sk_clerk_worker_new(SkClerkShared *shared);
/* Waits for its end: sk_clerk_shared_stop() comes first. */
void sk_clerk_worker_free(SkClerkWorker *worker);
