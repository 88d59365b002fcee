/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-config - the command `sekisho config`
 */

#include <stdbool.h>

int sk_cli_config(int argc, char **argv);

/* `config check`, for who starts programs; QUIET: only what is wrong. Returns an exit status.
 */
int sk_cli_config_check(const char *config, bool quiet);
