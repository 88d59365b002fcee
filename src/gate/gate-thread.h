/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-thread - whether mail of ours answers one that came or went within a day, to the same
 * people (thread.fresh)
 *
 * Looked up in database know by the threads of gate-keep; for outbound mail with references
 * only, so that other mail does not wait for a store.
 *
 * Errors: none: what cannot be looked up is thread.temperror.
 */

#include "gate/gate-keep.h"
#include "ledger/passage.h"

/* Adds what was found to the findings of PASSAGE, before the call. */
typedef void (*SkGateThreadFunc)(void *data);

/* NULL: there is nothing to look up, FUNC will not be called. PASSAGE is borrowed until then.
 */
SkGateTask *sk_gate_thread_look(SkGateCaller *caller,
                                SkPassage *passage,
                                SkBytes header,
                                SkGateThreadFunc func,
                                void *data);
