/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-log - the one log line of a message
 */

#include "ledger/passage.h"

/* TROUBLE: why it could not be judged, or NULL. */
void sk_gate_log_passage(const SkPassage *passage, const char *trouble);
