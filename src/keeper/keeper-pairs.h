/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-pairs - site keys that were opened, since opening one takes 0.1 s and 64 MiB
 *
 * The keeper has no store: whoever wants something opened brings the wrapped site key along.
 *
 * Limits: SK_PAIRS_MAX of them; the one that was not used for the longest time makes room.
 * Errors: those of seal-wrap.
 * Security: opening secret and pairs lie in memory that is neither swapped nor dumped.
 */

#include "seal/seal.h"

/* One is active, and a rotation has one or two more in use for a while. */
#define SK_PAIRS_MAX 4

typedef struct SkPairs SkPairs;

/* Takes SECRET over. */
SkPairs *sk_pairs_new(SkSecret *secret);
void sk_pairs_free(SkPairs *pairs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPairs, sk_pairs_free)

/* Borrowed until the next call. WRAPPED is not looked at when ID was opened before: an id says
 * which key it is, and what is opened by the right key is the right thing. */
const SkSealPair *sk_pairs_open(SkPairs *pairs, const char *id, SkBytes wrapped, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
