/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-message - what the header of a message says about it: From, Subject, Message-ID,
 * and who is named in To and Cc
 *
 * Reads header fields only, no MIME: this runs in the gate, outside the sandbox.
 *
 * Limits: subjects are cut at 200 bytes, Message-IDs at 300.
 * Errors: none; what cannot be read stays NULL.
 * Security: HEADER is foreign; texts come out as sk_text_safe() makes them.
 */

#include <stdbool.h>

#include "base/bytes.h"
#include "ledger/passage.h"

/* The header section of a whole message, its closing empty line included. */
SkBytes sk_engine_header_of(SkBytes message);
/* Fills in from, subject, message_id and visible of PASSAGE. Of several From fields or authors
 * the first counts. */
void sk_engine_read_header(SkPassage *passage, SkBytes header);
/* The addresses of To and Cc as recipients, as many as an envelope takes. */
void sk_engine_read_recipients(SkEnvelope *envelope, SkBytes header);
