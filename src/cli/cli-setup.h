/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-setup - sekisho setup: what others have to be told so that mail comes through here
 *
 * Prints; what belongs to another program is changed by people.
 */

int sk_cli_setup(int argc, char **argv);
