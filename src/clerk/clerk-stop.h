/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-stop - stops the copies of a held message that still wait
 *
 * In the caller's transaction, if one is open: a duty stops in the one that ends its job.
 *
 * Errors: those of port/db.h.
 */

#include "clerk/clerk-case.h"

/* How many copies had which outcome. */
typedef struct {
    unsigned n[SK_N_HOLD_OUTCOMES];
} SkClerkOutcomes;

/* One copy done is OK; none, and one left, TOO_LATE; else ENDED, else NOT_OPEN. */
SkDeskResult sk_clerk_outcomes_result(const SkClerkOutcomes *outcomes);

/* BY, an address or a word for people, stops all copies of C. The owner is told, unless it was
 * he. WHY may be NULL. What the holder of TOKEN (NULL: an operator) may not know of is stopped,
 * but not counted. */
bool sk_clerk_stop(SkDb *keep,
                   const SkClerkCase *c,
                   const SkHoldToken *token,
                   const char *by,
                   const char *why,
                   SkClerkOutcomes *ret_outcomes,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same by who holds TOKEN, which is for that. RET_CASE as it was before, the caller's. */
bool sk_clerk_stop_by_token(SkDb *keep,
                            const SkHoldToken *token,
                            const char *why,
                            SkClerkCase *ret_case,
                            SkClerkOutcomes *ret_outcomes,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
