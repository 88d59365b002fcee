/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-find - where the other programs of sekisho are
 *
 * Beside the one that runs, as in a build, or where they are installed.
 *
 * Errors: NOT_FOUND: in none of the places.
 */

#include <glib.h>

/* The path of NAME, "sekisho-gate"; for the inspector $SEKISHO_INSPECTOR overrules. Caller
 * owns. */
char *sk_process_find(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
