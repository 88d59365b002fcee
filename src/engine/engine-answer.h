/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-answer - the one SMTP answer for all recipients, in words for the person who gets it
 *
 * Any reject rejects the message (but see sk_engine_rejects_some()), else any defer defers it;
 * the text is the rule's own, or says what was found and what to do instead; then what it is
 * about, for whom, and the id that `sekisho passage show` explains. ASCII: 8-bit text does not
 * survive in SMTP replies.
 *
 * Limits: 400 bytes, so that it fits one reply line of 512 (RFC 5321 4.5.3.1.5) with room for
 * what Postfix puts around it; SK_LIMIT_ANSWER_TEXT of them are the rule's. What is longer is
 * cut and ends in "..."; the id and the help page are always whole.
 */

#include "engine/engine-site.h"
#include "ledger/passage.h"

#define SK_ANSWER_MAX 400

#define SK_ANSWER_UNRECORDED                                                                   \
    "451 4.3.0 The message could not be recorded now: please try again later"

/* Whether PASSAGE, from outside, is to be refused for some of its recipients only. A bounce for
 * those would go to a sender who is mostly forged: theirs is held for review by administrators,
 * and the others get it. */
bool sk_engine_rejects_some(const SkPassage *passage);

/* Fills in fate and smtp of PASSAGE, whose recipients have their decisions. */
void sk_engine_answer(const SkSite *site, SkPassage *passage);

/* The answer when the message could not be judged at all: 451, the client tries again. Why is
 * for the log, not for the client. */
void sk_engine_answer_unavailable(SkPassage *passage);

/* The answer when the ledger cannot take the passage: 451 without an id, since nobody could
 * explain it. */
void sk_engine_answer_unrecorded(SkPassage *passage);

/* The answer when what has to be kept of the message cannot be: 451. */
void sk_engine_answer_unkept(SkPassage *passage);

/* The answers on the release socket: 550 to who shows no ticket, 451 to whose claim is over. */
void sk_engine_answer_no_release(SkPassage *passage);
void sk_engine_answer_stale(SkPassage *passage);
