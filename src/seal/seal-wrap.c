/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal-wrap.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"

/* Magic, passes, KiB of memory (both little-endian), salt, nonce; then the closed key. */
#define MAGIC       "SKW1"
#define AT_PASSES   4
#define AT_MEMORY   8
#define AT_SALT     12
#define AT_NONCE    (AT_SALT + crypto_pwhash_SALTBYTES)
#define HEAD_LEN    (AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
#define KEY_LEN     crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define PRIVATE_LEN crypto_box_SECRETKEYBYTES

G_STATIC_ASSERT(HEAD_LEN + PRIVATE_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES ==
                SK_SEAL_WRAPPED_LEN);

static void
store_le32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static bool
is_bearable(const SkSealCost *cost)
{
    return cost->passes >= crypto_pwhash_argon2id_OPSLIMIT_MIN &&
           cost->passes <= SK_SEAL_COST_PASSES_MAX &&
           cost->memory_kib >= crypto_pwhash_argon2id_MEMLIMIT_MIN / SK_KIB &&
           cost->memory_kib <= SK_SEAL_COST_MEMORY_KIB_MAX;
}

bool
sk_seal_wrap_read_cost(SkBytes wrapped, SkSealCost *ret_cost)
{
    SkSealCost cost = {sk_bytes_le32(wrapped, AT_PASSES), sk_bytes_le32(wrapped, AT_MEMORY)};

    if (wrapped.len != SK_SEAL_WRAPPED_LEN || !sk_bytes_is(wrapped, 0, MAGIC) ||
        !is_bearable(&cost))
        return false;
    *ret_cost = cost;
    return true;
}

static SkSecret *
stretch(SkBytes secret, const SkSealCost *cost, SkBytes salt, GError **error)
{
    g_autoptr(SkSecret) key = sk_secret_new(KEY_LEN);

    if (crypto_pwhash_argon2id(key->data, key->len, (const char *)secret.data, secret.len,
                               salt.data, cost->passes, cost->memory_kib * SK_KIB,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0)
        return g_steal_pointer(&key);
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                "no memory to open a site key: %u MiB are needed for a moment",
                cost->memory_kib / 1024);
    return NULL;
}

/* Everything in front, and whose private half it is. */
static GBytes *
associated_data(SkBytes head, const char *id)
{
    GByteArray *all = g_byte_array_sized_new(HEAD_LEN + SK_SEAL_ID_LEN);

    g_byte_array_append(all, head.data, HEAD_LEN);
    g_byte_array_append(all, (const uint8_t *)id, (guint)strlen(id));
    return g_byte_array_free_to_bytes(all);
}

GBytes *
sk_seal_wrap(const SkSealPair *pair, SkBytes secret, SkSealCost cost, GError **error)
{
    g_autofree uint8_t *out = g_malloc(SK_SEAL_WRAPPED_LEN);
    SkBytes private = sk_seal_pair_peek_private(pair);
    SkSealPublic public = sk_seal_pair_get_public(pair);
    g_autofree char *id = sk_seal_id(&public);
    g_autoptr(SkSecret) key = NULL;
    g_autoptr(GBytes) ad = NULL;

    g_assert(is_bearable(&cost) && private.len == PRIVATE_LEN);
    memcpy(out, MAGIC, 4);
    store_le32(out + AT_PASSES, cost.passes);
    store_le32(out + AT_MEMORY, cost.memory_kib);
    randombytes_buf(out + AT_SALT, HEAD_LEN - AT_SALT);
    key = stretch(secret, &cost, sk_bytes(out + AT_SALT, crypto_pwhash_SALTBYTES), error);
    if (key == NULL)
        return NULL;
    ad = associated_data(sk_bytes(out, HEAD_LEN), id);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + HEAD_LEN, NULL, private.data, private.len, g_bytes_get_data(ad, NULL),
        g_bytes_get_size(ad), NULL, out + AT_NONCE, key->data);
    return g_bytes_new_take(g_steal_pointer(&out), SK_SEAL_WRAPPED_LEN);
}

static SkSecret *
open_private(SkBytes wrapped, const char *id, const SkSecret *key)
{
    g_autoptr(SkSecret) private = sk_secret_new(PRIVATE_LEN);
    SkBytes closed = sk_bytes_from(wrapped, HEAD_LEN);
    g_autoptr(GBytes) ad = associated_data(sk_bytes_slice(wrapped, 0, HEAD_LEN), id);

    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            private->data, NULL, NULL, closed.data, closed.len, g_bytes_get_data(ad, NULL),
            g_bytes_get_size(ad), sk_bytes_from(wrapped, AT_NONCE).data, key->data) != 0)
        return NULL;
    return g_steal_pointer(&private);
}

SkSealPair *
sk_seal_unwrap(SkBytes wrapped, const char *id, SkBytes secret, GError **error)
{
    g_autoptr(SkSecret) key = NULL;
    g_autoptr(SkSecret) private = NULL;
    SkSealCost cost;

    if (!sk_seal_wrap_read_cost(wrapped, &cost)) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "what is stored as site key %s is none, or was stored by another version",
                    id);
        return NULL;
    }
    key = stretch(secret, &cost, sk_bytes_from(wrapped, AT_SALT), error);
    if (key == NULL)
        return NULL;
    private = open_private(wrapped, id, key);
    if (private != NULL)
        return sk_seal_pair_read(sk_secret_bytes(private));
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                "the secret of this host does not open site key %s: it is another site's "
                "secret, or what is stored as that key is damaged",
                id);
    return NULL;
}
