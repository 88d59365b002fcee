/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-hold - which copies become of a decided message, and back: a held one judged again
 *
 * Recipients with equal decisions and directions share a copy; `strip` makes two, the stripped
 * one without the waits password and review, as far as no other rule asks for them because of
 * what is left, and the original with all waits (review by recipient if it would have none). Of
 * what could not be inspected both wait alike: nobody knows what is in the rest. Malware, and
 * what is refused for some recipients only, is reviewed by administrators, whatever the rule
 * says.
 *
 * Errors: those of passage-json; CONFIG: working days and hours that are none.
 */

#include "base/settings.h"
#include "engine/engine-site.h"
#include "hold/hold-copy.h"
#include "ledger/passage.h"

/* Whether anything of it has to wait, or differs from the bytes that came, or leaves in several
 * forms: then it is held and the original discarded. Otherwise it is accepted in place. */
bool sk_engine_must_hold(const SkPassage *passage);
/* CHOSEN_S: what the sender chose for his own mail; 0: nothing. Fills in all but blob and body
 * of RET_MESSAGE; RET_COPIES (of SkHeldCopy). Caller owns both. */
bool sk_engine_hold(const SkSettings *settings,
                    const SkSite *site,
                    const SkPassage *passage,
                    int64_t chosen_s,
                    int64_t now_us,
                    SkHeldMessage **ret_message,
                    GPtrArray **ret_copies,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* WAITS that somebody can answer: where it would be a recipient who is none of ours, or a
 * sender who is not, an administrator reviews. REVIEW is raised with that. */
unsigned sk_engine_hold_waits(SkDirection direction,
                              const SkHeldMessage *message,
                              unsigned waits,
                              SkReview *review);
/* The decision for the recipients of COPY, as PASSAGE, read from the message's document, has
 * it; borrowed. NULL: it names none of them. */
const SkDecision *sk_engine_hold_decision(const SkPassage *passage, const SkHeldCopy *copy);
/* Whether the sender can be told or given it back: he is one of us. (Later: or proven.) */
bool sk_engine_may_return(const SkHeldMessage *message);
