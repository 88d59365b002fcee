/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-hold-print - held mail for people, on a terminal: who, to whom, why it waits, until when
 *
 * Times are local. Security: texts of answers are safe to be shown.
 */

#include "hold/hold-desk.h"

/* "in 4 min 10 s", "in 2 days 3 h", "now": from NOW_US to AT_US. Caller owns. */
char *sk_cli_countdown(int64_t at_us, int64_t now_us);
/* What it waits for, or what became of it. Caller owns. */
char *sk_cli_hold_describe(const SkDeskCopy *copy, int64_t now_us);

/* Some lines a copy. */
void sk_cli_hold_print(const SkDeskCopy *copy, int64_t now_us);
/* All that is known, with everything that happened. */
void sk_cli_hold_print_all(const SkDeskAnswer *answer, int64_t now_us);
/* What can be done now with copies that wait. */
void sk_cli_hold_print_possible(const SkDeskAnswer *answer);
void sk_cli_hold_print_choices(const char *address, const SkDeskChoices *choices);
