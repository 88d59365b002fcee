/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-check - whether this installation can do what a rule asks
 *
 * Marks in the rule what nobody can tell here, reads its list files, and complains. Under
 * `observe` what is missing is a warning; in an active rule it is an error where going on would
 * let mail through or do nothing.
 *
 * Limits: SK_LIMIT_POLICY_LIST is the reader's to keep.
 */

#include "policy/policy-complaint.h"
#include "policy/policy-tree.h"

/* Why nobody can tell. */
#define SK_POLICY_NO_PROOF   "no check of this installation can tell \"verified\""
#define SK_POLICY_NO_PARTNER "no check of this installation knows \"partner\""
/* That of ids. Caller owns. */
char *sk_policy_describe_untold(const SkIdSet *untold);

/* Every test of a condition, in order. */
typedef void SkPolicyVisit(SkTest *test, bool under_not, void *user);
void sk_policy_visit_tests(const GPtrArray *condition,
                           bool under_not,
                           SkPolicyVisit *visit,
                           void *user);

/* COMPLAINTS stands at the rule's line. */
void sk_policy_check_rule(SkRule *rule, const SkPolicyWorld *world, SkComplaints *complaints);

/* Whether the rule asks whom a message goes to; whether it compares addresses. */
bool sk_policy_asks_recipient(const SkRule *rule);
bool sk_policy_asks_addresses(const SkRule *rule);
