/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-judge - a message from a file, judged as if it had come through the gate
 *
 * Sender and recipients are taken from options or, without them, from the header; the direction
 * from an option or, without it, from our own domains.
 */

#include "engine/engine-site.h"
#include "ledger/passage.h"
#include "mail/mail-spool.h"
#include "policy/policy.h"

typedef struct {
    const char *direction; /* NULL: by our own domains */
    const char *sender;    /* NULL: the From field */
    char **recipients;     /* NULL: To and Cc */
    const SkSite *site;
    const SkPolicy *policy;
} SkCliJudge;

/* Takes FINDINGS over. Caller owns the passage. */
SkPassage *sk_cli_judge(const SkCliJudge *judge, SkSpool *spool, SkFindings *findings);
/* The word for all its recipients: their direction, or the origin's when they differ. */
const char *sk_cli_direction(const SkPassage *passage);
/* Whether --direction was given a word that is one; complains if not. */
bool sk_cli_check_direction(const char *direction);
