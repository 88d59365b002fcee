/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * known-reference - the Message-IDs in a field: of a message, or of those it answers
 *
 * Whatever stands between "<" and ">" without blanks; comments and words around it are passed
 * over, as old mail programs write them into In-Reply-To.
 *
 * Limits: ids of SK_KNOWN_ID_MAX bytes; longer ones are none. The number given.
 * Errors: none. Security: bytes are foreign; what comes out is printable ASCII.
 * Standards: RFC 5322 3.6.4.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

#define SK_KNOWN_ID_MAX 300

/* Appends the ids in VALUE to OUT (of char *, with brackets) until it has MAX; the LAST ones
 * first if so asked, as References has the nearest at its end. */
void sk_known_references(SkBytes value, bool last_first, guint max, GPtrArray *out);
