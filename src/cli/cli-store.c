/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store.h"

#include "cli/cli-store-backup.h"
#include "cli/cli-store-migrate.h"
#include "cli/cli-store-person.h"
#include "cli/cli-store-status.h"
#include "cli/cli-store-verify.h"
#include "cli/cli.h"

int
sk_cli_store(int argc, char **argv)
{
    static const SkCommand commands[] = {
        {"status", sk_cli_store_status, ""},   {"migrate", sk_cli_store_migrate, ""},
        {"verify", sk_cli_store_verify, ""},   {"export", sk_cli_store_export, ""},
        {"erase", sk_cli_store_erase, ""},     {"backup", sk_cli_store_backup, ""},
        {"restore", sk_cli_store_restore, ""}, {NULL, NULL, NULL},
    };

    return sk_cli_dispatch(commands, "store", argc, argv);
}
