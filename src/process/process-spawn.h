/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-spawn - starts programs of ours; and an inspector for one command alone
 *
 * A started program gets the caller's environment, a clean signal mask, and ends when its
 * parent does. Programs are found beside the one that runs (as in a build), or where they are
 * installed.
 *
 * Errors: NOT_FOUND: the program is in none of the places; IO: it could not be started.
 * Security: never called from a process with threads.
 */

#include <sys/types.h>

#include <glib.h>
#include <stdbool.h>

/* The path of NAME, "sekisho-gate". Caller owns. */
char *sk_process_find(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Starts ARGV[0]; KEEP_FD (-1: none) stays open in it under its number. -1 with ERROR. */
pid_t sk_process_start(char **argv, int keep_fd, GError **error);

/* An inspector that only its maker can reach, for as long as he lives. */
typedef struct SkLentInspector SkLentInspector;

/* CONFIG: its configuration file; NULL: as it finds it. $SEKISHO_INSPECTOR overrules where it
 * is found. */
SkLentInspector *sk_lent_inspector_new(const char *config,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For sk_process_inspect_new(). */
const char *sk_lent_inspector_peek_socket(const SkLentInspector *inspector);
void sk_lent_inspector_free(SkLentInspector *inspector);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkLentInspector, sk_lent_inspector_free)
