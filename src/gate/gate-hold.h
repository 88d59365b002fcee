/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-hold - has what a message leaves behind committed, by the threads of gate-keep
 *
 * The original, sealed, and what engine-commit makes of the decisions. Who takes the message
 * away from Postfix (DISCARD) does so only after that: until then it is Postfix's client's.
 *
 * The stored original is what came, with our Received field before it and without fields by
 * which a release is recognised.
 *
 * Errors: whatever keeps it from being committed; nothing of it stays, unless the code is
 * UNCERTAIN. Then the client repeats the message, and the commit recognises it.
 */

#include "gate/gate-keep.h"
#include "gate/gate-shared.h"
#include "ledger/passage.h"
#include "milter/milter-server.h"

typedef struct {
    SkGateShared *shared;
    SkGateCaller *caller;
    SkMilterMessage *milter; /* what is needed of it is copied */
    bool hold;
    GPtrArray *tokens; /* of answers to notices, or NULL; a reference is taken */
    /* In the loop's thread. The caller owns PASSAGE; ERROR NULL: it is committed. Not after the
     * task was abandoned. */
    void (*done)(SkPassage *passage, const GError *error, void *data);
    void *data;
} SkGateCommit;

/* Takes PASSAGE over until `done`. NULL: no memory; then it stays the caller's. */
SkGateTask *sk_gate_hold_commit(const SkGateCommit *commit,
                                SkPassage *passage,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
