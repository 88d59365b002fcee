/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* `sekisho hold`: mail that waits, by way of the clerk. */
int sk_cli_hold(int argc, char **argv);
