/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-check-wait - whether there is anybody who can answer what a rule lets mail wait for
 *
 * A wait that nobody can answer ends every mail in its return or expiry, some days later. Under
 * `any` it is no mistake: what cannot be answered for one direction is reviewed there instead.
 */

#include "policy/policy-action.h"
#include "policy/policy-tree.h"

/* ACTION: a hold of RULE. Caller owns; NULL: somebody can. */
char *sk_policy_describe_unanswerable(const SkPolicyWorld *world,
                                      const SkRule *rule,
                                      const SkAction *action);
