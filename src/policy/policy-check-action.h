/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-check-action - whether what a rule wants done can be done, and should be
 *
 * For policy-check.c only.
 */

#include "policy/policy-complaint.h"
#include "policy/policy-tree.h"

typedef struct {
    SkRule *rule;
    const SkPolicyWorld *world;
    SkComplaints *complaints;
} SkCheck;

void sk_policy_check_action(const SkCheck *check, SkAction *action);
