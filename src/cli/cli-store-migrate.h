/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-migrate - `sekisho store migrate`: makes the tables, or brings them up to date
 */

int sk_cli_store_migrate(int argc, char **argv);
