/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-config.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/cli-key-site.h"
#include "cli/cli-open.h"
#include "cli/cli-postconf.h"
#include "cli/cli-versions.h"
#include "cli/cli.h"
#include "engine/engine-notice-settings.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "milter/milter-listen.h"
#include "verdict/direction.h"

/* Every policy holds some mail: the built-in floor does. */
static void
warn_of_held_mail(const SkSettings *settings)
{
    if (*sk_settings_peek_list(settings, "hold", "admins") == NULL)
        fputs("warning: [hold] admins is empty: nobody is told of mail that only an "
              "administrator may let go\n",
              stderr);
    if (*sk_settings_peek_text(settings, "web", "url") == '\0' &&
        *sk_settings_peek_text(settings, "notice", "reply") == '\0')
        fputs("warning: [web] url and [notice] reply are empty: people can do nothing about "
              "their mail that waits but ask an administrator\n",
              stderr);
    sk_cli_site_warn_of_release_key(settings);
}

/* Trouble that does not keep the gate from starting, but from being of use. */
static void
warn(const char *config, const SkSettings *settings)
{
    if (config == NULL && !g_file_test(SK_CONFIG_FILE, G_FILE_TEST_EXISTS))
        fputs("warning: there is no " SK_CONFIG_FILE ", and the gate does not start without: "
              "copy " SK_DATADIR "/sekisho.conf there\n",
              stderr);
    if (*sk_settings_peek_list(settings, "site", "own_domains") == NULL)
        fputs("warning: [site] own_domains is empty: nobody counts as internal\n", stderr);
    warn_of_held_mail(settings);
}

static int
end(const GError *error)
{
    (void)sk_cli_fail_error(error);
    return g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG) ? SK_EXIT_FOUND : SK_EXIT_TROUBLE;
}

/* Empty stands for "no such socket". */
static bool
check_endpoints(const SkSettings *settings, GError **error)
{
    for (unsigned origin = 0; origin < SK_N_ORIGINS; origin++) {
        const char *name = sk_origin_name((SkOrigin)origin);
        const char *endpoint = sk_settings_peek_text(settings, "gate", name);

        if (*endpoint != '\0' && !sk_milter_endpoint_check(endpoint, error)) {
            g_prefix_error(error, "[gate] %s: ", name);
            return false;
        }
    }
    return true;
}

/* The gates of a shared store judge by what was loaded there, and this host may have no file at
 * all. */
static bool
read_loaded(SkCliVersions *v, bool quiet, SkPolicyRead *read, GError **error)
{
    SkPolicyInForce now;

    if (!sk_cli_versions_open(v, SK_STORE_READ, error) ||
        !sk_policy_store_in_force(v->keep, &now, error))
        return false;
    if (now.version == 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "no policy has been loaded: `sekisho policy load`");
        return false;
    }
    read->policy = sk_cli_versions_fetch(
        v, now.version, quiet ? SK_WARNINGS_NONE : SK_WARNINGS_BRIEF, NULL, error);
    return read->policy != NULL;
}

/* Says when what is edited is not what is in force. */
static void
compare_file(SkCliVersions *v)
{
    g_auto(SkPolicyRead) file = {0};
    const SkPolicyReading reading = {0};
    g_autofree char *state = NULL;
    bool same = true;

    file.policy = sk_engine_policy_read(v->file, &reading, &file.source, NULL);
    if (file.source != NULL)
        state = sk_cli_versions_compare(v, file.source, &same);
    if (state != NULL && !same)
        fprintf(stderr, "warning: %s\n", state);
}

static bool
read_policy(SkCliVersions *v, bool quiet, SkPolicyRead *read, GError **error)
{
    g_autoptr(SkStore) store =
        sk_store_new(v->settings, SK_CLI_READER, sk_engine_tables, error);

    if (store == NULL)
        return false;
    if (!sk_store_is_shared(store))
        return sk_cli_read_source(NULL, v->settings, v->site,
                                  quiet ? SK_WARNINGS_NONE : SK_WARNINGS_BRIEF, false, read,
                                  error);
    if (!read_loaded(v, quiet, read, error))
        return false;
    if (!quiet)
        compare_file(v);
    return true;
}

static bool
check_notices(const SkSettings *settings, GError **error)
{
    g_auto(SkNoticeSettings) notice = {0};

    return sk_notice_settings_read(settings, &notice, error);
}

int
sk_cli_config_check(const char *config, bool quiet)
{
    g_auto(SkCliVersions) v = {.config = g_strdup(config)};
    g_auto(SkPolicyRead) read = {0};
    g_autoptr(GError) error = NULL;

    v.settings = sk_cli_read_settings(config, &error);
    if (v.settings == NULL || !check_endpoints(v.settings, &error) ||
        !check_notices(v.settings, &error) || !sk_cli_versions_read(&v, &error) ||
        !read_policy(&v, quiet, &read, &error))
        return end(error);
    if (!sk_cli_postconf_check(
            (uint64_t)sk_settings_get_int(v.settings, "gate", "message_limit"), quiet))
        return SK_EXIT_FOUND;
    if (!quiet) {
        warn(config, v.settings);
        sk_cli_postconf_check_milters(v.settings);
        printf("configuration and policy can be loaded (%u rules)\n",
               sk_policy_count(read.policy));
    }
    return SK_EXIT_CLEAN;
}

static int
check(int argc, char **argv)
{
    g_autofree char *config = NULL;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {NULL},
    };

    if (!sk_cli_options(
            &argc, &argv, entries, "config check [OPTION…]",
            "Reads configuration and policy as the programs would, and asks Postfix "
            "whether its limits fit.\nExit status: 0 all is fine, 1 something is "
            "wrong, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 1)
        return sk_cli_fail("config check takes no \"%s\"", argv[1]);
    return sk_cli_config_check(config, false);
}

static void
print_settings(const SkSettings *settings)
{
    const char *section = NULL;

    for (const SkSettingSpec *const *table = sk_engine_setting_tables; *table != NULL;
         table++) {
        for (const SkSettingSpec *spec = *table; spec->key != NULL; spec++) {
            if (g_strcmp0(section, spec->section) != 0)
                printf("%s[%s]\n", section != NULL ? "\n" : "", spec->section);
            section = spec->section;
            printf("# %s\n%s = %s\n", spec->help, spec->key,
                   sk_settings_peek_text(settings, spec->section, spec->key));
        }
    }
}

static int
show(int argc, char **argv)
{
    g_autofree char *config = NULL;
    gboolean defaults = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"defaults", 0, 0, G_OPTION_ARG_NONE, &defaults, "What holds without a file", NULL},
        {NULL},
    };
    g_autoptr(SkSettings) settings = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "config show [OPTION…]",
                        "Shows every setting with its value, in the form of the file."))
        return SK_EXIT_TROUBLE;
    settings =
        defaults ? sk_engine_settings_read(NULL, &error) : sk_cli_read_settings(config, &error);
    if (settings == NULL)
        return end(error);
    print_settings(settings);
    return SK_EXIT_CLEAN;
}

int
sk_cli_config(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"check", check, ""},
        {"show", show, ""},
        {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "config", argc, argv);
}
