/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-truth - whether a condition is true of one message, for one recipient
 *
 * Three values: what no check could tell is neither true nor false, `not` leaves it so, `and`
 * is false if one side is, `or` true if one side is.
 */

#include "policy/policy-tree.h"
#include "policy/policy-who.h"

/* The facts of one recipient, made ready. On the judge's stack; borrows from FACTS. */
typedef struct {
    const SkPolicyFacts *facts;
    SkIdSet present; /* findings that hold for this recipient */
    SkWhoAddress from, to;
} SkCase;

void sk_case_init(SkCase *one, const SkPolicy *policy, const SkPolicyFacts *facts);

/* VISIBLE: the findings that no rule has waived so far. */
SkTri sk_condition_judge(const GPtrArray *condition, const SkCase *one, const SkIdSet *visible);
SkTri sk_and_part_judge(const GPtrArray *and_part, const SkCase *one, const SkIdSet *visible);
/* `not` included. */
SkTri sk_unit_judge(const SkUnit *unit, const SkCase *one, const SkIdSet *visible);

/* The first finding by which a condition that is true became so, in the condition's order, or
 * NULL. Borrowed from the facts. */
const SkFinding *sk_condition_find(const GPtrArray *condition,
                                   const SkCase *one,
                                   const SkIdSet *visible);
/* Adds the MIME parts of all findings by which a condition that is true became so to PARTS (of
 * char *), in any order and as often as they are named. False: one of the ways in which it is
 * true names no part. */
bool sk_condition_find_parts(const GPtrArray *condition,
                             const SkCase *one,
                             const SkIdSet *visible,
                             GPtrArray *parts);
/* The first finding of the message that makes TEST true, or NULL. */
const SkFinding *sk_test_find(const SkTest *test, const SkCase *one, const SkIdSet *visible);
