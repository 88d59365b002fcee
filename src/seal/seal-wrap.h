/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seal-wrap - a private site key closed under the opening secret of the site
 *
 * The secret is the content of a file, or a passphrase; it is stretched, so that a passphrase
 * that somebody has to guess costs him time. What comes out lies in database keep and is worth
 * nothing without the secret. It names the cost of stretching, and is bound to the key's id.
 *
 * Limits: what opening may cost at most (SK_SEAL_COST_…) is looked at before anything is
 * computed: a row that somebody else wrote cannot ask for more.
 * Errors: DENIED: not the secret it was closed with, another key, or damaged; PROTOCOL: no
 * wrapped key at all, or of another version; LIMIT: no memory for the stretching.
 * Security: argon2id, XChaCha20-Poly1305 with everything in front and the id as associated
 * data. Standards: RFC 9106, draft-irtf-cfrg-xchacha.
 */

#include "seal/seal.h"

/* Bytes, always. */
#define SK_SEAL_WRAPPED_LEN 100

typedef struct {
    uint32_t passes;
    uint32_t memory_kib;
} SkSealCost;

/* The second choice of RFC 9106 section 4, on one lane: 0.1 s. */
#define SK_SEAL_COST_USUAL ((SkSealCost){3, 64 * 1024})
/* The most that opening accepts: 256 MiB and less than 1 s. */
#define SK_SEAL_COST_PASSES_MAX     5
#define SK_SEAL_COST_MEMORY_KIB_MAX (256 * 1024)

/* Caller owns. */
GBytes *sk_seal_wrap(const SkSealPair *pair, SkBytes secret, SkSealCost cost, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The pair, if its id is ID. */
SkSealPair *sk_seal_unwrap(SkBytes wrapped, const char *id, SkBytes secret, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* What opening would cost; false: more than is accepted, or not a wrapped key. */
bool sk_seal_wrap_read_cost(SkBytes wrapped, SkSealCost *ret_cost);
