/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-reader - reads any range of a stored file, as it was written or not at all
 *
 * Each chunk is authenticated before a byte of it is given out: with the blob's id, its number
 * and whether it is the last, so that a damaged, swapped, reordered or cut blob is an error.
 *
 * Errors: PROTOCOL: not what was written; the text says which blob and where. Those of
 * port/blob.h.
 */

#include "blob/blob-store.h"

typedef struct SkBlobReader SkBlobReader;

/* ROW and PLACE are borrowed; KEY, as the keeper unsealed it, is copied. */
SkBlobReader *sk_blob_reader_new(SkBlobPlace *place,
                                 const SkBlobRow *row,
                                 SkBytes key,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_blob_reader_free(SkBlobReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkBlobReader, sk_blob_reader_free)

/* Exactly the N bytes from AT on; fewer only at the end of the file. */
bool sk_blob_reader_read(SkBlobReader *reader,
                         uint64_t at,
                         void *data,
                         size_t n,
                         size_t *ret_n,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
