/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sekisho - the command line
 *
 * Talks to: a private inspector that it starts, the ledger's database, the programs that
 * `serve` supervises.
 * Reads: everything its user may.
 */

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli-config.h"
#include "cli/cli-hold.h"
#include "cli/cli-inspect.h"
#include "cli/cli-key.h"
#include "cli/cli-passage.h"
#include "cli/cli-policy.h"
#include "cli/cli-scan.h"
#include "cli/cli-serve.h"
#include "cli/cli-setup.h"
#include "cli/cli-store.h"
#include "cli/cli.h"

static const SkCommand commands[] = {
    {"scan", sk_cli_scan, "judge messages as the gate would"},
    {"inspect", sk_cli_inspect, "say what bare files are and whether they can be opened"},
    {"policy", sk_cli_policy, "check a policy, explain what it makes of a message"},
    {"passage", sk_cli_passage, "list and show what was decided"},
    {"hold", sk_cli_hold, "mail that waits: list it, stop it, let it go"},
    {"store", sk_cli_store, "what is kept: look after it, requests of a person"},
    {"key", sk_cli_key, "make, rotate and show the site key"},
    {"config", sk_cli_config, "check the configuration, show every setting"},
    {"setup", sk_cli_setup, "show what Postfix has to be told"},
    {"serve", sk_cli_serve, "run and supervise all programs"},
    {NULL, NULL, NULL},
};

static int
print_help(FILE *out, int status)
{
    fputs("usage: sekisho COMMAND [OPTION…] [ARGUMENT…]\n\n", out);
    for (const SkCommand *c = commands; c->name != NULL; c++)
        fprintf(out, "  %-9s %s\n", c->name, c->help);
    fputs("\n`sekisho COMMAND --help` says more; `man sekisho` says all.\n", out);
    return status;
}

/* An answer that did not arrive is none: a full disk must not look like "nothing found". */
static int
written(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    return sk_cli_fail("the output could not be written: %s", g_strerror(errno));
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return print_help(stderr, SK_EXIT_TROUBLE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return print_help(stdout, SK_EXIT_CLEAN);
    if (strcmp(argv[1], "--version") == 0) {
        puts("sekisho " SK_VERSION);
        return SK_EXIT_CLEAN;
    }
    for (const SkCommand *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, argv[1]) == 0)
            return written(c->run(argc - 1, argv + 1));
    }
    return sk_cli_fail("there is no command \"%s\"; `sekisho help` lists them", argv[1]);
}
