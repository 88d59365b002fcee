/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store-person - `sekisho store export` and `sekisho store erase`: requests of a person
 *
 * What is kept about him is every capability's own business (SkPersonTables); this asks all of
 * them. That somebody had a person erased, who and when, goes to the log; whom does not.
 */

int sk_cli_store_export(int argc, char **argv);
int sk_cli_store_erase(int argc, char **argv);
