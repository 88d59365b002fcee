/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-parse - one line of a policy as a rule
 *
 * Knows the grammar and the names of findings; what this installation can do is the check's
 * (policy-check.h).
 *
 * Limits: conditions nest SK_POLICY_DEPTH deep.
 * Errors: the first mistake of a line is complained about, with everything that could have
 * stood there.
 */

#include "policy/policy-complaint.h"
#include "policy/policy-tree.h"

/* Reads the line COMPLAINTS stands at. False: it is wrong. RET_RULE is NULL when the line holds
 * no rule; otherwise the caller owns it. */
bool sk_policy_parse_line(SkComplaints *complaints, SkRule **ret_rule);
