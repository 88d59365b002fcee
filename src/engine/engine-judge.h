/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-judge - a passage and a policy: decisions per recipient, copies, one answer for all
 *
 * The passage comes with envelope, origin, facts of the header and findings; it leaves with a
 * decision and an observed decision for each recipient, and with the one fate and SMTP reply
 * that go back for all of them.
 *
 * Errors: none.
 * Standards: RFC 5321 4.2, RFC 3463 (5.7.1, 4.7.1), RFC 2034.
 */

#include <glib.h>

#include "engine/engine-site.h"
#include "ledger/passage.h"
#include "policy/policy.h"

/* Adds the recipients of the envelope to PASSAGE, each with his direction; for an envelope
 * without recipients an unnamed one. */
void sk_engine_add_recipients(const SkSite *site, SkPassage *passage);
/* The same for a message that no policy judges: each gets FATE, by no rule. */
void sk_engine_add_unjudged(const SkSite *site, SkPassage *passage, SkFate fate);
/* Decides for each of them, and for all; NOW_US says which day it is for `until`. */
void sk_engine_decide(const SkSite *site,
                      const SkPolicy *policy,
                      int64_t now_us,
                      SkPassage *passage);
/* Both. */
void sk_engine_judge(const SkSite *site,
                     const SkPolicy *policy,
                     int64_t now_us,
                     SkPassage *passage);

/* What one condition is asked for recipient I; borrows from PASSAGE and TODAY. For
 * explanations. */
SkPolicyFacts sk_engine_facts(const SkPassage *passage, guint i, const char *today);

/* Recipients whose decisions are equal share a copy: an array of arrays of SkPassageRecipient,
 * borrowed from PASSAGE; the caller owns the arrays. */
GPtrArray *sk_engine_copies(const SkPassage *passage);
