/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-edits - what changes in a message that is accepted in place
 *
 * Removes every trace field that somebody else has put in, carries out the marks, and adds one
 * trace field of ours. Nothing else changes: the rest is delivered byte for byte.
 *
 * Security: a forged X-Sekisho would let a sender pretend to a mailbox rule that we had judged
 * his mail; so they are removed on every origin. Outbound the trace carries an id only:
 * findings are not the business of others.
 */

#include <glib.h>

#include "base/bytes.h"
#include "ledger/passage.h"

/* HEADER: the header section. Returns the edits, in order, of SkHeaderEdit; caller owns. */
GPtrArray *sk_engine_edits(const SkPassage *passage, SkBytes header);
