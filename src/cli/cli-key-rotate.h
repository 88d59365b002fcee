/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-rotate - `sekisho key rotate`: another site key, or another secret that opens it
 */

int sk_cli_key_rotate(int argc, char **argv);
