/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-lend - an inspector for one command that opens files, and for nobody else
 *
 * Starts sekisho-inspector on a socket that has no name any more when this returns, so that
 * nobody else can use it and nothing is left behind however the caller ends: the inspector ends
 * with the process, and the thread, that started it.
 *
 * Errors: NOT_FOUND: no inspector is installed; IO.
 */

#include <glib.h>

typedef struct SkLentInspector SkLentInspector;

/* To be called before any thread is started. PROGRAM NULL: the one beside the running program,
 * or in the installation's libexec. CONFIG may be NULL. */
SkLentInspector *sk_process_lend_new(const char *program,
                                     const char *config,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the inspector and waits for it. */
void sk_process_lend_free(SkLentInspector *lent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkLentInspector, sk_process_lend_free)

/* For sk_process_inspect_new(); good in this process only. */
const char *sk_process_lend_peek_socket(const SkLentInspector *lent);
