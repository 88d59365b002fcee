/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-digests.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/* One digest, and the thread that makes it. */
typedef struct {
    EVP_MAC_CTX *hmac; /* this or sha */
    EVP_MD_CTX *sha;
    GThread *thread; /* NULL: none, or none yet */
    bool refused;    /* the system gave us no thread */
    GMutex lock;
    GCond changed;
    /* Under the lock; while a piece waits or is being digested, the thread has the context. */
    SkBytes piece;
    bool busy, end;
} Lane;

struct SkBlobDigests {
    Lane content, stored;
};

/* What OpenSSL says no to here is a lack of memory or a broken installation, as g_malloc(). */
static void
must(int rc)
{
    g_assert(rc == 1);
}

static EVP_MAC_CTX *
hmac_new(SkBytes key)
{
    char name[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                           OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *hmac = EVP_MAC_CTX_new(mac);

    EVP_MAC_free(mac); /* the context has its own reference */
    must(EVP_MAC_init(hmac, key.data, key.len, params));
    return hmac;
}

static EVP_MD_CTX *
sha_new(void)
{
    EVP_MD_CTX *sha = EVP_MD_CTX_new();

    must(EVP_DigestInit_ex(sha, EVP_sha256(), NULL));
    return sha;
}

static void
lane_init(Lane *lane, EVP_MAC_CTX *hmac, EVP_MD_CTX *sha)
{
    *lane = (Lane){.hmac = hmac, .sha = sha};
    g_mutex_init(&lane->lock);
    g_cond_init(&lane->changed);
}

static void
lane_digest(Lane *lane, SkBytes bytes)
{
    if (lane->hmac != NULL)
        must(EVP_MAC_update(lane->hmac, bytes.data, bytes.len));
    else
        must(EVP_DigestUpdate(lane->sha, bytes.data, bytes.len));
}

static void *
run(void *data)
{
    Lane *lane = data;

    g_mutex_lock(&lane->lock);
    while (lane->busy || !lane->end) {
        if (!lane->busy) {
            g_cond_wait(&lane->changed, &lane->lock);
            continue;
        }
        g_mutex_unlock(&lane->lock);
        lane_digest(lane, lane->piece);
        g_mutex_lock(&lane->lock);
        lane->busy = false;
        g_cond_signal(&lane->changed);
    }
    g_mutex_unlock(&lane->lock);
    return NULL;
}

/* Under the lock. Both sides wait on one condition; only ever one of them does. */
static void
await_idle(Lane *lane)
{
    while (lane->busy)
        g_cond_wait(&lane->changed, &lane->lock);
}

static void
lane_hand_over(Lane *lane, SkBytes piece)
{
    g_mutex_lock(&lane->lock);
    await_idle(lane);
    lane->piece = piece;
    lane->busy = true;
    g_cond_signal(&lane->changed);
    g_mutex_unlock(&lane->lock);
}

static void
lane_add_behind(Lane *lane, SkBytes piece)
{
    if (lane->thread == NULL && !lane->refused) {
        lane->thread = g_thread_try_new("blob-digest", run, lane, NULL);
        lane->refused = lane->thread == NULL;
    }
    if (lane->thread != NULL)
        lane_hand_over(lane, piece);
    else
        lane_digest(lane, piece);
}

static void
lane_wait(Lane *lane)
{
    g_mutex_lock(&lane->lock);
    await_idle(lane);
    g_mutex_unlock(&lane->lock);
}

/* What was handed over is digested when it returns. */
static void
lane_end(Lane *lane)
{
    if (lane->thread == NULL)
        return;
    g_mutex_lock(&lane->lock);
    lane->end = true;
    g_cond_signal(&lane->changed);
    g_mutex_unlock(&lane->lock);
    g_thread_join(g_steal_pointer(&lane->thread));
    lane->end = false;
}

static void
lane_clear(Lane *lane)
{
    lane_end(lane);
    EVP_MAC_CTX_free(lane->hmac);
    EVP_MD_CTX_free(lane->sha);
    g_mutex_clear(&lane->lock);
    g_cond_clear(&lane->changed);
}

SkBlobDigests *
sk_blob_digests_new(SkBytes key)
{
    SkBlobDigests *d = g_new0(SkBlobDigests, 1);

    lane_init(&d->content, hmac_new(key), NULL);
    lane_init(&d->stored, NULL, sha_new());
    return d;
}

void
sk_blob_digests_free(SkBlobDigests *d)
{
    if (d == NULL)
        return;
    lane_clear(&d->content);
    lane_clear(&d->stored);
    g_free(d);
}

void
sk_blob_digests_add(SkBlobDigests *d, SkBytes plain, SkBytes stored)
{
    lane_end(&d->content);
    lane_end(&d->stored);
    lane_digest(&d->content, plain);
    lane_digest(&d->stored, stored);
}

void
sk_blob_digests_add_behind(SkBlobDigests *d, SkBytes plain, SkBytes stored)
{
    lane_add_behind(&d->content, plain);
    lane_add_behind(&d->stored, stored);
}

void
sk_blob_digests_wait(SkBlobDigests *d)
{
    lane_wait(&d->content);
    lane_wait(&d->stored);
}

void
sk_blob_digests_finish(SkBlobDigests *d,
                       uint8_t ret_content[SK_BLOB_DIGEST_LEN],
                       uint8_t ret_stored[SK_BLOB_DIGEST_LEN])
{
    size_t len = 0;

    lane_end(&d->content);
    lane_end(&d->stored);
    must(EVP_MAC_final(d->content.hmac, ret_content, &len, SK_BLOB_DIGEST_LEN));
    must(EVP_DigestFinal_ex(d->stored.sha, ret_stored, NULL));
}
