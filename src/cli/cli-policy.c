/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-policy.h"

#include <stdio.h>

#include "base/error.h"
#include "cli/cli-print.h"
#include "cli/cli-versions.h"

static int
end(const GError *error)
{
    (void)sk_cli_fail_error(error);
    return g_error_matches(error, SK_ERROR, SK_ERROR_CONFIG) ? SK_EXIT_FOUND : SK_EXIT_TROUBLE;
}

int
sk_cli_policy_check(int argc, char **argv)
{
    g_auto(SkCliVersions) v = {0};
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &v.config, "Configuration file", "FILE"},
        {NULL},
    };
    g_auto(SkPolicyRead) read = {0};
    g_autofree char *state = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_cli_options(&argc, &argv, entries, "policy check [OPTION…] [FILE]",
                        "Reads a policy file, complains about it, and shows its rules.\n"
                        "Without FILE it is the one of the configuration, and whether that is "
                        "in force is said, too.\n"
                        "Exit status: 0 it can be loaded, 1 it has errors, 2 trouble."))
        return SK_EXIT_TROUBLE;
    if (argc > 2)
        return sk_cli_fail("policy check takes one file");
    if (!sk_cli_versions_read(&v, &error))
        return sk_cli_fail_error(error);
    if (!sk_cli_read_source(argc > 1 ? argv[1] : NULL, v.settings, v.site, SK_WARNINGS_ALL,
                            false, &read, &error))
        return end(error);
    sk_cli_print_rules(read.policy);
    if (argc == 1)
        state = sk_cli_versions_compare(&v, read.source, NULL);
    if (state != NULL)
        printf("%s\n", state);
    return SK_EXIT_CLEAN;
}

int
sk_cli_policy(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"check", sk_cli_policy_check, ""},       {"explain", sk_cli_policy_explain, ""},
        {"load", sk_cli_policy_load, ""},         {"history", sk_cli_policy_history, ""},
        {"diff", sk_cli_policy_diff, ""},         {"restore", sk_cli_policy_restore, ""},
        {"simulate", sk_cli_policy_simulate, ""}, {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "policy", argc, argv);
}
