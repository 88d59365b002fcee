/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-digests.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

typedef struct {
    SkBytes plain, stored;
} Piece;

struct SkBlobDigests {
    EVP_MAC *hmac;
    EVP_MAC_CTX *content;
    EVP_MD_CTX *stored;
    GThread *thread; /* NULL: none, or none yet */
    bool refused;    /* the system gave us no thread */
    GMutex lock;
    GCond changed;
    /* Under the lock; while a piece waits or is being digested, the thread has the contexts. */
    Piece piece;
    bool busy, end;
};

static void
must(int rc)
{
    g_assert(rc == 1);
}

SkBlobDigests *
sk_blob_digests_new(SkBytes key)
{
    SkBlobDigests *d = g_new0(SkBlobDigests, 1);
    char name[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                           OSSL_PARAM_construct_end()};

    d->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    d->content = EVP_MAC_CTX_new(d->hmac);
    d->stored = EVP_MD_CTX_new();
    must(EVP_MAC_init(d->content, key.data, key.len, params));
    must(EVP_DigestInit_ex(d->stored, EVP_sha256(), NULL));
    g_mutex_init(&d->lock);
    g_cond_init(&d->changed);
    return d;
}

static void
digest(SkBlobDigests *d, const Piece *piece)
{
    must(EVP_MAC_update(d->content, piece->plain.data, piece->plain.len));
    must(EVP_DigestUpdate(d->stored, piece->stored.data, piece->stored.len));
}

static void *
run(void *data)
{
    SkBlobDigests *d = data;

    g_mutex_lock(&d->lock);
    while (d->busy || !d->end) {
        if (!d->busy) {
            g_cond_wait(&d->changed, &d->lock);
            continue;
        }
        g_mutex_unlock(&d->lock);
        digest(d, &d->piece);
        g_mutex_lock(&d->lock);
        d->busy = false;
        g_cond_signal(&d->changed);
    }
    g_mutex_unlock(&d->lock);
    return NULL;
}

/* Both sides wait on one condition; only ever one of them does. */
static void
hand_over(SkBlobDigests *d, const Piece *piece)
{
    g_mutex_lock(&d->lock);
    while (d->busy)
        g_cond_wait(&d->changed, &d->lock);
    d->piece = *piece;
    d->busy = true;
    g_cond_signal(&d->changed);
    g_mutex_unlock(&d->lock);
}

static void
end_thread(SkBlobDigests *d)
{
    if (d->thread == NULL)
        return;
    g_mutex_lock(&d->lock);
    d->end = true;
    g_cond_signal(&d->changed);
    g_mutex_unlock(&d->lock);
    g_thread_join(g_steal_pointer(&d->thread));
}

void
sk_blob_digests_free(SkBlobDigests *d)
{
    if (d == NULL)
        return;
    end_thread(d);
    EVP_MAC_CTX_free(d->content);
    EVP_MAC_free(d->hmac);
    EVP_MD_CTX_free(d->stored);
    g_mutex_clear(&d->lock);
    g_cond_clear(&d->changed);
    g_free(d);
}

void
sk_blob_digests_add(SkBlobDigests *d, SkBytes plain, SkBytes stored)
{
    const Piece piece = {plain, stored};

    end_thread(d);
    digest(d, &piece);
}

void
sk_blob_digests_add_behind(SkBlobDigests *d, SkBytes plain, SkBytes stored)
{
    const Piece piece = {plain, stored};

    if (d->thread == NULL && !d->refused) {
        d->end = false;
        d->thread = g_thread_try_new("blob-digests", run, d, NULL);
        d->refused = d->thread == NULL;
    }
    if (d->thread != NULL)
        hand_over(d, &piece);
    else
        digest(d, &piece);
}

void
sk_blob_digests_finish(SkBlobDigests *d,
                       uint8_t ret_content[SK_BLOB_DIGEST_LEN],
                       uint8_t ret_stored[SK_BLOB_DIGEST_LEN])
{
    size_t len = 0;

    end_thread(d);
    must(EVP_MAC_final(d->content, ret_content, &len, SK_BLOB_DIGEST_LEN));
    must(EVP_DigestFinal_ex(d->stored, ret_stored, NULL));
}
