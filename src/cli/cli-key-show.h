/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-show - `sekisho key show`: which site keys there are, and whether this host can open
 * them
 */

int sk_cli_key_show(int argc, char **argv);
