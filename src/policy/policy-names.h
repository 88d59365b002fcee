/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-names - the names of findings as a policy writes them
 */

#include "policy/policy-idset.h"
#include "policy/policy.h"

/* The ids that are NAME or below it; false if there is none. */
bool sk_policy_names_find(const char *name, SkIdSet *ret_ids);

/* The id, or the prefix of some, that somebody who wrote NAME may have meant; NULL: none is
 * near. Caller owns. */
char *sk_policy_names_suggest(const char *name);

/* Those of IDS that no check of this installation states. */
SkIdSet sk_policy_names_untold(const SkPolicyWorld *world, const SkIdSet *ids);
/* "smime.valid, smime.invalid and 3 more". Caller owns. */
char *sk_policy_names_list(const SkIdSet *ids, unsigned max);
