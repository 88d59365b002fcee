/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-message - the way of one message through the gate
 *
 * Reads the facts of its header, has it inspected, has the policy judge it, answers Postfix,
 * leaves a passage in the ledger and a line in the log. Decides nothing itself.
 *
 *     inbound, outbound, forward: inspect ─▶ judge ─┬─▶ reply
 *                                                   ├─▶ accept in place
 *                                                   └─▶ commit (gate-hold) ─▶ discard
 *     release: ticket ─▶ check (gate-release) ─▶ inspect ─▶ judge ─▶ accept, or refuse
 *     only answers to notices: commit ─▶ discard
 *
 * Errors: no inspector, ledger or store: 451, nothing is lost; Postfix's client tries again.
 */

#include "gate/gate-shared.h"
#include "milter/milter-server.h"
#include "port/inspect.h"
#include "verdict/direction.h"

typedef struct SkGateMessage SkGateMessage;

/* What the messages of one event loop have in common; borrowed by each of them. */
typedef struct {
    SkGateShared *shared;
    SkInspect *inspect;
    SkGateCaller *keep;
    GHashTable *under_way; /* SkMilterMessage -> SkGateMessage, which it owns */
} SkGateLoop;

/* Starts the way of MESSAGE, which came through the socket of ORIGIN. */
void sk_gate_message_start(SkGateLoop *loop, SkMilterMessage *message, SkOrigin origin);
/* Postfix has given it up: forgets it. */
void sk_gate_message_abandon(SkGateLoop *loop, SkMilterMessage *message);
/* For under_way. */
void sk_gate_message_free(SkGateMessage *gate_message);
