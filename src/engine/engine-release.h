/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-release - a held copy on its way out: inspected again, but not held again for what was
 * answered
 *
 * What was found at receipt was decided on then, and people have answered. The same finding
 * (id, part, subject) says nothing new; nor does one that was found at an earlier release, for
 * which the copy has waited since. A stripped copy has less in it than the original: in its
 * parts nothing is new but an id that was not found there. New findings decide anew, by the
 * policy in force, and only as far as rules match because of them.
 *
 * Errors: none.
 */

#include "engine/engine-site.h"
#include "hold/hold-copy.h"
#include "ledger/passage.h"
#include "policy/policy.h"

/* What is known of the copy; borrowed. */
typedef struct {
    const SkHeldMessage *message;
    const SkHeldCopy *copy;
    const SkPassage *receipt; /* the message's document, read */
    const GHashTable *found;  /* names of what was found at earlier releases, and waited for */
} SkRelease;

typedef enum {
    SK_RELEASE_FINE,    /* it leaves */
    SK_RELEASE_LATER,   /* a rule defers it */
    SK_RELEASE_REFUSED, /* held for WAITS from now on; 0: it goes back */
} SkReleaseFate;

typedef struct {
    SkReleaseFate fate;
    unsigned waits;
    SkReview review;
    GPtrArray *names; /* of char *: what is new, if it is refused */
} SkReleaseVerdict;
void sk_release_verdict_clear(SkReleaseVerdict *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkReleaseVerdict, sk_release_verdict_clear)

/* What a finding is called among the events of its message: "attach.any in part 2: a.zip".
 * Caller owns. */
char *sk_engine_release_name(const SkFinding *finding);

/* Whether ENVELOPE is from the message's sender, and to none but the copy's recipients. */
bool sk_engine_release_is_for(const SkRelease *release, const SkEnvelope *envelope);
/* PASSAGE has the envelope of the release and what was found now. It gets the facts of receipt,
 * and its recipients the decision of the copy, without waits: what is done to it now. */
void sk_engine_release_judge(const SkSite *site,
                             const SkPolicy *policy,
                             int64_t now_us,
                             const SkRelease *release,
                             SkPassage *passage,
                             SkReleaseVerdict *ret_verdict);
