/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-text - the normalised text of a rule, and the identity made of it
 *
 * One blank between words, none inside parentheses, before a comma or around "..", no leading
 * zeros. Two texts with the same tokens have the same normalised text, and it reads back as
 * itself.
 */

#include <glib.h>

#include "policy/policy-lex.h"
#include "verdict/decision.h"

/* The tokens FROM..TO (TO not included), normalised. Caller owns. */
char *sk_policy_text_join(const GArray *tokens, guint from, guint to);

/* The first letters of the SHA-256 of NORMAL. */
void sk_policy_text_identity(const char *normal, char ret_id[SK_RULE_ID_LEN + 1]);
