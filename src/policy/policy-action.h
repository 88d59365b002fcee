/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-action - what stands after "then": one action
 */

#include "policy/policy-parser.h"

/* Adds one action to RULE; false and a complaint if there is none. */
bool sk_policy_parse_action(SkParser *parser, SkRule *rule);

/* The action as people say it: "hold for review", "encrypt". Static. */
const char *sk_policy_action_name(const SkAction *action);
