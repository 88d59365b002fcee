/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-init.h"

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli-key-files.h"
#include "cli/cli-key-site.h"
#include "cli/cli.h"

typedef struct {
    SkCliSite site;
    const char *secret_path, *hash_path, *release_path;
    bool made_secret, made_hash, made_release; /* by this run */
    SkSecret *secret;
} Init;

static void
init_clear(Init *init)
{
    sk_secret_free(init->secret);
    sk_cli_site_clear(&init->site);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Init, init_clear)

/* The key of tickets is each host's own: its clerk writes them, its gate reads them. */
static bool
make_release_key(Init *init, GError **error)
{
    uid_t uid;
    gid_t gid;

    if (access(init->release_path, F_OK) == 0)
        return true;
    sk_cli_site_get_owner(&init->site, &uid, &gid);
    init->made_release = sk_cli_key_make_shared(init->release_path, uid, gid, error);
    return init->made_release;
}

/* There is a site key: is this host one of the site? */
static int
look(Init *init, const SkSiteKey *key)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSecret) secret = sk_cli_site_read_secret(&init->site, &error);
    g_autoptr(SkSealPair) pair = NULL;

    if (secret == NULL)
        return sk_cli_fail("site key %s is made already, and this host cannot open it: %s",
                           key->id, error->message);
    pair = sk_cli_site_key_unwrap(key, secret, &error);
    if (pair == NULL) {
        sk_cli_site_advise(&init->site, &error);
        return sk_cli_fail_error(error);
    }
    if (access(init->hash_path, F_OK) != 0)
        return sk_cli_fail("site key %s is made already, but there is no %s: copy it from the "
                           "host where the key was made",
                           key->id, init->hash_path);
    if (!make_release_key(init, &error))
        return sk_cli_fail_error(error);
    printf("already done, and this host can open it: site key %s\n", key->id);
    if (init->made_release)
        printf("%s is made, the key by which gate and clerk of this host know each other\n",
               init->release_path);
    return SK_EXIT_CLEAN;
}

static bool
make_files(Init *init, GError **error)
{
    uid_t uid;
    gid_t gid;

    if (!make_release_key(init, error))
        return false;
    if (!init->site.passphrase && access(init->secret_path, F_OK) != 0) {
        init->made_secret = sk_cli_key_make_secret(init->secret_path, error);
        if (!init->made_secret)
            return false;
    }
    init->secret = init->site.passphrase ? sk_cli_site_ask_passphrase(error)
                                         : sk_cli_site_read_secret(&init->site, error);
    if (init->secret == NULL)
        return false;
    if (access(init->hash_path, F_OK) == 0)
        return true;
    sk_cli_site_get_owner(&init->site, &uid, &gid);
    init->made_hash = sk_cli_key_make_shared(init->hash_path, uid, gid, error);
    return init->made_hash;
}

/* Of a run that failed nothing is left, or the next one would take it for a host's own. */
static void
take_back(const Init *init)
{
    if (init->made_secret)
        (void)unlink(init->secret_path);
    if (init->made_hash)
        (void)unlink(init->hash_path);
    if (init->made_release)
        (void)unlink(init->release_path);
}

static bool
activate(SkDb *keep, void *data, GError **error)
{
    return sk_seal_store_activate(keep, data, NULL, error);
}

static bool
make_key(Init *init, SkSiteKey **ret_key, GError **error)
{
    g_autoptr(SkSiteKey) key = NULL;

    if (!make_files(init, error))
        return false;
    key = sk_cli_site_key_new(init->site.keep, init->secret, error);
    if (key == NULL || !sk_db_transact(init->site.keep, activate, key, error))
        return false;
    *ret_key = g_steal_pointer(&key);
    return true;
}

static void
say_done(const Init *init, const SkSiteKey *key)
{
    printf("site key %s is made\n", key->id);
    if (!init->site.passphrase)
        printf("%s opens it%s\n", init->secret_path,
               init->made_secret ? "" : " (the file was there)");
    printf("%s is the key of digests%s\n", init->hash_path,
           init->made_hash ? "" : " (the file was there)");
    printf("%s is the key by which gate and clerk of this host know each other%s\n",
           init->release_path, init->made_release ? "" : " (the file was there)");
    printf("Keep a copy of %s in a safe place that is not where backups of the database lie: "
           "without it nothing that is stored sealed can ever be read again.\n"
           "To every other host of this site, copy %s, and run `sekisho key init` there.\n",
           init->site.passphrase ? "the passphrase" : "the first",
           init->site.passphrase ? "the key of digests" : "the first two");
}

static int
make(Init *init)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSiteKey) key = NULL;

    if (make_key(init, &key, &error)) {
        say_done(init, key);
        return SK_EXIT_CLEAN;
    }
    /* It may have been stored: then its secret must not go. */
    if (g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN))
        return sk_cli_fail("%s; `sekisho key init` once more says whether the key is made",
                           error->message);
    take_back(init);
    if (g_error_matches(error, SK_ERROR, SK_ERROR_CONFLICT) && init->secret != NULL)
        return sk_cli_fail("somebody else has made the site key at this moment; copy %s and %s "
                           "from that host",
                           init->secret_path, init->hash_path);
    return sk_cli_fail_error(error);
}

int
sk_cli_key_init(int argc, char **argv)
{
    g_auto(Init) init = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &init.site.config, "Configuration file",
         "FILE"},
        {"passphrase", 'p', 0, G_OPTION_ARG_NONE, &init.site.passphrase,
         "A passphrase opens the key, not a file", NULL},
        {NULL},
    };
    g_autoptr(SkSiteKey) key = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(
            &argc, &argv, entries, "key init [OPTION…]",
            "Makes the site key, once a site, with the files that every host of the "
            "site has to have.\nOn another host: says whether it can open the key."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("key init takes no \"%s\"", argv[1]);
    if (!sk_cli_site_open(&init.site, SK_SITE_MAKE, &error) ||
        !sk_seal_store_load_active(init.site.keep, &key, &error))
        return sk_cli_fail_error(error);
    init.secret_path = sk_cli_site_peek_secret_path(&init.site);
    init.hash_path = sk_settings_peek_text(init.site.settings, "store", "hash_key");
    init.release_path = sk_settings_peek_text(init.site.settings, "hold", "release_key");
    return key != NULL ? look(&init, key) : make(&init);
}
