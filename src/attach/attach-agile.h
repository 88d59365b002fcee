/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-agile - agile encryption of OOXML packages, as far as Excel's default password goes
 *
 * Limits: the budget. Errors: none. Standards: [MS-OFFCRYPTO] 2.3.4.10 to 2.3.4.15.
 */

#include "attach/attach-crypt.h"

typedef struct {
    char hash[8]; /* as OpenSSL calls it; empty: unknown */
    unsigned key_bits;
    bool cbc;
    uint8_t salt[64];
    size_t salt_len;
} SkAttachAgileKey;

typedef struct {
    bool has_password;    /* somebody can open it with a password, */
    bool has_certificate; /* or with a private key */
    uint32_t spins;
    SkAttachAgileKey data; /* of the package */
    SkAttachAgileKey lock; /* of what the password opens */
    uint8_t input[64], hash[128], key[64];
    size_t input_len, hash_len, key_len;
    uint8_t secret[32]; /* once the password matched */
} SkAttachAgile;

/* Reads the XML that follows the eight bytes of version and flags. */
bool sk_attach_agile_read(SkBytes xml, SkAttachAgile *ret_agile);
bool sk_attach_agile_matches(SkAttachAgile *agile, SkBudget *budget, const char *password);
/* Decrypts the stream EncryptedPackage, after a match; OUT is initialised by the callee. */
bool sk_attach_agile_decrypt(const SkAttachAgile *agile,
                             SkBudget *budget,
                             SkBytes package,
                             SkBuffer *out);
