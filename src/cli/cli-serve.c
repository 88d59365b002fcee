/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-serve.h"
int sk_cli_serve(int argc, char **argv) { return 0; }
