/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-passage - the command `sekisho passage`
 */

int sk_cli_passage(int argc, char **argv);
