/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-files - the files that the arguments of a command name
 *
 * Folders are searched to the bottom, in order of names; links to folders are not followed,
 * what is no file is left out; "-" is standard input.
 *
 * Limits: 64 folders in folders.
 * Errors: NOT_FOUND, DENIED, IO; LIMIT for a file larger than is asked for.
 */

#include <glib.h>
#include <stdbool.h>

#include "mail/mail-spool.h"

/* Paths (char *), owned by the caller; NULL when an argument is not there. What in a folder
 * cannot be looked into is in the list: reading it says why. */
GPtrArray *sk_cli_list_files(char **arguments, GError **error);
/* The bytes of PATH, at most LIMIT, sealed. Caller owns. */
SkSpool *sk_cli_read_file(const char *path, size_t limit, GError **error);
