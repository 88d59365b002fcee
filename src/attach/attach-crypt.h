/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-crypt - trying the passwords that Office itself tries before it asks anybody
 *
 * A workbook under "VelvetSweatshop" opens without a question in every Excel, so it is
 * readable, and attackers use that to hide from scanners. Everything here checks that one fixed
 * password (or PowerPoint's) against what a file stores to check passwords, and nothing else.
 *
 * RC4 is our own: OpenSSL 3 has it in the legacy provider only, a file that would have to be
 * loaded before the inspector locks itself down, for a cipher of twenty lines.
 *
 * Limits: SK_ATTACH_CRYPT_MAX_SPINS rounds of hashing, the budget's time asked in between.
 * Errors: none; whatever is impossible does not match.
 * Standards: [MS-OFFCRYPTO] 2.3.4 to 2.3.7, [MS-XLS] 2.2.10.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

/* The most that [MS-OFFCRYPTO] 2.3.4.10 allows. */
#define SK_ATTACH_CRYPT_MAX_SPINS 10000000u
#define SK_ATTACH_CRYPT_MAX_HASH  64

#define SK_ATTACH_EXCEL_PASSWORD      "VelvetSweatshop"
#define SK_ATTACH_POWERPOINT_PASSWORD "/01Hannes Ruescher/01"

typedef struct {
    uint8_t state[256];
    uint8_t i, j;
} SkAttachRc4;

void sk_attach_rc4_init(SkAttachRc4 *rc4, const uint8_t *key, size_t len);
void sk_attach_rc4_apply(SkAttachRc4 *rc4, const uint8_t *in, uint8_t *out, size_t len);
/* Skips N bytes of key stream. */
void sk_attach_rc4_skip(SkAttachRc4 *rc4, size_t n);

typedef struct {
    uint8_t bytes[SK_ATTACH_CRYPT_MAX_HASH];
    size_t len;
} SkAttachHash;

/* HASH ("SHA1", "SHA512", "MD5") of A followed by B. */
bool sk_attach_hash(const char *hash, SkBytes a, SkBytes b, SkAttachHash *ret_hash);
/* The hash of SALT and PASSWORD (ASCII, taken as UTF-16), hashed SPINS times more with a
 * counter before it. False when the hash is unknown or time ran out. */
bool sk_attach_hash_password(SkBudget *budget,
                             const char *hash,
                             SkBytes salt,
                             const char *password,
                             uint32_t spins,
                             SkAttachHash *ret_hash);

/* Decrypts whole AES blocks of IN to OUT; IV NULL means ECB. KEY_BITS 128, 192 or 256. */
bool sk_attach_aes_decrypt(const uint8_t *key,
                           unsigned key_bits,
                           const uint8_t *iv,
                           SkBytes in,
                           uint8_t *out);

/* What a file stores in order to check a password. INFO begins with the version. */
typedef struct SkAttachVerifier SkAttachVerifier;
struct SkAttachVerifier {
    const char *how; /* "RC4, 40-bit", "RC4, CryptoAPI", "standard encryption, AES-128" */
    bool usable;     /* what it says makes sense */
    bool aes;
    bool md5; /* RC4 with 40-bit keys */
    unsigned key_bits;
    SkBytes salt, verifier, verifier_hash;
    SkAttachHash secret; /* once the password matched: what keys of blocks are made of */
};

/* Versions 1.1 (RC4) and 2.2 to 4.2 (CryptoAPI and standard). */
SkAttachVerifier sk_attach_verifier_read(SkBytes info);
/* Whether PASSWORD is the one; fills in `secret` then. */
bool sk_attach_verifier_matches(SkAttachVerifier *verifier,
                                SkBudget *budget,
                                const char *password);
/* The key stream of block N. */
void sk_attach_verifier_rc4(const SkAttachVerifier *verifier, uint32_t block, SkAttachRc4 *rc4);

/* XOR obfuscation: the key and the verifier that PASSWORD (up to 15 ASCII letters) makes. */
uint16_t sk_attach_xor_key(const char *password);
uint16_t sk_attach_xor_verifier(const char *password);
void sk_attach_xor_array(const char *password, uint8_t ret_array[16]);
