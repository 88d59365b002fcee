/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-scan.h"

#include "cli/cli-files.h"
#include "cli/cli-json.h"
#include "cli/cli-judge.h"
#include "cli/cli-print.h"
#include "cli/cli-run.h"
#include "cli/cli.h"

typedef struct {
    SkCliJudge judge;
    gboolean json;
    char *config;
    char *policy;
    char *direction;
    char *sender;
    char **recipients;
    int status;
} Scan;

static void
scan_clear(Scan *scan)
{
    g_free(scan->config);
    g_free(scan->policy);
    g_free(scan->direction);
    g_free(scan->sender);
    g_strfreev(scan->recipients);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

static void
on_message(const char *path, SkSpool *spool, SkInspectResult *result, void *data)
{
    Scan *scan = data;
    g_autoptr(SkPassage) passage =
        sk_cli_judge(&scan->judge, spool, g_steal_pointer(&result->findings));
    const char *direction = sk_cli_direction(passage);

    if (passage->fate != SK_FATE_DELIVER)
        scan->status = SK_EXIT_FOUND;
    if (scan->json)
        sk_cli_print_json(sk_cli_json_scan(path, direction, passage));
    else
        sk_cli_print_scan(path, direction, passage, scan->judge.policy);
}

static int
scan_files(Scan *scan, char **arguments)
{
    g_autoptr(SkSettings) settings = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(SkSite) site = NULL;
    g_autoptr(GError) error = NULL;
    int run_status;

    settings = sk_cli_read_settings(scan->config, &error);
    if (settings != NULL)
        site = sk_site_new(settings, &error);
    if (site != NULL)
        policy = sk_cli_read_policy(scan->policy, settings, site, SK_WARNINGS_NONE, &error);
    if (policy != NULL)
        files = sk_cli_list_files(arguments, &error);
    scan->judge = (SkCliJudge){scan->direction, scan->sender, scan->recipients, site, policy};
    if (files == NULL)
        return sk_cli_fail_error(error);
    run_status = sk_cli_run(settings, scan->config, SK_INSPECT_MAIL, files, on_message, scan);
    return MAX(run_status, scan->status);
}

int
sk_cli_scan(int argc, char **argv)
{
    g_auto(Scan) scan = {.status = SK_EXIT_CLEAN};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &scan.config, "Configuration file", "FILE"},
        {"policy", 'p', 0, G_OPTION_ARG_FILENAME, &scan.policy, "Judge by this policy", "FILE"},
        {"direction", 0, 0, G_OPTION_ARG_STRING, &scan.direction,
         "inbound, outbound, internal or forward", "D"},
        {"from", 0, 0, G_OPTION_ARG_STRING, &scan.sender, "Envelope sender", "ADDRESS"},
        {"to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &scan.recipients,
         "Envelope recipient; may be repeated", "ADDRESS"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &scan.json, "One JSON object a line", NULL},
        {NULL},
    };

    if (!sk_cli_options(
            &argc, &argv, entries, "scan [OPTION…] FILE|-|DIR…",
            "Judges messages as the gate would.\nExit status: 0 nothing would be "
            "stopped, 1 something would, 2 trouble (the other files are judged).\nThe policy "
            "is the file, whether it is in force or not.") ||
        !sk_cli_check_direction(scan.direction))
        return SK_EXIT_TROUBLE;
    if (argc < 2)
        return sk_cli_fail("scan what? Name messages, folders, or - for standard input");
    return scan_files(&scan, argv + 1);
}
