/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-postconf - what Postfix is set to, asked from postconf(1)
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/settings.h"

/* The value of PARAMETER, by the postconf in PATH; NULL if there is no Postfix. Caller owns. */
char *sk_cli_postconf(const char *parameter);

/* ENDPOINT ("unix:/var/spool/postfix/sekisho/inbound") as Postfix writes it, whose programs
 * have its QUEUE directory as their root: "unix:sekisho/inbound". Caller owns. */
char *sk_cli_postfix_milter(const char *endpoint, const char *queue);
/* Warns on standard error about milters that Postfix is not told of, and of what it does when
 * they do not answer. */
void sk_cli_postconf_check_milters(const SkSettings *settings);

/* Whether Postfix's limits fit ours; complains on standard error if not, and unless QUIET says
 * when it cannot tell. */
bool sk_cli_postconf_check(uint64_t message_limit, bool quiet);
