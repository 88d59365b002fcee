/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-inspect.h"

#include <stdio.h>

#include "cli/cli-files.h"
#include "cli/cli-json.h"
#include "cli/cli-print.h"
#include "cli/cli-run.h"
#include "cli/cli.h"

typedef struct {
    bool json;
    int status;
} Inspection;

static void
on_file(const char *path, SkSpool *spool, SkInspectResult *result, void *data)
{
    Inspection *inspection = data;

    (void)spool;
    if (sk_findings_count(result->findings) > 0)
        inspection->status = SK_EXIT_FOUND;
    if (inspection->json)
        sk_cli_print_json(sk_cli_json_file(path, result));
    else
        sk_cli_print_file(path, result);
}

int
sk_cli_inspect(int argc, char **argv)
{
    g_autofree char *config = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &config, "Configuration file", "FILE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line", NULL},
        {NULL},
    };
    Inspection inspection = {.status = SK_EXIT_CLEAN};
    g_autoptr(SkSettings) settings = NULL;
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;
    int run_status;

    if (!sk_cli_options(
            &argc, &argv, entries, "inspect [OPTION…] FILE|-|DIR…",
            "Says what files are, by their bytes, and whether anything in them cannot "
            "be opened.\nExit status: 0 nothing found, 1 something found, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc < 2)
        return sk_cli_fail("inspect what? Name files, folders, or - for standard input");
    inspection.json = json;
    settings = sk_cli_read_settings(config, &error);
    if (settings != NULL)
        files = sk_cli_list_files(argv + 1, &error);
    if (files == NULL)
        return sk_cli_fail_error(error);
    run_status = sk_cli_run(settings, config, SK_INSPECT_FILE, files, on_file, &inspection);
    return MAX(run_status, inspection.status);
}
