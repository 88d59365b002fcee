/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-backup - the commands `sekisho store backup` and `sekisho store restore`
 */

int sk_cli_store_backup(int argc, char **argv);
int sk_cli_store_restore(int argc, char **argv);
