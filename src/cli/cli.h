/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli - what the subcommands of sekisho share: how they end, how they complain, what they read
 */

#include <glib.h>
#include <stdbool.h>

#include "base/settings.h"
#include "engine/engine-policy-load.h"
#include "engine/engine-site.h"
#include "policy/policy.h"

/* Exit statuses; 0 and 1 are answers, 2 is trouble. */
enum {
    SK_EXIT_CLEAN = 0,   /* nothing found; done */
    SK_EXIT_FOUND = 1,   /* something the policy would stop; something is wrong */
    SK_EXIT_TROUBLE = 2, /* wrong option, missing file, no inspector */
};

typedef struct {
    const char *name;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand */
    const char *help;                  /* one line */
} SkCommand;

/* "sekisho: …" on standard error; returns SK_EXIT_TROUBLE, to be returned. */
int sk_cli_fail(const char *format, ...) G_GNUC_PRINTF(1, 2);
int sk_cli_fail_error(const GError *error);

/* Parses options of a subcommand; what is left in ARGV are its arguments. On failure the reason
 * is on standard error. USAGE: "scan [OPTION…] FILE…". */
bool sk_cli_options(int *argc,
                    char ***argv,
                    const GOptionEntry *entries,
                    const char *usage,
                    const char *summary);
/* Runs ARGV[1] of a table of sub-subcommands that ends with a NULL name. */
int sk_cli_dispatch(const SkCommand *commands, const char *group, int argc, char **argv);

/* PATH as given by --config; NULL: the usual file if it is there, else defaults. */
SkSettings *sk_cli_read_settings(const char *path, GError **error);
/* Which warnings about a policy are shown; errors always are. */
typedef enum {
    SK_WARNINGS_NONE,
    SK_WARNINGS_BRIEF, /* those about observed rules are only counted */
    SK_WARNINGS_ALL,
} SkWarnings;

/* Complaints (of SkComplaint) about WHAT, on standard error. */
void sk_cli_print_complaints(const GPtrArray *complaints,
                             const char *what,
                             SkWarnings warnings);

/* PATH as given by --policy; NULL: the one of the settings. Complaints go to standard error. */
SkPolicy *sk_cli_read_policy(const char *path,
                             const SkSettings *settings,
                             const SkSite *site,
                             SkWarnings warnings,
                             GError **error);
/* The same with what it is made of. TRYING: what keeps it from being loaded by this version is
 * a warning. RET_READ->source may be there when the answer is false. */
bool sk_cli_read_source(const char *path,
                        const SkSettings *settings,
                        const SkSite *site,
                        SkWarnings warnings,
                        bool trying,
                        SkPolicyRead *ret_read,
                        GError **error);
