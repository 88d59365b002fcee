/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * seal-store - the site's key pairs in database keep: the public half, and the private one
 * wrapped
 *
 * One is active: new secrets are sealed to it. After a rotation the older ones stay until
 * nothing is sealed to them any more.
 *
 * Errors: those of port/db.h; IO as well for a row whose id is not that of its public key.
 */

#include "port/tables.h"
#include "seal/seal.h"

extern const SkTables sk_seal_tables;

typedef struct {
    char id[SK_SEAL_ID_LEN + 1];
    SkSealPublic public;
    GBytes *wrapped; /* the private half, by seal-wrap */
    int64_t made_us;
    bool active;
} SkSiteKey;

void sk_site_key_free(SkSiteKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSiteKey, sk_site_key_free)

/* NULL: there is none. Caller owns. */
bool sk_seal_store_load_active(SkDb *keep,
                               SkSiteKey **ret_key,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_seal_store_load(SkDb *keep, const char *id, SkSiteKey **ret_key, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* All (of SkSiteKey), the newest first. Caller owns. */
bool sk_seal_store_list(SkDb *keep,
                        GPtrArray **ret_keys,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes KEY the active one in place of EXPECTED (NULL: there must be none yet); CONFLICT when
 * that is not the active one any more. In the caller's transaction. */
bool sk_seal_store_activate(SkDb *keep,
                            const SkSiteKey *key,
                            const char *expected,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same key with its private half wrapped anew; NOT_FOUND if it is gone. */
bool sk_seal_store_rewrap(SkDb *keep, const char *id, SkBytes wrapped, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Forgets one that is not active; CONFLICT if it is. In the caller's transaction. */
bool sk_seal_store_remove(SkDb *keep, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;
