/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `sekisho hold content`: the original of a held mail, piece by piece, into a file of the
 * caller's or a pipe. Who reads it is recorded with a reason before he gets a byte. */
int sk_cli_hold_content(int argc, char **argv);
