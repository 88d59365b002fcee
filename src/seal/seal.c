/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

#include <sodium.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"

G_STATIC_ASSERT(SK_SEAL_PUBLIC_LEN == crypto_box_PUBLICKEYBYTES);

/* "SKS1", use, length of the name, name, secret: what lies in the box. */
#define MAGIC      "SKS1"
#define HEAD_LEN   6
#define MIN_SEALED (crypto_box_SEALBYTES + HEAD_LEN)

struct SkSealPair {
    SkSealPublic public;
    SkSecret *private;
};

SkSecret *
sk_secret_new(size_t len)
{
    SkSecret *secret;
    int rc = sodium_init();

    g_assert(rc >= 0);
    secret = g_new0(SkSecret, 1);
    secret->len = len;
    secret->data = sodium_malloc(MAX(len, 1));
    /* The sizes are ours: without memory for some bytes there is nothing left to do. */
    g_assert(secret->data != NULL);
    memset(secret->data, 0, len);
    return secret;
}

void
sk_secret_free(SkSecret *secret)
{
    if (secret == NULL)
        return;
    sodium_free(secret->data); /* wipes it */
    g_free(secret);
}

SkBytes
sk_secret_bytes(const SkSecret *secret)
{
    return sk_bytes(secret->data, secret->len);
}

SkSealPair *
sk_seal_pair_new(void)
{
    SkSealPair *pair = g_new0(SkSealPair, 1);

    pair->private = sk_secret_new(crypto_box_SECRETKEYBYTES);
    crypto_box_keypair(pair->public.bytes, pair->private->data);
    return pair;
}

SkSealPair *
sk_seal_pair_read(SkBytes private_key)
{
    SkSealPair *pair;

    if (private_key.len != crypto_box_SECRETKEYBYTES)
        return NULL;
    pair = g_new0(SkSealPair, 1);
    pair->private = sk_secret_new(crypto_box_SECRETKEYBYTES);
    memcpy(pair->private->data, private_key.data, private_key.len);
    crypto_scalarmult_base(pair->public.bytes, pair->private->data);
    return pair;
}

void
sk_seal_pair_free(SkSealPair *pair)
{
    if (pair == NULL)
        return;
    sk_secret_free(pair->private);
    g_free(pair);
}

SkSealPublic
sk_seal_pair_get_public(const SkSealPair *pair)
{
    return pair->public;
}

SkBytes
sk_seal_pair_peek_private(const SkSealPair *pair)
{
    return sk_secret_bytes(pair->private);
}

bool
sk_seal_public_read(SkBytes bytes, SkSealPublic *ret_key)
{
    static const uint8_t scalar[crypto_scalarmult_SCALARBYTES] = {8};
    uint8_t shared[crypto_scalarmult_BYTES];

    /* Refused are the points of small order, with which no secret can be agreed on. */
    if (bytes.len != SK_SEAL_PUBLIC_LEN || crypto_scalarmult(shared, scalar, bytes.data) != 0)
        return false;
    memcpy(ret_key->bytes, bytes.data, bytes.len);
    return true;
}

char *
sk_seal_id(const SkSealPublic *key)
{
    uint8_t digest[crypto_generichash_BYTES];
    char hex[SK_SEAL_ID_LEN + 1];

    crypto_generichash(digest, sizeof digest, key->bytes, sizeof key->bytes, NULL, 0);
    sodium_bin2hex(hex, sizeof hex, digest, SK_SEAL_ID_LEN / 2);
    return g_strdup(hex);
}

bool
sk_seal_id_is(const char *text)
{
    return strlen(text) == SK_SEAL_ID_LEN && strspn(text, "0123456789abcdef") == SK_SEAL_ID_LEN;
}

GBytes *
sk_seal(const SkSealPublic *to, SkSealUse use, const char *name, SkBytes secret)
{
    size_t name_len = strlen(name), len = HEAD_LEN + name_len + secret.len;
    g_autoptr(SkSecret) plain = NULL;
    uint8_t *sealed;

    g_assert(name_len <= SK_SEAL_NAME_MAX && secret.len <= SK_SEAL_SECRET_MAX);
    plain = sk_secret_new(len);
    memcpy(plain->data, MAGIC, 4);
    plain->data[4] = (uint8_t)use;
    plain->data[5] = (uint8_t)name_len;
    memcpy(plain->data + HEAD_LEN, name, name_len);
    memcpy(plain->data + HEAD_LEN + name_len, secret.data, secret.len);
    sealed = g_malloc(crypto_box_SEALBYTES + len);
    g_assert(crypto_box_seal(sealed, plain->data, len, to->bytes) == 0);
    return g_bytes_new_take(sealed, crypto_box_SEALBYTES + len);
}

static SkSecret *
open_box(const SkSealPair *pair, SkBytes sealed)
{
    g_autoptr(SkSecret) plain = NULL;

    if (sealed.len < MIN_SEALED || sealed.len > SK_SEAL_SECRET_MAX + SK_SEAL_OVERHEAD)
        return NULL;
    plain = sk_secret_new(sealed.len - crypto_box_SEALBYTES);
    if (crypto_box_seal_open(plain->data, sealed.data, sealed.len, pair->public.bytes,
                             pair->private->data) != 0)
        return NULL;
    return g_steal_pointer(&plain);
}

/* What stands after the head, if that is the wanted one. */
static SkSecret *
take_content(const SkSecret *plain, SkSealUse use, const char *name)
{
    SkBytes all = sk_secret_bytes(plain), content;
    size_t name_len = strlen(name);
    SkSecret *secret;

    if (!sk_bytes_is(all, 0, MAGIC) || sk_bytes_u8(all, 4) != use ||
        sk_bytes_u8(all, 5) != name_len || !sk_bytes_at(all, HEAD_LEN, name, name_len))
        return NULL;
    content = sk_bytes_from(all, HEAD_LEN + name_len);
    /* Anybody may have sealed it: what is larger could not be sealed again. */
    if (content.len > SK_SEAL_SECRET_MAX)
        return NULL;
    secret = sk_secret_new(content.len);
    if (content.len > 0)
        memcpy(secret->data, content.data, content.len);
    return secret;
}

SkSecret *
sk_seal_open(const SkSealPair *pair,
             SkSealUse use,
             const char *name,
             SkBytes sealed,
             GError **error)
{
    g_autoptr(SkSecret) plain = open_box(pair, sealed);
    SkSecret *secret = plain != NULL ? take_content(plain, use, name) : NULL;

    if (secret == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                    "the sealed key of %s cannot be opened: it was sealed to another site key, "
                    "for something else, or is damaged",
                    name);
    return secret;
}
