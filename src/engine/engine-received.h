/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-received - the Received field of a message that we take over from Postfix
 *
 * Postfix writes its own behind the milters, and it is thrown away with a message that is
 * discarded. So that whoever looks for the way of a held message finds from where it came, the
 * stored original gets this one, and keeps all that it had.
 *
 * Errors: none.
 * Security: names and addresses are the client's: what could end a comment or begin another
 * field is replaced.
 * Standards: RFC 5321 4.1.3, 4.4; RFC 3848 and 6531 4.3 (protocols).
 */

#include "ledger/passage.h"

/* HOST: this machine; of `with` what the milter protocol tells. Ends with a line end. Caller
 * owns. */
char *sk_engine_received(const SkPassage *passage, const char *host);
