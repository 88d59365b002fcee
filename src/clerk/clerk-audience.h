/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-audience - whom an order concerns: the tellings that become of it
 *
 * Nobody outside is told anything; nobody learns of recipients that are in neither To nor Cc,
 * but the sender and who decides on the mail.
 *
 * Errors: those of the database; CONFIG for settings and the file of groups.
 */

#include "clerk/clerk-case.h"
#include "clerk/clerk-tell.h"
#include "engine/engine-notice.h"
#include "engine/engine-site.h"
#include "hold/hold-copy.h"
#include "hold/hold-person.h"
#include "ledger/passage.h"

/* A held message with all its copies; without a message there is none of that id (any more).
 * PROTOCOL: its document is of another version. */
bool sk_clerk_held_load(SkDb *keep, const char *id, SkClerkCase *ret_held, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* ADDRESS as the passage has it; or NULL. */
const SkPassageRecipient *sk_clerk_held_find(const SkPassage *passage, const char *address);

/* What is open of a waiting copy, if people are asked at all. */
#define SK_WAITS_OF_PEOPLE                                                                     \
    (SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

/* RET_TELLINGS (of SkTelling) is the caller's; empty: nobody. */
bool sk_clerk_audience(const SkClerkWorld *world,
                       const SkNoticeOrder *order,
                       int64_t at_us,
                       GPtrArray **ret_tellings,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How PERSON wants to be told of mail that waits for him: as he chose, else as the SITE has it.
 */
bool sk_clerk_find_choice(SkDb *keep,
                          const char *person,
                          SkTell site,
                          SkTell *ret_choice,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
