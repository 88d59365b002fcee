/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-hand - the copies that this clerk has claimed: from the scout to the senders to the
 * settler
 *
 * Any thread may call; what is given is taken over.
 *
 * Errors: none.
 */

#include "clerk/clerk-send.h"

typedef struct SkClerkHand SkClerkHand;

SkClerkHand *sk_clerk_hand_new(void);
void sk_clerk_hand_free(SkClerkHand *hand);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkHand, sk_clerk_hand_free)

/* ---- the scout ---- */

/* COPIES: of SkHeldCopy, claimed. */
void sk_clerk_hand_put(SkClerkHand *hand, GPtrArray *copies);
/* All that are claimed and not settled. */
unsigned sk_clerk_hand_count(SkClerkHand *hand);
/* How many were sent, and whether all met trouble, since it was last asked. */
unsigned sk_clerk_hand_take_news(SkClerkHand *hand, bool *ret_trouble);
/* Copies (of SkHeldCopy, with id, message and claim only) whose lease ends before UNTIL_US. */
GPtrArray *sk_clerk_hand_list_leases(SkClerkHand *hand, int64_t until_us);
/* COPY's lease is renewed, unless it is settled by now. */
void sk_clerk_hand_note_lease(SkClerkHand *hand, const SkHeldCopy *copy);
/* Until there is room for more, or US are over. */
void sk_clerk_hand_wait(SkClerkHand *hand, int64_t us);
/* Nothing more will be put. What no sender has begun with goes to the settler. */
void sk_clerk_hand_close(SkClerkHand *hand);

/* ---- a sender ---- */

/* The next copy, the longest due first. NULL: nothing came within US, or, RET_CLOSED, never
 * will. */
SkHeldCopy *sk_clerk_hand_take(SkClerkHand *hand, int64_t us, bool *ret_closed);
/* What became of it. NOT: what nobody has begun with goes to the settler as well. */
void sk_clerk_hand_done(SkClerkHand *hand, SkClerkSent *sent);
/* All senders have ended. */
void sk_clerk_hand_finish(SkClerkHand *hand);
bool sk_clerk_hand_is_finished(SkClerkHand *hand);

/* ---- the settler ---- */

/* Of SkClerkSent, as soon as there are any. NULL: all have been settled. */
GPtrArray *sk_clerk_hand_take_done(SkClerkHand *hand);
/* They are settled, GONE of them were sent. */
void sk_clerk_hand_settled(SkClerkHand *hand, const GPtrArray *sent, unsigned gone);
