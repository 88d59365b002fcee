/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-offer - the first exchange of a milter conversation: what each side will do
 *
 * Errors: a peer that does not offer what we need is named in English; the caller closes.
 */

#include "milter/milter-packet.h"

/* NULL, or why nothing can be done with a peer that makes this offer. */
const char *sk_milter_offer_judge(const SkMilterOffer *offer);

/* The steps left out or without an answer, of those OFFERed; TCP: they come over TCP. */
uint32_t sk_milter_offer_choose(const SkMilterOffer *offer, bool tcp);

/* Appends the answer to OFFER with the PROTOCOL chosen. False when OUT is full. */
bool sk_milter_offer_answer(SkBuffer *out, const SkMilterOffer *offer, uint32_t protocol);
