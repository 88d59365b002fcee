/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key.h"

#include "cli/cli-key-init.h"
#include "cli/cli-key-rotate.h"
#include "cli/cli-key-show.h"
#include "cli/cli.h"

int
sk_cli_key(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"init", sk_cli_key_init, ""},
        {"rotate", sk_cli_key_rotate, ""},
        {"show", sk_cli_key_show, ""},
        {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "key", argc, argv);
}
