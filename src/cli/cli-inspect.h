/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-inspect - the command `sekisho inspect`
 */

int sk_cli_inspect(int argc, char **argv);
