/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli-files.h"
#include "cli/cli-judge.h"
#include "cli/cli-policy.h"
#include "cli/cli-print.h"
#include "cli/cli-run.h"
#include "cli/cli.h"
#include "engine/engine-judge.h"

typedef struct {
    char *config;
    char *policy;
    char *direction;
    char *sender;
    char **recipients;
    SkCliJudge judge;
    SkSettings *settings;
    SkSite *site;
    SkPolicy *rules;
} PolicyCommand;

static void
command_clear(PolicyCommand *c)
{
    g_free(c->config);
    g_free(c->policy);
    g_free(c->direction);
    g_free(c->sender);
    g_strfreev(c->recipients);
    sk_settings_free(c->settings);
    sk_site_free(c->site);
    g_clear_pointer(&c->rules, sk_policy_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PolicyCommand, command_clear)

static bool
command_read(PolicyCommand *c, SkWarnings warnings, GError **error)
{
    c->settings = sk_cli_read_settings(c->config, error);
    if (c->settings != NULL)
        c->site = sk_site_new(c->settings, error);
    if (c->site != NULL)
        c->rules = sk_cli_read_policy(c->policy, c->settings, c->site, warnings, error);
    c->judge = (SkCliJudge){c->direction, c->sender, c->recipients, c->site, c->rules};
    return c->rules != NULL;
}

static void
print_explained(const SkExplained *one)
{
    g_autofree char *why = sk_text_safe(sk_bytes(one->why, strlen(one->why)), 1000);
    g_autofree char *line =
        one->rule.line > 0 ? g_strdup_printf("line %u", one->rule.line) : g_strdup("built in");

    printf("    %s %s  %s\n        %s (%s)\n", one->matched ? "+" : "-", one->rule.id,
           one->text, why, line);
}

static void
explain_recipient(const PolicyCommand *c, const SkPassage *passage, guint i)
{
    const SkPassageRecipient *recipient = passage->recipients->pdata[i];
    g_autofree char *today = sk_site_today(c->site, passage->received_us);
    SkPolicyFacts facts = sk_engine_facts(passage, i, today);
    g_autoptr(GPtrArray) explained = sk_policy_explain(c->rules, &facts);
    g_autofree char *address =
        sk_text_safe(sk_bytes(recipient->address, strlen(recipient->address)), 300);
    g_autofree char *done = sk_cli_describe(recipient->decision);
    g_autofree char *observed = sk_cli_describe(recipient->observed);

    printf("  for %s (%s): %s\n", *address != '\0' ? address : "an unnamed recipient",
           sk_direction_name(recipient->direction), done);
    if (!sk_decision_is_same(recipient->decision, recipient->observed))
        printf("    without \"observe\" it would be: %s\n", observed);
    for (guint j = 0; j < explained->len; j++)
        print_explained(explained->pdata[j]);
}

static void
on_message(const char *path, SkSpool *spool, SkInspectResult *result, void *data)
{
    PolicyCommand *c = data;
    g_autoptr(SkPassage) passage =
        sk_cli_judge(&c->judge, spool, g_steal_pointer(&result->findings));

    sk_cli_print_answer(path, sk_cli_direction(passage), passage);
    for (guint i = 0; i < passage->recipients->len; i++)
        explain_recipient(c, passage, i);
}

int
sk_cli_policy_explain(int argc, char **argv)
{
    g_auto(PolicyCommand) c = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &c.config, "Configuration file", "FILE"},
        {"policy", 'p', 0, G_OPTION_ARG_FILENAME, &c.policy, "Explain this policy", "FILE"},
        {"direction", 0, 0, G_OPTION_ARG_STRING, &c.direction,
         "inbound, outbound, internal or forward", "D"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &c.sender, "Envelope sender", "ADDRESS"},
        {"to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &c.recipients,
         "Envelope recipient; may be repeated", "ADDRESS"},
        {NULL},
    };
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "policy explain [OPTION…] MESSAGE|-",
                        "Says which rules match a message, for whom, and why the others do "
                        "not.\nThe policy is the file, whether it is in force or not.") ||
        !sk_cli_check_direction(c.direction))
        return SK_EXIT_TROUBLE;
    if (argc < 2)
        return sk_cli_fail("policy explain what? Name a message, or - for standard input");
    if (!command_read(&c, SK_WARNINGS_NONE, &error))
        return sk_cli_fail_error(error);
    files = sk_cli_list_files(argv + 1, &error);
    if (files == NULL)
        return sk_cli_fail_error(error);
    return sk_cli_run(c.settings, c.config, SK_INSPECT_MAIL, files, on_message, &c);
}
