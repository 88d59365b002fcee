/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-shared - what all workers of the clerk have in common: store, duties, the wish to stop,
 * and whether the database is away
 *
 * Errors: CONFIG: what cannot be read or opened stops the start.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/settings.h"
#include "clerk/clerk-duty.h"
#include "store/store-open.h"

/* The upper part never changes. */
typedef struct {
    const SkSettings *settings; /* borrowed */
    const SkDuty *duties;       /* borrowed; ends with one without a kind */
    SkStore *store;
    char *holder; /* "sekisho-clerk host 4711" */
    int64_t lease_us;
    GMutex scouting; /* who has it looks for due jobs; the others wait for their turn */
    GMutex lock;     /* guards what follows */
    GCond wake;
    bool stopping;
    bool away; /* the database */
} SkClerkShared;

SkClerkShared *sk_clerk_shared_new(const SkSettings *settings,
                                   const SkDuty *duties,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_clerk_shared_free(SkClerkShared *shared);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkShared, sk_clerk_shared_free)

/* Wakes whoever sleeps. From any thread, as is all that follows. */
void sk_clerk_shared_stop(SkClerkShared *shared);
bool sk_clerk_shared_is_stopping(SkClerkShared *shared);
/* Until the time is over or the clerk is to stop; false: it is. */
bool sk_clerk_shared_sleep(SkClerkShared *shared, int64_t us);
/* TROUBLE with the database, or NULL: it works. Says in the log when that has changed. */
void sk_clerk_shared_note(SkClerkShared *shared, const GError *trouble);
