/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-store - the command `sekisho store`
 */

int sk_cli_store(int argc, char **argv);
