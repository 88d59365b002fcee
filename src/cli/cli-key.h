/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key - the command `sekisho key`: the site key, and the secret that opens it
 */

int sk_cli_key(int argc, char **argv);
