/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-plan - what follows from the answers that a copy got: plain data, nothing is done
 *
 *   taken for all            sent
 *   4yz for some             tried again for those, later and later; after [hold] retry_for as
 *                            if refused
 *   5yz for some             their sender, if he is one of us, gets a report; else it is held
 *                            for them; the others are not touched
 *   5yz for all              returned to a sender of ours; else held for an administrator,
 * since nothing is returned to strangers, and nothing vanishes what the gate found anew held
 * again for what it says; or returned, or held for an administrator
 *
 * Trouble of our own never ends a copy: it is tried again until it works.
 *
 * Errors: none.
 */

#include "base/settings.h"
#include "clerk/clerk-send.h"

typedef enum {
    SK_PLAN_GIVE_BACK, /* due as it was, no try is counted */
    SK_PLAN_RETRY,
    SK_PLAN_FINISH,
    SK_PLAN_AGAIN,
} SkClerkPlanKind;

typedef struct {
    SkClerkPlanKind kind;
    GPtrArray *left;   /* RETRY, AGAIN: of SkRecipient, borrowed; NULL: all */
    int64_t delay_us;  /* RETRY: how long it waits */
    bool gone;         /* RETRY: it may have left, so nobody can stop it any more */
    SkCopyState end;   /* FINISH */
    bool returned;     /* FINISH: the owner gets it back, because of WHY */
    unsigned waits;    /* AGAIN */
    SkReview review;   /* AGAIN */
    int64_t expire_us; /* AGAIN: nobody has answered after this long */
    char *why;         /* for people; NULL: nothing to say */
    char *report;      /* for the owner, lines of "recipient SP reply"; NULL: none */
} SkClerkPlan;

void sk_clerk_plan_clear(SkClerkPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkClerkPlan, sk_clerk_plan_clear)

void sk_clerk_plan(const SkSettings *settings, const SkClerkSent *sent, SkClerkPlan *ret_plan);
