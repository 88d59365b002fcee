/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-key-init - `sekisho key init`: makes the site key, once a site, and the files that go
 * with it
 */

int sk_cli_key_init(int argc, char **argv);
