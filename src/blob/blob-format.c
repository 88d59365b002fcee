/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-format.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/random.h"

#define MAGIC        "SKB1"
#define MAGIC_LEN    4
#define STORED_CHUNK (SK_BLOB_CHUNK + SK_BLOB_TAG_LEN)
#define NONCE_LEN    12

struct SkBlobSealer {
    EVP_CIPHER_CTX *cipher;
    uint8_t header[SK_BLOB_HEADER_LEN];
    uint64_t next; /* number of the next chunk */
    bool ended;
};

struct SkBlobOpener {
    EVP_CIPHER_CTX *cipher;
    uint8_t header[SK_BLOB_HEADER_LEN];
};

uint64_t
sk_blob_count_chunks(uint64_t size)
{
    if (size == 0)
        return 1;
    return (size - 1) / SK_BLOB_CHUNK + 1;
}

uint64_t
sk_blob_chunk_at(uint64_t number)
{
    g_assert(number <= SK_BLOB_SIZE_MAX / SK_BLOB_CHUNK);
    return SK_BLOB_HEADER_LEN + number * STORED_CHUNK;
}

bool
sk_blob_size_to_stored(uint64_t size, uint64_t *ret_stored)
{
    if (size > SK_BLOB_SIZE_MAX)
        return false;
    *ret_stored = SK_BLOB_HEADER_LEN + size + sk_blob_count_chunks(size) * SK_BLOB_TAG_LEN;
    return true;
}

bool
sk_blob_size_from_stored(uint64_t stored, uint64_t *ret_size)
{
    uint64_t chunks, rest, again, size;

    if (stored < SK_BLOB_HEADER_LEN + SK_BLOB_TAG_LEN)
        return false;
    chunks = (stored - SK_BLOB_HEADER_LEN) / STORED_CHUNK;
    rest = (stored - SK_BLOB_HEADER_LEN) % STORED_CHUNK;
    if (rest > 0 && rest < SK_BLOB_TAG_LEN)
        return false;
    size = chunks * SK_BLOB_CHUNK + (rest > 0 ? rest - SK_BLOB_TAG_LEN : 0);
    /* The way back decides: an empty chunk behind full ones, for one, is no file. */
    if (!sk_blob_size_to_stored(size, &again) || again != stored)
        return false;
    *ret_size = size;
    return true;
}

static void
put_be(uint8_t *out, uint64_t value, size_t n)
{
    for (size_t i = n; i > 0; i--, value >>= 8)
        out[i - 1] = (uint8_t)value;
}

void
sk_blob_header_write(const char *id, uint8_t ret_header[SK_BLOB_HEADER_LEN])
{
    bool ok;

    memcpy(ret_header, MAGIC, MAGIC_LEN);
    put_be(ret_header + MAGIC_LEN, SK_BLOB_CHUNK, 4);
    ok = sk_random_long_id_read(id, ret_header + MAGIC_LEN + 4);
    g_assert(ok);
}

/* What OpenSSL says no to here is a lack of memory or a broken installation, as g_malloc(). */
static void
must(int rc)
{
    g_assert(rc == 1);
}

static EVP_CIPHER_CTX *
cipher_new(SkBytes key, bool encrypt)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();

    g_assert(cipher != NULL && key.len == SK_BLOB_KEY_LEN);
    must(EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key.data, NULL, encrypt));
    return cipher;
}

static void
begin_chunk(EVP_CIPHER_CTX *cipher, const uint8_t *header, uint64_t number, bool last)
{
    uint8_t nonce[NONCE_LEN] = {0};
    int len;

    put_be(nonce + 3, number, 8);
    nonce[NONCE_LEN - 1] = last;
    must(EVP_CipherInit_ex(cipher, NULL, NULL, NULL, nonce, -1));
    must(EVP_CipherUpdate(cipher, NULL, &len, header, SK_BLOB_HEADER_LEN));
}

static void
convert(EVP_CIPHER_CTX *cipher, SkBytes in, uint8_t *out)
{
    int len = 0;

    /* No bytes may mean no address, which OpenSSL takes for associated data. */
    if (in.len > 0)
        must(EVP_CipherUpdate(cipher, out, &len, in.data, (int)in.len));
    g_assert((size_t)len == in.len);
}

SkBlobSealer *
sk_blob_sealer_new(SkBytes key, const uint8_t header[SK_BLOB_HEADER_LEN])
{
    SkBlobSealer *sealer = g_new0(SkBlobSealer, 1);

    sealer->cipher = cipher_new(key, true);
    memcpy(sealer->header, header, SK_BLOB_HEADER_LEN);
    return sealer;
}

void
sk_blob_sealer_free(SkBlobSealer *sealer)
{
    if (sealer == NULL)
        return;
    EVP_CIPHER_CTX_free(sealer->cipher); /* wipes the key */
    g_free(sealer);
}

void
sk_blob_sealer_add(SkBlobSealer *sealer, SkBytes plain, bool last, uint8_t *ret_stored)
{
    uint8_t *tag = ret_stored + plain.len;
    int len;

    g_assert(!sealer->ended && plain.len <= SK_BLOB_CHUNK);
    g_assert(last ? plain.len > 0 || sealer->next == 0 : plain.len == SK_BLOB_CHUNK);
    begin_chunk(sealer->cipher, sealer->header, sealer->next, last);
    convert(sealer->cipher, plain, ret_stored);
    must(EVP_CipherFinal_ex(sealer->cipher, tag, &len));
    must(EVP_CIPHER_CTX_ctrl(sealer->cipher, EVP_CTRL_AEAD_GET_TAG, SK_BLOB_TAG_LEN, tag));
    sealer->next++;
    sealer->ended = last;
}

SkBlobOpener *
sk_blob_opener_new(SkBytes key, const uint8_t header[SK_BLOB_HEADER_LEN])
{
    SkBlobOpener *opener = g_new0(SkBlobOpener, 1);

    opener->cipher = cipher_new(key, false);
    memcpy(opener->header, header, SK_BLOB_HEADER_LEN);
    return opener;
}

void
sk_blob_opener_free(SkBlobOpener *opener)
{
    if (opener == NULL)
        return;
    EVP_CIPHER_CTX_free(opener->cipher);
    g_free(opener);
}

bool
sk_blob_opener_read(SkBlobOpener *opener,
                    uint64_t number,
                    bool last,
                    SkBytes stored,
                    uint8_t *ret_plain)
{
    size_t n = stored.len - SK_BLOB_TAG_LEN;
    uint8_t tag[SK_BLOB_TAG_LEN], none;
    int len;

    g_assert(stored.len >= SK_BLOB_TAG_LEN && n <= SK_BLOB_CHUNK);
    memcpy(tag, sk_bytes_from(stored, n).data, sizeof tag);
    begin_chunk(opener->cipher, opener->header, number, last);
    convert(opener->cipher, sk_bytes_slice(stored, 0, n), ret_plain);
    must(EVP_CIPHER_CTX_ctrl(opener->cipher, EVP_CTRL_AEAD_SET_TAG, SK_BLOB_TAG_LEN, tag));
    if (EVP_CipherFinal_ex(opener->cipher, &none, &len) == 1)
        return true;
    memset(ret_plain, 0, n);
    return false;
}
