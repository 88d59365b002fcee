/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-scan - the command `sekisho scan`
 */

int sk_cli_scan(int argc, char **argv);
