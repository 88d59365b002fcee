/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-print - findings and decisions for people, on a terminal
 *
 * Security: everything foreign passes sk_text_safe(): no name can move the cursor.
 */

#include "ledger/passage-store.h"
#include "policy/policy.h"
#include "port/inspect.h"

void sk_cli_print_findings(const SkFindings *findings);
void sk_cli_print_file(const char *path, const SkInspectResult *result);
/* "deliver, hold for review, mark "EXT"": what is done. Caller owns. */
char *sk_cli_describe(const SkDecision *decision);
/* What became of a message and why, without the recipients. */
void sk_cli_print_answer(const char *path, const char *direction, const SkPassage *passage);
void sk_cli_print_scan(const char *path,
                       const char *direction,
                       const SkPassage *passage,
                       const SkPolicy *policy);
/* One line in a list of passages; and all that is known of one. */
void sk_cli_print_row(const SkPassageRow *row);
void sk_cli_print_passage(const SkPassage *passage, const SkPolicy *policy);
/* Every rule with its identity, the floor last. */
void sk_cli_print_rules(const SkPolicy *policy);
