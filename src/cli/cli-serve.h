/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-serve - the command `sekisho serve`
 */

int sk_cli_serve(int argc, char **argv);
