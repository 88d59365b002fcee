/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "engine/engine-settings.h"

/* Bytes of one complaint. */
#define MESSAGE_MAX 4096

/* File names and arguments are foreign, too: they must not move the cursor. */
int
sk_cli_fail(const char *format, ...)
{
    g_autofree char *message = NULL;
    g_autofree char *safe = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    safe = sk_text_safe(sk_bytes(message, strlen(message)), MESSAGE_MAX);
    fprintf(stderr, "sekisho: %s\n", safe);
    return SK_EXIT_TROUBLE;
}

int
sk_cli_fail_error(const GError *error)
{
    return sk_cli_fail("%s", error->message);
}

bool
sk_cli_options(int *argc,
               char ***argv,
               const GOptionEntry *entries,
               const char *usage,
               const char *summary)
{
    const char *options = strstr(usage, " [OPTION…]");
    const char *arguments = options != NULL ? options + strlen(" [OPTION…]") : "";
    g_autoptr(GOptionContext) context =
        g_option_context_new(arguments + strspn(arguments, " "));
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, summary);
    /* The first line of --help is the program's name, "[OPTION…]", the arguments. */
    name = options != NULL ? g_strdup_printf("sekisho %.*s", (int)(options - usage), usage)
                           : g_strdup_printf("sekisho %s", usage);
    g_set_prgname(name);
    if (g_option_context_parse(context, argc, argv, &error))
        return true;
    (void)sk_cli_fail("%s (usage: sekisho %s)", error->message, usage);
    return false;
}

int
sk_cli_dispatch(const SkCommand *commands, const char *group, int argc, char **argv)
{
    g_autoptr(GString) names = g_string_new(NULL);

    for (const SkCommand *c = commands; c->name != NULL; c++) {
        if (argc > 1 && strcmp(c->name, argv[1]) == 0)
            return c->run(argc - 1, argv + 1);
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", c->name);
    }
    if (argc > 1)
        return sk_cli_fail("%s has no \"%s\": it has %s", group, argv[1], names->str);
    return sk_cli_fail("%s what? %s", group, names->str);
}

SkSettings *
sk_cli_read_settings(const char *path, GError **error)
{
    if (path == NULL && g_file_test(SK_CONFIG_FILE, G_FILE_TEST_EXISTS))
        path = SK_CONFIG_FILE;
    return sk_engine_settings_read(path, error);
}

static bool
is_told(const SkComplaint *complaint, SkWarnings warnings)
{
    if (complaint->grade == SK_COMPLAINT_ERROR || warnings == SK_WARNINGS_ALL)
        return true;
    return warnings == SK_WARNINGS_BRIEF && !complaint->observed;
}

void
sk_cli_print_complaints(const GPtrArray *complaints, const char *what, SkWarnings warnings)
{
    unsigned counted = 0;

    for (guint i = 0; i < complaints->len; i++) {
        const SkComplaint *complaint = complaints->pdata[i];
        g_autofree char *text = sk_complaint_format(complaint);

        if (is_told(complaint, warnings))
            fprintf(stderr, "%s\n", text);
        else
            counted++;
    }
    if (warnings == SK_WARNINGS_BRIEF && counted > 0)
        fprintf(stderr,
                "%s: %u warnings about observed rules that this version cannot judge or "
                "carry out yet; `sekisho policy check` shows them\n",
                what, counted);
}

/* What to do about a policy that is not there, which nobody named. */
static void
advise(GError **error, const char *path)
{
    if (error == NULL || !g_error_matches(*error, SK_ERROR, SK_ERROR_NOT_FOUND))
        return;
    g_clear_error(error);
    g_set_error(
        error, SK_ERROR, SK_ERROR_NOT_FOUND,
        "there is no policy %s: copy %s/policy there, set [policy] file in %s, or, where a "
        "command has that option, name one with --policy",
        path, SK_DATADIR, SK_CONFIG_FILE);
}

bool
sk_cli_read_source(const char *path,
                   const SkSettings *settings,
                   const SkSite *site,
                   SkWarnings warnings,
                   bool trying,
                   SkPolicyRead *ret_read,
                   GError **error)
{
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);
    g_autofree char *today = sk_site_today(site, sk_clock_now_us(sk_clock_real()));
    const SkPolicyReading reading = {.today = today,
                                     .trying = trying,
                                     .disabled_checks = sk_engine_settings_disabled(settings),
                                     .complaints = complaints};
    bool named = path != NULL;

    if (!named)
        path = sk_settings_peek_text(settings, "policy", "file");
    ret_read->policy = sk_engine_policy_read(path, &reading, &ret_read->source, error);
    sk_cli_print_complaints(complaints, path, warnings);
    if (ret_read->policy == NULL && !named)
        advise(error, path);
    return ret_read->policy != NULL;
}

SkPolicy *
sk_cli_read_policy(const char *path,
                   const SkSettings *settings,
                   const SkSite *site,
                   SkWarnings warnings,
                   GError **error)
{
    g_auto(SkPolicyRead) read = {0};

    if (!sk_cli_read_source(path, settings, site, warnings, false, &read, error))
        return NULL;
    return g_steal_pointer(&read.policy);
}
