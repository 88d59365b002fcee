/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-armour - binary data written as base64 between lines of dashes
 *
 * Limits: the buffer's. Errors: false: nothing could be decoded.
 * Standards: RFC 7468 (PEM), RFC 9580 6 (OpenPGP); bare base64 passes too.
 */

#include "base/buffer.h"
#include "base/bytes.h"

/* Decodes the first block of TEXT. */
bool sk_armour_decode(SkBytes text, SkBuffer *out);

/* Where an armoured OpenPGP message begins at the start of a line, at or after FROM, or
 * SK_BYTES_NONE. */
size_t sk_armour_find_pgp(SkBytes text, size_t from);
