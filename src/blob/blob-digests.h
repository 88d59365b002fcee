/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-digests - the two digests of a blob that is being written
 *
 * SHA-256 of what is stored, by which `store verify` finds damage without any key; HMAC-SHA-256
 * (RFC 2104) of the file under the site's key, by which the same file is known again and from
 * which nobody without that key can confirm a guess. HMAC-SHA-256 and not BLAKE2b because both
 * together cost more than encrypting and writing: measured with SHA instructions, 10 MB take
 * 6 ms by SHA-256, 12 ms by BLAKE2b, and 10 ms to encrypt, write and sync.
 *
 * For the same reason large blobs are digested on two threads of their own.
 *
 * Errors: none: without threads to be had it is done at once.
 */

#include <glib.h>
#include <stdint.h>

#include "blob/blob-store.h"

typedef struct SkBlobDigests SkBlobDigests;

/* KEY is the site's, of SK_BLOB_HASH_KEY_LEN bytes. */
SkBlobDigests *sk_blob_digests_new(SkBytes key);
void sk_blob_digests_free(SkBlobDigests *digests);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobDigests, sk_blob_digests_free)

/* The next bytes of the file, and of what is stored. Done when it returns. */
void sk_blob_digests_add(SkBlobDigests *digests, SkBytes plain, SkBytes stored);
/* The same, but the bytes must stay until the next call on DIGESTS has returned. */
void sk_blob_digests_add_behind(SkBlobDigests *digests, SkBytes plain, SkBytes stored);
/* Until all bytes have been digested. */
void sk_blob_digests_wait(SkBlobDigests *digests);
/* To be called once. */
void sk_blob_digests_finish(SkBlobDigests *digests,
                            uint8_t ret_content[SK_BLOB_DIGEST_LEN],
                            uint8_t ret_stored[SK_BLOB_DIGEST_LEN]);
