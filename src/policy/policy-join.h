/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-join - what rules that matched add up to
 *
 * No rule can weaken another. Fate: the strictest; answer and finding are of the first rule
 * that asked for it. Waits and edits: all of them. Review: by admin if one asks for it. Links:
 * highest level, shortest life. Marks, groups and notices: each once, in rule order. Parts to
 * be stripped: those of every finding that made a condition true; a condition that is true
 * without naming a part asks for all attachments.
 *
 * Times: the longest. Each rule's time is a range, from lower to upper bound, without `within`
 * only itself; the sender's choice c means for each rule the nearest time in its range, and the
 * copy waits for the longest of these. That is the nearest to c between the highest lower and
 * the highest upper bound, so those two are the joined bounds; where they are equal there is
 * nothing to choose.
 */

#include "policy/policy-judge.h"

/* Adds what RULE asks for, having matched. */
void sk_policy_join(SkDecision *decision,
                    const SkPolicy *policy,
                    const SkRule *rule,
                    const SkCase *one,
                    const SkIdSet *visible);
/* After the last rule. */
void sk_policy_join_end(SkDecision *decision);
