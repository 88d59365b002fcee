/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-files - the files that the arguments of a command name
 *
 * Folders are searched to the bottom, in order of names; links to folders are not followed; "-"
 * is standard input.
 *
 * Errors: NOT_FOUND, DENIED, IO; LIMIT for a file larger than the message limit.
 */

#include <glib.h>
#include <stdbool.h>

#include "mail/mail-spool.h"

/* Paths (char *), owned by the caller, or NULL. */
GPtrArray *sk_cli_list_files(char **arguments, GError **error);
/* The bytes of PATH, sealed. Caller owns. */
SkSpool *sk_cli_read_file(const char *path, GError **error);
