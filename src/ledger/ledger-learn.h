/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ledger-learn - what is remembered of a passage beside its record: who took part in it
 *
 * Of mail that went on its way only: what was refused, or still waits, began no conversation.
 *
 * Errors: those of port/db.h.
 */

#include "known/known-conversation.h"
#include "ledger/passage.h"

/* In the caller's transaction. HASH_KEY: the site's. */
bool sk_ledger_learn(SkKnownAdder *adder,
                     const SkPassage *passage,
                     SkBytes hash_key,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
