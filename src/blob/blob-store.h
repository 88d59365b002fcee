/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-store - the rows of stored files in database keep
 *
 * A row says what must lie at the place (length, digest of the ciphertext), and carries the
 * sealed key without which it is noise; small ciphertext lies in the row itself. Whoever stores
 * a file writes the blob first (blob-writer) and then adds the row in the transaction that
 * refers to it. Removing the row makes the blob unreadable at once; the clerk removes what lies
 * at the place later.
 *
 * Errors: those of port/db.h; PROTOCOL: a row that cannot have been written by us.
 */

#include "port/blob.h"
#include "port/tables.h"
#include "seal/seal.h"

#define SK_BLOB_DIGEST_LEN 32

extern const SkTables sk_blob_tables;

typedef struct {
    char id[SK_BLOB_ID_LEN + 1];
    int64_t made_us;
    uint64_t size;        /* bytes of the plaintext */
    uint64_t stored_size; /* of the ciphertext */
    /* SHA-256 of the ciphertext; keyed digest of the plaintext: the same file again. */
    uint8_t digest[SK_BLOB_DIGEST_LEN], content[SK_BLOB_DIGEST_LEN];
    char seal_id[SK_SEAL_ID_LEN + 1]; /* the site key its key is sealed to */
    GBytes *sealed_key;
    GBytes *data; /* the ciphertext, when it lies in the row; NULL: at the place */
    bool in_row;  /* that it lies in the row, though DATA was not asked for */
} SkBlobRow;

void sk_blob_row_free(SkBlobRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobRow, sk_blob_row_free)

/* In the caller's transaction. TIMEOUT: what lies at the place was begun so long ago that it
 * may be taken for an orphan and removed before the commit; it has to be stored anew. */
bool sk_blob_store_add(SkDb *keep,
                       const SkBlobRow *row,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* RET_ROW, the caller's, is NULL when there is none. */
bool sk_blob_store_load(SkDb *keep, const char *id, SkBlobRow **ret_row, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Whether a row says that blob ID lies at the place. */
bool sk_blob_store_names(SkDb *keep, const char *id, bool *ret_named, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* In the caller's transaction: from its commit on nobody can read the blob. */
bool sk_blob_store_remove(SkDb *keep, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Since when this database has been asked, NOW_US the first time. What lies at the place and is
 * older belongs to another one: somebody may have set up the wrong database. */
bool sk_blob_store_since(SkDb *keep, int64_t now_us, int64_t *ret_since_us, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Up to N rows after the id AFTER ("" at first), in the order of ids, without data. RET_ROWS
 * (of SkBlobRow) is the caller's; empty: the end. */
bool sk_blob_store_list(SkDb *keep,
                        const char *after,
                        unsigned n,
                        GPtrArray **ret_rows,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of those whose key is sealed to another site key than SEAL_ID: for rotation. */
bool sk_blob_store_list_other(SkDb *keep,
                              const char *seal_id,
                              const char *after,
                              unsigned n,
                              GPtrArray **ret_rows,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Replaces the sealed key if it is still sealed to OLD_SEAL_ID; CONFLICT if not. */
bool sk_blob_store_reseal(SkDb *keep,
                          const char *id,
                          const char *old_seal_id,
                          const char *seal_id,
                          SkBytes sealed_key,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How many blobs are sealed to SEAL_ID (NULL: to any), and bytes of their ciphertext. */
bool sk_blob_store_count(SkDb *keep,
                         const char *seal_id,
                         int64_t *ret_n,
                         int64_t *ret_bytes,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
