/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-format - how a stored file is encrypted, byte by byte
 *
 * This is the specification, version 1; tests/blob-oracle.py is a second implementation.
 *
 *   blob   = header chunk* last-chunk
 *   header = "SKB1"                  4 bytes: the format and its version
 *            chunk size              4 bytes, big-endian: 65536
 *            id                     16 bytes
 *   chunk  = ciphertext              of 65536 bytes of the file; of 1 to 65536 in the last one
 *            tag                    16 bytes
 *
 * The id is the blob's name: a number of 128 bits, most significant byte first; as text 26
 * digits of base 32 (0123456789abcdefghjkmnpqrstvwxyz), the most significant first.
 *
 * Each chunk is encrypted by AES-256-GCM (NIST SP 800-38D) for itself:
 *   key              32 random bytes, made for this blob and used for nothing else
 *   associated data  the 24 bytes of the header
 *   nonce            12 bytes: 3 zeros; the chunk's number, from 0, in 8, big-endian;
 *                    1 in the last chunk, 0 in all others
 *   tag              16 bytes, behind the ciphertext of its chunk
 *
 * An empty file is one last chunk without ciphertext. A file of a multiple of 65536 bytes ends
 * with a full last chunk: no blob ends with an empty one but that of the empty file.
 *
 * So chunk N begins at 24 + N * 65552, ciphertext is as long as what it stands for, and any
 * range can be read on its own; a chunk that was damaged, moved, or taken from another blob,
 * and an end that is not the end, fail to authenticate. How long the blob is and its key stand
 * in its row (blob-store).
 *
 * Limits: files of SK_BLOB_SIZE_MAX bytes.
 * Security: a nonce is used once, since a sealer counts the chunks itself and never has a
 * second key or a given one. No plaintext is given out before its tag is checked.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define SK_BLOB_HEADER_LEN 24
#define SK_BLOB_CHUNK      65536
#define SK_BLOB_TAG_LEN    16
#define SK_BLOB_KEY_LEN    32
/* 2^48 bytes: far from where offsets, or AES-GCM under one key, would end. */
#define SK_BLOB_SIZE_MAX (UINT64_C(1) << 48)

/* Bytes that a file of SIZE bytes has when stored; false: it is too large. */
bool sk_blob_size_to_stored(uint64_t size, uint64_t *ret_stored);
/* Back; false: no file is stored in so many bytes. */
bool sk_blob_size_from_stored(uint64_t stored, uint64_t *ret_size);
/* Chunks of a file of SIZE bytes: at least 1. */
uint64_t sk_blob_count_chunks(uint64_t size);
/* Where chunk NUMBER begins in the blob. */
uint64_t sk_blob_chunk_at(uint64_t number);

/* ID is one (sk_blob_is_id()). */
void sk_blob_header_write(const char *id, uint8_t ret_header[SK_BLOB_HEADER_LEN]);

/* Makes the chunks of one blob, in their order. */
typedef struct SkBlobSealer SkBlobSealer;

/* KEY, of SK_BLOB_KEY_LEN bytes, must be new. */
SkBlobSealer *sk_blob_sealer_new(SkBytes key, const uint8_t header[SK_BLOB_HEADER_LEN]);
void sk_blob_sealer_free(SkBlobSealer *sealer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobSealer, sk_blob_sealer_free)
/* The next chunk: PLAIN has SK_BLOB_CHUNK bytes, in the last chunk perhaps fewer. Writes as
 * many and SK_BLOB_TAG_LEN bytes to RET_STORED, which is another place. */
void sk_blob_sealer_add(SkBlobSealer *sealer, SkBytes plain, bool last, uint8_t *ret_stored);

/* Opens chunks of one blob, in any order. */
typedef struct SkBlobOpener SkBlobOpener;

/* KEY has SK_BLOB_KEY_LEN bytes. */
SkBlobOpener *sk_blob_opener_new(SkBytes key, const uint8_t header[SK_BLOB_HEADER_LEN]);
void sk_blob_opener_free(SkBlobOpener *opener);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobOpener, sk_blob_opener_free)
/* Writes STORED less its tag, SK_BLOB_CHUNK bytes at most, to RET_PLAIN. False: this is not
 * chunk NUMBER of this blob; then RET_PLAIN is zeros. */
bool sk_blob_opener_read(SkBlobOpener *opener,
                         uint64_t number,
                         bool last,
                         SkBytes stored,
                         uint8_t *ret_plain) G_GNUC_WARN_UNUSED_RESULT;
