/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-site.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli.h"
#include "engine/engine-tables.h"
#include "process/process-secret.h"
#include "seal/seal-wrap.h"

void
sk_cli_site_clear(SkCliSite *site)
{
    sk_db_close(site->keep);
    sk_store_free(site->store);
    sk_settings_free(site->settings);
    g_free(site->config);
}

/* Opening a SQLite file to change something would make it. */
static bool
check_there(const SkCliSite *site, GError **error)
{
    const char *where = sk_store_describe(site->store, SK_KEEP);

    return sk_store_is_shared(site->store) || access(where, F_OK) == 0 ||
           sk_error_set_errno(error, errno, "database %s", where);
}

bool
sk_cli_site_open(SkCliSite *site, SkSiteIntent intent, GError **error)
{
    bool look = intent == SK_SITE_LOOK;

    site->settings = sk_cli_read_settings(site->config, error);
    if (site->settings != NULL)
        site->store = sk_store_new(site->settings, look ? "sekisho-read" : "sekisho-owner",
                                   sk_engine_tables, error);
    if (site->store == NULL)
        return false;
    if (intent == SK_SITE_MAKE || check_there(site, error))
        site->keep =
            sk_store_open(site->store, SK_KEEP, look ? SK_STORE_READ : SK_STORE_OWNER, error);
    if (site->keep == NULL && intent != SK_SITE_MAKE &&
        g_error_matches(*error, SK_ERROR, SK_ERROR_NOT_FOUND))
        g_prefix_error(error, "there is no site key yet, `sekisho key init` makes it: ");
    else if (site->keep == NULL && !sk_store_is_shared(site->store) &&
             g_error_matches(*error, SK_ERROR, SK_ERROR_DENIED))
        g_prefix_error(error, "only root and the user of the gate may use the store: ");
    return site->keep != NULL;
}

const char *
sk_cli_site_peek_secret_path(const SkCliSite *site)
{
    return sk_settings_peek_text(site->settings, "keeper", "secret");
}

void
sk_cli_site_get_owner(const SkCliSite *site, uid_t *ret_uid, gid_t *ret_gid)
{
    const char *where = sk_store_describe(site->store, SK_KEEP);
    g_autofree char *folder = g_path_get_dirname(
        g_path_is_absolute(where) ? where : sk_store_peek_blobs(site->store));
    struct stat info;
    bool known = stat(folder, &info) == 0;

    *ret_uid = known ? info.st_uid : (uid_t)-1;
    *ret_gid = known ? info.st_gid : (gid_t)-1;
}

void
sk_cli_site_warn_of_release_key(const SkSettings *settings)
{
    const char *path = sk_settings_peek_text(settings, "hold", "release_key");

    if (access(path, F_OK) != 0 && errno == ENOENT)
        fprintf(stderr,
                "warning: there is no %s, and without it held mail cannot leave: "
                "`sekisho key init` makes it\n",
                path);
}

SkSecret *
sk_cli_site_read_secret(const SkCliSite *site, GError **error)
{
    const char *path = sk_cli_site_peek_secret_path(site);
    bool group = false;
    SkSecret *secret;

    if (site->passphrase)
        return sk_process_passphrase_read("Passphrase of the site key: ", error);
    secret = sk_process_secret_read(path, &group, error);
    if (secret != NULL && group)
        fprintf(stderr, "warning: a group may read %s; chmod 0600 it\n", path);
    return secret;
}

SkSecret *
sk_cli_site_ask_passphrase(GError **error)
{
    g_autoptr(SkSecret) first =
        sk_process_passphrase_read("New passphrase of the site key: ", error);
    g_autoptr(SkSecret) second = NULL;

    if (first != NULL)
        second = sk_process_passphrase_read("The same once more: ", error);
    if (second == NULL)
        return NULL;
    if (first->len == second->len && memcmp(first->data, second->data, first->len) == 0)
        return g_steal_pointer(&first);
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE, "these were two different passphrases");
    return NULL;
}

SkSiteKey *
sk_cli_site_key_new(SkDb *keep, const SkSecret *secret, GError **error)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    g_autoptr(SkSiteKey) key = g_new0(SkSiteKey, 1);
    g_autofree char *id = NULL;

    key->public = sk_seal_pair_get_public(pair);
    id = sk_seal_id(&key->public);
    g_strlcpy(key->id, id, sizeof key->id);
    key->wrapped = sk_seal_wrap(pair, sk_secret_bytes(secret), SK_SEAL_COST_USUAL, error);
    if (key->wrapped == NULL || !sk_db_now_us(keep, &key->made_us, error))
        return NULL;
    return g_steal_pointer(&key);
}

SkSealPair *
sk_cli_site_key_unwrap(const SkSiteKey *key, const SkSecret *secret, GError **error)
{
    return sk_seal_unwrap(
        sk_bytes(g_bytes_get_data(key->wrapped, NULL), g_bytes_get_size(key->wrapped)), key->id,
        sk_secret_bytes(secret), error);
}

void
sk_cli_site_advise(const SkCliSite *site, GError **error)
{
    if (error == NULL || !g_error_matches(*error, SK_ERROR, SK_ERROR_DENIED) ||
        site->passphrase)
        return;
    g_prefix_error(error, "copy %s from the host where the site key was made: ",
                   sk_cli_site_peek_secret_path(site));
}
