/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-diff - two texts compared line by line, as `diff -u` shows it
 *
 * Limits: texts that differ in more than some thousand lines are shown as one replaced by the
 * other: true, but not short.
 * Security: lines pass sk_text_safe().
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

/* Appends the difference, if there is any, to OUT; whether there was. The names stand in the
 * two lines at its head. */
bool sk_cli_diff(GString *out, const char *a_name, SkBytes a, const char *b_name, SkBytes b);
