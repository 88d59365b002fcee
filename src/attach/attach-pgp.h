/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-pgp - OpenPGP packets: what a message is made of
 *
 * Errors: none: where packets stop, they stop.
 * Standards: RFC 9580 4 and 5.
 */

#include "base/bytes.h"

enum {
    SK_PGP_PKESK = 1, /* session key for a public key */
    SK_PGP_SIGNATURE = 2,
    SK_PGP_SKESK = 3, /* session key for a password */
    SK_PGP_ONE_PASS = 4,
    SK_PGP_SECRET_KEY = 5,
    SK_PGP_PUBLIC_KEY = 6,
    SK_PGP_COMPRESSED = 8,
    SK_PGP_ENCRYPTED_OLD = 9,
    SK_PGP_MARKER = 10,
    SK_PGP_LITERAL = 11,
    SK_PGP_ENCRYPTED = 18,
    SK_PGP_AEAD = 20,
};

typedef struct {
    uint8_t tag;
    SkBytes body; /* of a body in partial lengths, the first piece */
    bool partial;
    bool cut;    /* its length goes beyond the end */
    size_t next; /* where the packet (or that piece) ends */
} SkPgpPacket;

bool sk_pgp_read(SkBytes bytes, size_t at, SkPgpPacket *packet);

/* The length of the piece that follows a partial one, and whether it is partial again. */
bool sk_pgp_read_piece(SkBytes bytes, size_t at, SkPgpPacket *packet);

/* Whether a packet of this tag holds something encrypted, or the key to it. */
bool sk_pgp_tag_is_encrypted(uint8_t tag);

/* Whether BYTES begin with a message: with packets that say what only messages say. */
bool sk_pgp_is_message(SkBytes bytes);
