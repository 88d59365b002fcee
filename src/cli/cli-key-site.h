/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-site - what the commands about the site key share: the store, the secret, new pairs
 *
 * Errors: those of store-open, seal-wrap and process-secret.
 */

#include "base/settings.h"
#include "seal/seal-store.h"
#include "store/store-open.h"

typedef struct {
    char *config;
    gboolean passphrase; /* the secret is one, and is asked for */
    SkSettings *settings;
    SkStore *store;
    SkDb *keep;
} SkCliSite;

void sk_cli_site_clear(SkCliSite *site);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkCliSite, sk_cli_site_clear)

typedef enum {
    SK_SITE_LOOK,
    SK_SITE_CHANGE,
    SK_SITE_MAKE, /* the database as well, if need be */
} SkSiteIntent;

/* Settings, store and database keep. Keys are changed by whoever owns the tables: no program
 * may. */
bool sk_cli_site_open(SkCliSite *site,
                      SkSiteIntent intent,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
const char *sk_cli_site_peek_secret_path(const SkCliSite *site);
/* Whose folder the store is: -1 where it cannot be told. */
void sk_cli_site_get_owner(const SkCliSite *site, uid_t *ret_uid, gid_t *ret_gid);

/* Says on standard error when this host has no [hold] release_key. */
void sk_cli_site_warn_of_release_key(const SkSettings *settings);

/* The opening secret of this host; warns when a group may read it. Caller owns. */
SkSecret *sk_cli_site_read_secret(const SkCliSite *site,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* One that is new to us, asked for twice. Caller owns. */
SkSecret *sk_cli_site_ask_passphrase(GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A new pair, wrapped under SECRET. Caller owns. */
SkSiteKey *sk_cli_site_key_new(SkDb *keep,
                               const SkSecret *secret,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Caller owns. */
SkSealPair *sk_cli_site_key_unwrap(const SkSiteKey *key,
                                   const SkSecret *secret,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* To be said whenever SECRET does not open KEY. */
void sk_cli_site_advise(const SkCliSite *site, GError **error);
