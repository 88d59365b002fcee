/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-rotate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/cli-key-files.h"
#include "cli/cli-key-reseal.h"
#include "cli/cli-key-rewrap.h"
#include "cli/cli-key-site.h"
#include "cli/cli-words.h"
#include "cli/cli.h"
#include "process/process-secret.h"

typedef struct {
    SkCliSite site;
    char *secret_path; /* of the new secret; NULL: the pair is what changes */
    gboolean new_passphrase;
    gboolean wait;
    SkSiteKey *active;
    SkSecret *secret; /* opens it */
    SkSiteKey *next;
} Rotate;

static void
rotate_clear(Rotate *rotate)
{
    sk_secret_free(rotate->secret);
    sk_site_key_free(rotate->active);
    sk_site_key_free(rotate->next);
    g_free(rotate->secret_path);
    sk_cli_site_clear(&rotate->site);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rotate, rotate_clear)

/* Nothing is changed by who cannot open what there is: the old key would be lost to him. */
static bool
open_active(Rotate *rotate, GError **error)
{
    g_autoptr(SkSealPair) pair = NULL;

    if (!sk_cli_site_open(&rotate->site, SK_SITE_CHANGE, error) ||
        !sk_seal_store_load_active(rotate->site.keep, &rotate->active, error))
        return false;
    if (rotate->active == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no site key yet; `sekisho key init` makes it");
        return false;
    }
    rotate->secret = sk_cli_site_read_secret(&rotate->site, error);
    if (rotate->secret == NULL)
        return false;
    pair = sk_cli_site_key_unwrap(rotate->active, rotate->secret, error);
    if (pair == NULL)
        sk_cli_site_advise(&rotate->site, error);
    return pair != NULL;
}

/* The old one is wrapped as it was when we opened it: otherwise the secret has changed, and the
 * new one would be the only key under the old secret. */
static bool
check_secret(SkDb *keep, const SkSiteKey *old, GError **error)
{
    g_autoptr(SkSiteKey) now = NULL;

    if (!sk_seal_store_load(keep, old->id, &now, error))
        return false;
    if (now != NULL && g_bytes_equal(now->wrapped, old->wrapped))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                "somebody else has changed the secret at this moment; try again");
    return false;
}

static bool
activate(SkDb *keep, void *data, GError **error)
{
    const Rotate *rotate = data;

    return sk_seal_store_activate(keep, rotate->next, rotate->active->id, error) &&
           check_secret(keep, rotate->active, error) &&
           sk_cli_key_reseal_add(keep, rotate->next->id, error);
}

/* What is left for the clerk. */
static bool
follow(const Rotate *rotate, GError **error)
{
    SkDb *keep = rotate->site.keep;
    g_autofree char *files = NULL;
    int64_t left;

    if (!sk_cli_key_reseal_left(keep, rotate->next->id, &left, error))
        return false;
    files = sk_cli_count(left, "stored files");
    printf("sekisho-clerk seals the keys of %s anew\n", files);
    if (!rotate->wait)
        return true;
    (void)fflush(stdout);
    if (!sk_cli_key_reseal_wait(keep, rotate->next->id, error))
        return false;
    puts("done");
    return true;
}

static int
change_pair(Rotate *rotate)
{
    g_autoptr(GError) error = NULL;

    rotate->next = sk_cli_site_key_new(rotate->site.keep, rotate->secret, &error);
    if (rotate->next == NULL || !sk_db_transact(rotate->site.keep, activate, rotate, &error))
        return sk_cli_fail_error(error);
    printf("site key %s is active; %s stays for what was sealed to it\n", rotate->next->id,
           rotate->active->id);
    return follow(rotate, &error) ? SK_EXIT_CLEAN : sk_cli_fail_error(error);
}

/* RET_MADE: the file was made, and is to go again when nothing comes of it. */
static SkSecret *
new_secret(const Rotate *rotate, bool *ret_made, GError **error)
{
    bool group = false;

    if (rotate->secret_path == NULL)
        return sk_cli_site_ask_passphrase(error);
    if (access(rotate->secret_path, F_OK) != 0) {
        if (!sk_cli_key_make_secret(rotate->secret_path, error))
            return NULL;
        *ret_made = true;
    }
    return sk_process_secret_read(rotate->secret_path, &group, error);
}

/* Whoever changes the secret because somebody else knows it must not believe that he did. */
static bool
check_new(const Rotate *rotate, const SkSecret *secret, GError **error)
{
    if (secret->len != rotate->secret->len ||
        memcmp(secret->data, rotate->secret->data, secret->len) != 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                "that is the secret of now, and nothing was changed: give another one, or name "
                "a file that is not there yet, which is made then");
    return false;
}

static void
say_rewrapped(const Rotate *rotate, unsigned n)
{
    const char *path = sk_cli_site_peek_secret_path(&rotate->site);
    g_autofree char *keys = sk_cli_count(n, "site keys");

    printf("the new secret opens %s now, the old one none any more\n", keys);
    if (rotate->secret_path != NULL)
        printf("On every host, put %s in the place of %s and start sekisho-keeper again.\n",
               rotate->secret_path, path);
    else
        puts("On every host, start sekisho-keeper again with the new passphrase.");
}

static int
change_secret(Rotate *rotate)
{
    g_autoptr(GError) error = NULL;
    bool made = false;
    g_autoptr(SkSecret) secret = new_secret(rotate, &made, &error);
    unsigned n;

    if (secret != NULL && check_new(rotate, secret, &error) &&
        sk_cli_key_rewrap(rotate->site.keep, rotate->secret, secret, SK_SEAL_COST_USUAL, &n,
                          &error)) {
        say_rewrapped(rotate, n);
        return SK_EXIT_CLEAN;
    }
    if (made && !g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN))
        (void)unlink(rotate->secret_path);
    return sk_cli_fail_error(error);
}

int
sk_cli_key_rotate(int argc, char **argv)
{
    g_auto(Rotate) rotate = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &rotate.site.config, "Configuration file",
         "FILE"},
        {"passphrase", 'p', 0, G_OPTION_ARG_NONE, &rotate.site.passphrase,
         "A passphrase opens the key now, not a file", NULL},
        {"wait", 0, 0, G_OPTION_ARG_NONE, &rotate.wait,
         "Wait until the clerk has sealed the keys of all stored files anew", NULL},
        {"secret", 0, 0, G_OPTION_ARG_FILENAME, &rotate.secret_path,
         "Change the secret, not the key: FILE is the new one, made if missing", "FILE"},
        {"new-passphrase", 0, 0, G_OPTION_ARG_NONE, &rotate.new_passphrase,
         "Change the secret, not the key: a new passphrase is asked for", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "key rotate [OPTION…]",
                        "Makes a new site key for everything that is sealed from now on; or "
                        "has the site keys opened by another secret."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("key rotate takes no \"%s\"", argv[1]);
    if (rotate.secret_path != NULL && rotate.new_passphrase)
        return sk_cli_fail("a new file or a new passphrase, not both");
    if (!open_active(&rotate, &error))
        return sk_cli_fail_error(error);
    if (rotate.secret_path != NULL || rotate.new_passphrase)
        return change_secret(&rotate);
    return change_pair(&rotate);
}
