/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-facts - what a notice says, from the rows as they are now
 *
 * Errors: those of the database; CONFIG for settings.
 * Security: recipients that are in neither To nor Cc are facts for the sender, and for those
 * who decide on the mail, only.
 */

#include "clerk/clerk-audience.h"
#include "engine/engine-notice-settings.h"

/* All borrowed by `notice` is owned by the rest. */
typedef struct {
    SkNotice notice; /* without mails: it is not true any more */
    char *id;        /* of the notice */
    SkSite *site;
    SkNoticeSettings settings;
    SkClerkCase held;
    GArray *before;   /* of SkClerkCase: the others of a digest */
    GArray *mails;    /* of SkNoticeMail */
    GPtrArray *owned; /* texts, lists and messages */
} SkClerkFacts;

void sk_clerk_facts_clear(SkClerkFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkClerkFacts, sk_clerk_facts_clear)

/* In the caller's transaction, since tokens are made; any letter but SK_LETTER_REPORT. */
bool sk_clerk_facts_gather(const SkClerkWorld *world,
                           const SkTelling *telling,
                           SkClerkFacts *ret_facts,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What every message to TELLING's person has: site, address of ours, his language. */
bool sk_clerk_facts_begin(const SkClerkWorld *world,
                          const SkTelling *telling,
                          SkClerkFacts *facts,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Its id: the same for the same telling. Caller owns. */
char *sk_telling_id(const SkTelling *telling);
