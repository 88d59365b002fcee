/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-policy - the command `sekisho policy`
 */

int sk_cli_policy(int argc, char **argv);

/* Its subcommands. */
int sk_cli_policy_check(int argc, char **argv);
int sk_cli_policy_diff(int argc, char **argv);
int sk_cli_policy_explain(int argc, char **argv);
int sk_cli_policy_history(int argc, char **argv);
int sk_cli_policy_load(int argc, char **argv);
int sk_cli_policy_restore(int argc, char **argv);
int sk_cli_policy_simulate(int argc, char **argv);
