/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-policy - the command `sekisho policy`
 */

int sk_cli_policy(int argc, char **argv);
