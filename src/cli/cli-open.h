/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-open - settings, store and one database of it, for every command that looks into it
 *
 * Errors: those of store-open, with what to do about them in front.
 */

#include "store/store-open.h"

/* As whom a command comes, where a server has a role for each program. */
#define SK_CLI_READER "sekisho-read"
#define SK_CLI_WRITER "sekisho-clerk" /* what a person asks for, the clerk may do */
#define SK_CLI_OWNER  "sekisho-owner"

typedef struct {
    SkSettings *settings;
    SkStore *store;
} SkCliStore;

void sk_cli_store_clear(SkCliStore *s);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkCliStore, sk_cli_store_clear)

/* CONFIG as given by --config. Opens nothing yet. */
bool sk_cli_store_read(SkCliStore *s, const char *config, const char *program, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Caller owns. */
SkDb *sk_cli_store_open(const SkCliStore *s,
                        SkDatabase which,
                        SkStoreAccess access,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Says in front of ERROR, which came of opening, what to do; always false. */
bool sk_cli_store_advise(const SkCliStore *s, GError **error);

/* "know": of a database, for people and for JSON. */
const char *sk_cli_database_name(SkDatabase which);
/* Whether any table of this version lies in it. */
bool sk_cli_store_has(const SkCliStore *s, SkDatabase which);
