/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-crypt.h"

/* Algorithm numbers of the CryptoAPI ([MS-OFFCRYPTO] 2.3.2). */
#define ALG_AES_128 0x660Eu
#define ALG_AES_192 0x660Fu
#define ALG_AES_256 0x6610u
#define ALG_RC4     0x6801u
#define ALG_SHA1    0x8004u
/* EncryptionHeader up to the name of the provider. */
#define MIN_HEADER 32
/* Rounds of the standard encryption (2.3.4.7). */
#define STANDARD_SPINS 50000u

static const char *
describe(uint32_t algorithm)
{
    switch (algorithm) {
    case ALG_AES_128:
        return "standard encryption, AES-128";
    case ALG_AES_192:
        return "standard encryption, AES-192";
    case ALG_AES_256:
        return "standard encryption, AES-256";
    case ALG_RC4:
        return "RC4, CryptoAPI";
    default:
        return "CryptoAPI";
    }
}

/* EncryptionVerifier (2.3.3) at the beginning of INFO. */
static void
read_verifier(SkAttachVerifier *v, SkBytes info)
{
    size_t hash_len = v->aes ? 32 : 20;

    v->salt = sk_bytes_slice(info, 4, 16);
    v->verifier = sk_bytes_slice(info, 20, 16);
    v->verifier_hash = sk_bytes_slice(info, 40, hash_len);
    v->usable = v->usable && sk_bytes_le32(info, 0) == 16 && v->verifier_hash.len == hash_len;
}

static SkAttachVerifier
read_cryptoapi(SkBytes info)
{
    uint32_t header_len = sk_bytes_le32(info, 8);
    SkBytes header = sk_bytes_slice(info, 12, header_len);
    uint32_t algorithm = sk_bytes_le32(header, 8), key_bits = sk_bytes_le32(header, 16);
    SkAttachVerifier v = {.how = describe(algorithm),
                          .aes = algorithm >= ALG_AES_128 && algorithm <= ALG_AES_256};

    /* 0 stands for 40 with RC4 (2.3.5.1). */
    v.key_bits = key_bits == 0 && !v.aes ? 40 : key_bits;
    v.usable = header.len == header_len && header_len >= MIN_HEADER &&
               (v.aes || algorithm == ALG_RC4) && sk_bytes_le32(header, 12) == ALG_SHA1 &&
               v.key_bits % 8 == 0 && v.key_bits >= 40 &&
               (v.aes ? v.key_bits == 128 + (algorithm - ALG_AES_128) * 64 : v.key_bits <= 128);
    read_verifier(&v, sk_bytes_from(info, 12 + (uint64_t)header_len));
    return v;
}

SkAttachVerifier
sk_attach_verifier_read(SkBytes info)
{
    uint16_t major = sk_bytes_le16(info, 0), minor = sk_bytes_le16(info, 2);

    if (major == 1 && minor == 1) {
        return (SkAttachVerifier){.how = "RC4, 40-bit",
                                  .usable = sk_bytes_has(info, 4, 48),
                                  .md5 = true,
                                  .key_bits = 40,
                                  .salt = sk_bytes_slice(info, 4, 16),
                                  .verifier = sk_bytes_slice(info, 20, 16),
                                  .verifier_hash = sk_bytes_slice(info, 36, 16)};
    }
    if (major >= 2 && major <= 4 && minor == 2)
        return read_cryptoapi(info);
    if ((major == 3 || major == 4) && minor == 3)
        return (SkAttachVerifier){.how = "extensible encryption"};
    return (SkAttachVerifier){.how = "unknown encryption"};
}

/* 2.3.6.2: forty bits of the password's hash, mixed with the salt sixteen times. */
static bool
make_md5_secret(SkAttachVerifier *v, SkBudget *budget, const char *password)
{
    SkBytes none = sk_bytes("", 0);
    uint8_t mixed[16 * 21];
    SkAttachHash h;

    if (!sk_attach_hash_password(budget, "MD5", none, password, 0, &h))
        return false;
    for (size_t i = 0; i < 16; i++) {
        memcpy(mixed + i * 21, h.bytes, 5);
        memcpy(mixed + i * 21 + 5, v->salt.data, 16);
    }
    return sk_attach_hash("MD5", sk_bytes(mixed, sizeof mixed), none, &v->secret);
}

void
sk_attach_verifier_rc4(const SkAttachVerifier *v, uint32_t block, SkAttachRc4 *rc4)
{
    uint8_t number[4] = {(uint8_t)block, (uint8_t)(block >> 8), (uint8_t)(block >> 16),
                         (uint8_t)(block >> 24)};
    SkBytes secret = sk_bytes(v->secret.bytes, v->md5 ? 5 : v->secret.len);
    SkAttachHash h = {.len = 16};

    (void)sk_attach_hash(v->md5 ? "MD5" : "SHA1", secret, sk_bytes(number, 4), &h);
    if (v->md5) {
        sk_attach_rc4_init(rc4, h.bytes, 16);
        return;
    }
    if (v->key_bits == 40) /* a 40-bit key is used as 128 bits, the rest zero (2.3.5.2) */
        memset(h.bytes + 5, 0, 11);
    sk_attach_rc4_init(rc4, h.bytes, v->key_bits == 40 ? 16 : v->key_bits / 8);
}

static bool
rc4_matches(const SkAttachVerifier *v)
{
    uint8_t clear[16 + 20];
    SkAttachRc4 rc4;
    SkAttachHash h;

    sk_attach_verifier_rc4(v, 0, &rc4);
    sk_attach_rc4_apply(&rc4, v->verifier.data, clear, 16);
    sk_attach_rc4_apply(&rc4, v->verifier_hash.data, clear + 16, v->verifier_hash.len);
    return sk_attach_hash(v->md5 ? "MD5" : "SHA1", sk_bytes(clear, 16), sk_bytes("", 0), &h) &&
           h.len == v->verifier_hash.len && memcmp(h.bytes, clear + 16, h.len) == 0;
}

/* 2.3.4.7: the secret becomes the key itself. */
static bool
make_aes_key(SkAttachVerifier *v)
{
    static const uint8_t block[4] = {0};
    SkAttachHash h, half[2];
    uint8_t pad[64];

    if (!sk_attach_hash("SHA1", sk_bytes(v->secret.bytes, v->secret.len), sk_bytes(block, 4),
                        &h))
        return false;
    for (unsigned k = 0; k < 2; k++) {
        memset(pad, k == 0 ? 0x36 : 0x5C, sizeof pad);
        for (size_t i = 0; i < h.len; i++)
            pad[i] ^= h.bytes[i];
        if (!sk_attach_hash("SHA1", sk_bytes(pad, sizeof pad), sk_bytes("", 0), &half[k]))
            return false;
    }
    memcpy(v->secret.bytes, half[0].bytes, 20);
    memcpy(v->secret.bytes + 20, half[1].bytes, 20);
    v->secret.len = v->key_bits / 8;
    return true;
}

static bool
aes_matches(SkAttachVerifier *v)
{
    uint8_t clear[16], hash[32];
    SkAttachHash h;

    return make_aes_key(v) &&
           sk_attach_aes_decrypt(v->secret.bytes, v->key_bits, NULL, v->verifier, clear) &&
           sk_attach_aes_decrypt(v->secret.bytes, v->key_bits, NULL, v->verifier_hash, hash) &&
           sk_attach_hash("SHA1", sk_bytes(clear, 16), sk_bytes("", 0), &h) &&
           memcmp(h.bytes, hash, h.len) == 0;
}

bool
sk_attach_verifier_matches(SkAttachVerifier *v, SkBudget *budget, const char *password)
{
    if (!v->usable)
        return false;
    if (v->md5)
        return make_md5_secret(v, budget, password) && rc4_matches(v);
    if (!sk_attach_hash_password(budget, "SHA1", v->salt, password, v->aes ? STANDARD_SPINS : 0,
                                 &v->secret))
        return false;
    return v->aes ? aes_matches(v) : rc4_matches(v);
}
