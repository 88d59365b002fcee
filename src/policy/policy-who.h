/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-who - addresses and domains as a policy names them, and whether one is meant
 *
 * Local part and domain are compared without regard to the case of ASCII letters; a domain
 * written in Unicode and its "xn--" form are two names.
 *
 * Limits: an address longer than SK_LIMIT_ADDRESS is nobody's.
 */

#include "base/limit.h"
#include "policy/policy-tree.h"

/* What a STRING names: ADDRESS, DOMAIN ("@example.com"), or LIST for "neither". */
SkWhoKind sk_policy_who_kind(const char *text);

/* An address made ready to be compared: lower case, and where its "@" is. */
typedef struct {
    char text[SK_LIMIT_ADDRESS + 1];
    const char *domain; /* "@example.com", in TEXT; NULL: nothing to compare */
} SkWhoAddress;

void sk_policy_who_prepare(SkWhoAddress *address, const char *text);

/* Whether WHO (ADDRESS, DOMAIN or LIST) names ADDRESS as a whole; and its domain. */
bool sk_policy_who_is_address(const SkWho *who, const SkWhoAddress *address);
bool sk_policy_who_is_domain(const SkWho *who, const SkWhoAddress *address);
