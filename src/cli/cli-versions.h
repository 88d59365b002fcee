/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-versions - what the commands that look at versions of the policy have in common
 *
 * Errors: those of store-open; the text says what to do.
 */

#include "cli/cli.h"
#include "engine/engine-policy-load.h"
#include "store/store-open.h"

typedef struct {
    char *config; /* the option */
    SkSettings *settings;
    SkSite *site;
    SkStore *store;
    SkDb *keep;
    const char *file; /* of the settings */
    bool watched;     /* by a gate on this host */
} SkCliVersions;

void sk_cli_versions_clear(SkCliVersions *versions);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkCliVersions, sk_cli_versions_clear)

/* Reads what `config` names, unless that is done, and opens database keep. */
bool sk_cli_versions_open(SkCliVersions *versions,
                          SkStoreAccess access,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The settings and the site only. */
bool sk_cli_versions_read(SkCliVersions *versions, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Who sits here: "hanako on mail.example.com", "hanako (as root) on …". Caller owns. */
char *sk_cli_person(void);

/* A version, read for what this program can do; its complaints are told as WARNINGS says. */
SkPolicy *sk_cli_versions_fetch(SkCliVersions *versions,
                                int64_t number,
                                SkWarnings warnings,
                                SkPolicyVersion **ret_version,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One line about SOURCE, read from the file, and what is in force: the same, or what differs
 * and how to put it in force; NULL when the store cannot be read. RET_SAME (NULL: not wanted):
 * they are. Caller owns. */
char *sk_cli_versions_compare(SkCliVersions *versions,
                              const SkPolicySource *source,
                              bool *ret_same);
