/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-json - the JSON lines of --json; doc/schemata.md describes them
 */

#include <jansson.h>

#include "ledger/passage.h"
#include "port/inspect.h"

/* Each returns a new object, to be printed with sk_cli_print_json(). */
json_t *sk_cli_json_file(const char *file, const SkInspectResult *result);
json_t *sk_cli_json_scan(const char *file, const char *direction, const SkPassage *passage);

/* One line on standard output; takes OBJECT over. */
void sk_cli_print_json(json_t *object);
