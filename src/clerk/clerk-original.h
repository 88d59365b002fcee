/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-original - the stored original of a held message, opened with the keeper's help
 *
 * Belongs to the thread that opened it, as what it is opened with does.
 *
 * Errors: RET_AT says where the trouble is. NOT_FOUND from the database: the content is gone.
 * DENIED by the keeper, PROTOCOL from the blob: it will not become better by itself.
 */

#include "blob/blob-reader.h"
#include "hold/hold-copy.h"
#include "process/process-keeper.h"

/* What a release needs. */
typedef enum {
    SK_CLERK_KEEP,
    SK_CLERK_BLOBS,
    SK_CLERK_KEEPER,
    SK_CLERK_INSPECTOR,
    SK_CLERK_POSTFIX,
    SK_CLERK_KEY, /* [hold] release_key */
    SK_N_CLERK_NEEDS
} SkClerkNeed;

typedef struct SkClerkOriginal SkClerkOriginal;

/* KEEP is not used any more when it returns; PLACE until it is freed. WHY is for the keeper's
 * log: "release of copy 01j…". RET_AT may be NULL. */
SkClerkOriginal *sk_clerk_original_open(SkDb *keep,
                                        SkBlobPlace *place,
                                        SkKeeper *keeper,
                                        const SkHeldMessage *message,
                                        const char *why,
                                        SkClerkNeed *ret_at,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_clerk_original_free(SkClerkOriginal *original);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkOriginal, sk_clerk_original_free)

uint64_t sk_clerk_original_size(const SkClerkOriginal *original);
/* The N bytes from AT on; fewer only at the end. */
bool sk_clerk_original_read(SkClerkOriginal *original,
                            uint64_t at,
                            void *data,
                            size_t n,
                            size_t *ret_n,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All of it in a memfd sealed against change, the caller's; -1: an error. */
int sk_clerk_original_copy(SkClerkOriginal *original, GError **error) G_GNUC_WARN_UNUSED_RESULT;
