/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-judge - which rules of a policy match, from the first to the last
 */

#include "policy/policy-truth.h"

/* One walk down the rules: what `waive` has hidden so far. */
typedef struct {
    SkIdSet hidden;
    SkIdSet hidden_dated; /* by rules that end: only these lift the floor */
} SkWalk;

/* The findings that RULE sees. */
SkIdSet sk_walk_visible(const SkWalk *walk, const SkCase *one, const SkRule *rule);
/* Lets a rule that matched hide what it waives from those below. */
void sk_walk_waive(SkWalk *walk, const SkRule *rule);

bool sk_rule_is_for(const SkRule *rule, const SkPolicyFacts *facts);
bool sk_rule_has_ended(const SkRule *rule, const SkPolicyFacts *facts);
/* For this direction, not ended, judgeable, and its condition is true. */
bool sk_rule_matches(const SkRule *rule, const SkCase *one, const SkIdSet *visible);
