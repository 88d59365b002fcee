/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-crypt.h"

#include <glib.h>

#include <openssl/evp.h>

/* Rounds of hashing between two looks at the clock: about 2 ms of SHA-512. */
#define SPINS_PER_LOOK 4096u
/* Characters of a default password. */
#define MAX_PASSWORD 32

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD, EVP_MD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_CIPHER, EVP_CIPHER_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

void
sk_attach_rc4_init(SkAttachRc4 *rc4, const uint8_t *key, size_t len)
{
    uint8_t j = 0;

    g_assert(len > 0);
    for (unsigned i = 0; i < 256; i++)
        rc4->state[i] = (uint8_t)i;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t was = rc4->state[i];

        j = (uint8_t)(j + was + key[i % len]);
        rc4->state[i] = rc4->state[j];
        rc4->state[j] = was;
    }
    rc4->i = rc4->j = 0;
}

static uint8_t
rc4_step(SkAttachRc4 *rc4)
{
    uint8_t a, b;

    rc4->i++;
    a = rc4->state[rc4->i];
    rc4->j = (uint8_t)(rc4->j + a);
    b = rc4->state[rc4->j];
    rc4->state[rc4->i] = b;
    rc4->state[rc4->j] = a;
    return rc4->state[(uint8_t)(a + b)];
}

void
sk_attach_rc4_apply(SkAttachRc4 *rc4, const uint8_t *in, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = in[i] ^ rc4_step(rc4);
}

void
sk_attach_rc4_skip(SkAttachRc4 *rc4, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)rc4_step(rc4);
}

/* CTX must have been initialised with its hash, and is ready for the next one afterwards. */
static bool
hash_once(EVP_MD_CTX *ctx, SkBytes a, SkBytes b, SkAttachHash *ret_hash)
{
    unsigned len = 0;

    if (EVP_DigestInit_ex2(ctx, NULL, NULL) != 1 || EVP_DigestUpdate(ctx, a.data, a.len) != 1 ||
        EVP_DigestUpdate(ctx, b.data, b.len) != 1 ||
        EVP_DigestFinal_ex(ctx, ret_hash->bytes, &len) != 1)
        return false;
    ret_hash->len = len;
    return true;
}

static EVP_MD_CTX *
hash_new(const char *hash)
{
    g_autoptr(EVP_MD) md = EVP_MD_fetch(NULL, hash, NULL);
    g_autoptr(EVP_MD_CTX) ctx = EVP_MD_CTX_new();

    if (md == NULL || ctx == NULL || EVP_MD_get_size(md) > SK_ATTACH_CRYPT_MAX_HASH ||
        EVP_DigestInit_ex2(ctx, md, NULL) != 1)
        return NULL;
    return g_steal_pointer(&ctx);
}

bool
sk_attach_hash(const char *hash, SkBytes a, SkBytes b, SkAttachHash *ret_hash)
{
    g_autoptr(EVP_MD_CTX) ctx = hash_new(hash);

    return ctx != NULL && hash_once(ctx, a, b, ret_hash);
}

/* Password letters as UTF-16LE; returns bytes. */
static size_t
widen(const char *password, uint8_t out[MAX_PASSWORD * 2])
{
    size_t len = strlen(password);

    g_assert(len <= MAX_PASSWORD);
    for (size_t i = 0; i < len; i++) {
        out[i * 2] = (uint8_t)password[i];
        out[i * 2 + 1] = 0;
    }
    return len * 2;
}

bool
sk_attach_hash_password(SkBudget *budget,
                        const char *hash,
                        SkBytes salt,
                        const char *password,
                        uint32_t spins,
                        SkAttachHash *ret_hash)
{
    g_autoptr(EVP_MD_CTX) ctx = hash_new(hash);
    uint8_t wide[MAX_PASSWORD * 2];
    SkAttachHash h;

    if (ctx == NULL || spins > SK_ATTACH_CRYPT_MAX_SPINS ||
        !hash_once(ctx, salt, sk_bytes(wide, widen(password, wide)), &h))
        return false;
    for (uint32_t i = 0; i < spins; i++) {
        uint8_t counter[4] = {(uint8_t)i, (uint8_t)(i >> 8), (uint8_t)(i >> 16),
                              (uint8_t)(i >> 24)};

        if (i % SPINS_PER_LOOK == 0 && !sk_budget_check_time(budget))
            return false;
        if (!hash_once(ctx, sk_bytes(counter, 4), sk_bytes(h.bytes, h.len), &h))
            return false;
    }
    *ret_hash = h;
    return true;
}

bool
sk_attach_aes_decrypt(const uint8_t *key,
                      unsigned key_bits,
                      const uint8_t *iv,
                      SkBytes in,
                      uint8_t *out)
{
    g_autofree char *name = g_strdup_printf("AES-%u-%s", key_bits, iv != NULL ? "CBC" : "ECB");
    g_autoptr(EVP_CIPHER) cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    g_autoptr(EVP_CIPHER_CTX) ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    if (cipher == NULL || ctx == NULL || in.len % 16 != 0 || in.len > INT_MAX)
        return false;
    return EVP_DecryptInit_ex2(ctx, cipher, key, iv, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
           EVP_DecryptUpdate(ctx, out, &len, in.data, (int)in.len) == 1 && len == (int)in.len;
}
