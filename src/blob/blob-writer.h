/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-writer - makes a stored file of bytes that come piece by piece
 *
 * Encrypts with a key made for this blob, seals that key to the site's public key, and keeps
 * small ciphertext for the row, SK_LIMIT_BLOB_IN_ROW bytes; larger goes to the place as it
 * comes, in pieces of SK_BLOB_PIECE bytes and a little, while threads digest the piece before
 * (blob-digests).
 *
 * Limits: SK_BLOB_SIZE_MAX bytes. Memory: two pieces of small files, four of others.
 * Errors: those of port/blob.h. After one the writer is of no more use.
 * Security: the format is blob-format's. The plaintext key is wiped when the writer is freed.
 */

#include "blob/blob-format.h"
#include "blob/blob-store.h"

/* Bytes of a file that are encrypted, digested and written at once. */
#define SK_BLOB_PIECE (8 * SK_BLOB_CHUNK)
/* Key of the content digests (HMAC-SHA-256) of a site. */
#define SK_BLOB_HASH_KEY_LEN 32

/* What a program that stores files needs; borrowed. */
typedef struct {
    SkSealPublic seal_to;
    uint8_t hash_key[SK_BLOB_HASH_KEY_LEN];
} SkBlobSite;

typedef struct SkBlobWriter SkBlobWriter;

/* PLACE and SITE are borrowed until the writer is freed. NOW_US, sk_db_now_us() of the database
 * that gets the row, becomes the row's. */
SkBlobWriter *sk_blob_writer_new(SkBlobPlace *place,
                                 const SkBlobSite *site,
                                 int64_t now_us) G_GNUC_WARN_UNUSED_RESULT;
/* A writer that did not finish leaves nothing behind. */
void sk_blob_writer_free(SkBlobWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobWriter, sk_blob_writer_free)

bool sk_blob_writer_add(SkBlobWriter *writer,
                        SkBytes bytes,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When it returns, what does not lie in the row is at its place for good. Caller owns the row
 * and adds it, by sk_blob_store_add(). To be called once. */
SkBlobRow *sk_blob_writer_finish(SkBlobWriter *writer,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
