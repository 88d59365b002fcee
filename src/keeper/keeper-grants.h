/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * keeper-grants - what may be opened at this moment, by whoever shows the token
 *
 * A grant allows one operation, use and name, a number of times, for a short while. It is
 * found by its token, which is kept as a digest: nothing is compared with a token byte by byte.
 *
 * Limits: SK_GRANTS_MAX open at a time, SK_GRANT_LIFE_MS.
 * Errors: LIMIT: too many are open; DENIED, for the asker and the log.
 */

#include "base/clock.h"
#include "process/process-keeper-wire.h"

#define SK_GRANTS_MAX    1000
#define SK_GRANT_LIFE_MS 60000

typedef struct SkGrants SkGrants;

SkGrants *sk_grants_new(const SkClock *clock);
void sk_grants_free(SkGrants *grants);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkGrants, sk_grants_free)

/* RET_NUMBER counts from 1 and is for the log, so that a use can be seen to belong to it. */
bool sk_grants_open(SkGrants *grants,
                    const SkKeeperGrant *grant,
                    uint8_t ret_token[SK_KEEPER_TOKEN_LEN],
                    uint64_t *ret_number,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Uses a grant once. RET_NUMBER is set as soon as the token is known, refused or not; else 0.
 * A refused use does not count. */
bool sk_grants_use(SkGrants *grants,
                   const uint8_t token[SK_KEEPER_TOKEN_LEN],
                   const SkKeeperAim *aim,
                   uint64_t *ret_number,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
unsigned sk_grants_count(const SkGrants *grants);
