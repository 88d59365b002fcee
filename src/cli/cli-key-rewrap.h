/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-rewrap - closes the private halves of all site keys under another opening secret
 *
 * All or none. Keepers that have opened a key before go on with it until they are started
 * again.
 *
 * Errors: DENIED: the old secret does not open one of them; CONFLICT: somebody made or rotated
 * a key meanwhile; those of port/db.h.
 */

#include "seal/seal-store.h"
#include "seal/seal-wrap.h"

bool sk_cli_key_rewrap(SkDb *keep,
                       const SkSecret *old,
                       const SkSecret *new,
                       SkSealCost cost,
                       unsigned *ret_n,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
