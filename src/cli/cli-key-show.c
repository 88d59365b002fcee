/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-show.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "cli/cli-json.h"
#include "cli/cli-key-reseal.h"
#include "cli/cli-key-site.h"
#include "cli/cli-words.h"
#include "cli/cli.h"

typedef struct {
    SkCliSite site;
    gboolean json, check;
    SkSecret *secret;
    bool closed; /* there is one that this host cannot open */
} Show;

static void
show_clear(Show *show)
{
    sk_secret_free(show->secret);
    sk_cli_site_clear(&show->site);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Show, show_clear)

/* What is known of one key. */
typedef struct {
    const SkSiteKey *key;
    char *made; /* for the document: UTC */
    int64_t files;
    bool opens;
} Row;

static char *
format_utc(int64_t us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(us / G_USEC_PER_SEC);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("?");
}

static void
print_json(const Show *show, const Row *row)
{
    json_t *object = json_pack("{s:s, s:s, s:b, s:I}", "id", row->key->id, "made", row->made,
                               "active", row->key->active, "files", (json_int_t)row->files);

    if (show->check)
        json_object_set_new(object, "opens", json_boolean(row->opens));
    sk_cli_print_json(object);
}

static void
print_row(const Show *show, const Row *row)
{
    g_autofree char *made = sk_cli_time(row->key->made_us);
    g_autofree char *age = sk_cli_age(row->key->made_us, sk_clock_now_us(sk_clock_real()));
    g_autofree char *files = sk_cli_count(row->files, "stored files");

    printf("%s  %-6s  made %s, %s, %s", row->key->id, row->key->active ? "active" : "old", made,
           age, files);
    if (show->check)
        printf(row->opens ? ", this host opens it" : ", THIS HOST DOES NOT OPEN IT");
    putchar('\n');
}

static bool
print_key(Show *show, const SkSiteKey *key, GError **error)
{
    g_autofree char *made = format_utc(key->made_us);
    g_autoptr(SkSealPair) pair = NULL;
    Row row = {key, made, 0, false};

    if (!sk_cli_key_reseal_count(show->site.keep, key->id, &row.files, error))
        return false;
    if (show->check)
        pair = sk_cli_site_key_unwrap(key, show->secret, NULL);
    row.opens = pair != NULL;
    show->closed |= show->check && !row.opens;
    if (show->json)
        print_json(show, &row);
    else
        print_row(show, &row);
    return true;
}

static int
print_keys(Show *show)
{
    g_autoptr(GPtrArray) keys = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_site_open(&show->site, SK_SITE_LOOK, &error) ||
        !sk_seal_store_list(show->site.keep, &keys, &error))
        return sk_cli_fail_error(error);
    if (keys->len == 0)
        return sk_cli_fail("there is no site key yet; `sekisho key init` makes it");
    if (show->check) {
        show->secret = sk_cli_site_read_secret(&show->site, &error);
        if (show->secret == NULL)
            return sk_cli_fail_error(error);
    }
    for (guint i = 0; i < keys->len; i++) {
        if (!print_key(show, keys->pdata[i], &error))
            return sk_cli_fail_error(error);
    }
    sk_cli_site_warn_of_release_key(show->site.settings);
    return show->closed ? SK_EXIT_FOUND : SK_EXIT_CLEAN;
}

int
sk_cli_key_show(int argc, char **argv)
{
    g_auto(Show) show = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &show.site.config, "Configuration file",
         "FILE"},
        {"check", 0, 0, G_OPTION_ARG_NONE, &show.check,
         "Say whether the secret of this host opens them", NULL},
        {"passphrase", 'p', 0, G_OPTION_ARG_NONE, &show.site.passphrase,
         "Check a passphrase, not the file", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &show.json, "One object a line", NULL},
        {NULL},
    };

    if (!sk_cli_options(&argc, &argv, entries, "key show [OPTION…]",
                        "Lists the site keys, the newest first.\nExit status: 1 when --check "
                        "finds one that this host does not open."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("key show takes no \"%s\"", argv[1]);
    show.check |= show.site.passphrase;
    return print_keys(&show);
}
