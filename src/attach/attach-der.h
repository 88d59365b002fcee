/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-der - just enough of BER to find the content of a signed message
 *
 * S/MIME allows indefinite lengths and strings in pieces, and mail has them.
 *
 * Limits: SK_DER_DEPTH levels. Errors: false: not BER, or cut.
 * Standards: ITU-T X.690 8.1.
 */

#include "base/buffer.h"
#include "base/bytes.h"

#define SK_DER_DEPTH 16

enum {
    SK_DER_OCTETS = 0x04,
    SK_DER_OID = 0x06,
    SK_DER_CONSTRUCTED = 0x20,
    SK_DER_SEQUENCE = 0x30,
    SK_DER_SET = 0x31,
    SK_DER_CONTEXT_0 = 0xa0,
};

typedef struct {
    uint8_t tag;
    bool indefinite;
    bool cut;     /* its length goes beyond the end; not known of an indefinite one */
    SkBytes body; /* of an indefinite one: all that follows its header */
    size_t end;   /* behind it; of an indefinite one: behind its header */
} SkDer;

/* The header at AT. Bodies that go beyond the end are cut: mail gets truncated. */
bool sk_der_read(SkBytes bytes, size_t at, SkDer *der);

/* Where the element at AT ends, or SK_BYTES_NONE. */
size_t sk_der_skip(SkBytes bytes, size_t at, unsigned depth);

/* Appends what the octet string DER holds, in one piece or in several. */
bool sk_der_octets(const SkDer *der, unsigned depth, SkBuffer *out);
