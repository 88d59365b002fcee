/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-keeper - the keeper's client: opens a grant, has a sealed key opened or sealed anew
 *
 * Blocking, for worker threads. A grant says what for, which operation, for which name, how
 * often, and lives 60 s; only the grants socket takes it, and only gate and clerk may connect
 * there. The request names the grant and carries what the keeper has not got: the wrapped site
 * key and the sealed secret, both out of the store. The keeper logs grant and use.
 *
 * Limits: 5 s an answer, SK_SEAL_SECRET_MAX a secret.
 * Errors: NOT_FOUND, IO: no keeper; TIMEOUT; DENIED with the keeper's reason: no such grant,
 * used up, expired, another name, another site key; PROTOCOL: another version.
 */

#include "seal/seal.h"

typedef struct SkKeeper SkKeeper;

/* Connects when it is first used, and again when a connection was lost. */
SkKeeper *sk_keeper_new(const char *socket, const char *grants_socket);
void sk_keeper_free(SkKeeper *keeper);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkKeeper, sk_keeper_free)

/* A site key as it lies in the store. */
typedef struct {
    const char *id;
    SkBytes wrapped; /* seal-wrap */
} SkKeeperSiteKey;

/* The secret that SEALED holds, sealed for USE and NAME. WHY is for the keeper's log: "release
 * of copy 01j…". Caller owns. */
SkSecret *sk_keeper_unseal(SkKeeper *keeper,
                           const SkKeeperSiteKey *site_key,
                           SkSealUse use,
                           const char *name,
                           SkBytes sealed,
                           const char *why,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same secret sealed to another public key; it never leaves the keeper. */
GBytes *sk_keeper_reseal(SkKeeper *keeper,
                         const SkKeeperSiteKey *site_key,
                         SkSealUse use,
                         const char *name,
                         SkBytes sealed,
                         const SkSealPublic *to,
                         const char *why,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
