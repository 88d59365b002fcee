/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-judge - whether the rules of a policy match, one by one
 *
 * Three values: what no check could tell is neither true nor false, `not` leaves it so, and a
 * rule applies only if its condition is true.
 */

#include "policy/policy-tree.h"
#include "policy/policy-who.h"

/* The facts of one recipient, made ready. On the judge's stack; borrows from FACTS. */
typedef struct {
    const SkPolicyFacts *facts;
    SkIdSet present; /* findings that hold for this recipient */
    SkWhoAddress from, to;
} SkCase;

/* One walk down the rules: what `waive` has hidden so far. */
typedef struct {
    SkIdSet hidden;
    SkIdSet hidden_dated; /* by rules that end: only these lift the floor */
} SkWalk;

void sk_case_init(SkCase *one, const SkPolicy *policy, const SkPolicyFacts *facts);

/* The findings that RULE sees. */
SkIdSet sk_walk_visible(const SkWalk *walk, const SkCase *one, const SkRule *rule);
/* Lets a rule that matched hide what it waives from those below. */
void sk_walk_waive(SkWalk *walk, const SkRule *rule);

/* Whether the rule is for this direction, has not ended, and can be judged. */
bool sk_rule_is_for(const SkRule *rule, const SkPolicyFacts *facts);
bool sk_rule_has_ended(const SkRule *rule, const SkPolicyFacts *facts);
/* All of it: for this message, and its condition is true. */
bool sk_rule_matches(const SkRule *rule, const SkCase *one, const SkIdSet *visible);

SkTri sk_condition_judge(const GPtrArray *condition, const SkCase *one, const SkIdSet *visible);
SkTri sk_and_part_judge(const GPtrArray *and_part, const SkCase *one, const SkIdSet *visible);
/* `not` included. */
SkTri sk_unit_judge(const SkUnit *unit, const SkCase *one, const SkIdSet *visible);

/* The first finding by which a condition that is true became so, in the condition's order, or
 * NULL. Borrowed from the facts. */
const SkFinding *sk_condition_find(const GPtrArray *condition,
                                   const SkCase *one,
                                   const SkIdSet *visible);
/* The first finding of the message that makes TEST true, or NULL. */
const SkFinding *sk_test_find(const SkTest *test, const SkCase *one, const SkIdSet *visible);
