/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-postconf - what Postfix is set to, asked from postconf(1)
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* The value of PARAMETER, by the postconf in PATH; NULL if there is no Postfix. Caller owns. */
char *sk_cli_postconf(const char *parameter);

/* Whether Postfix's limits fit ours; complains on standard error if not, and unless QUIET says
 * when it cannot tell. */
bool sk_cli_postconf_check(uint64_t message_limit, bool quiet);
