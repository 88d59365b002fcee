/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-supervise - keeps a few programs running: starts, restarts, stops them in order
 *
 * Programs start in the order given, each when the socket of the one before it answers. One
 * that ends is started again, at once at first and ever later while it keeps ending (half a
 * minute at most). They stop in the opposite order.
 *
 * Limits: ten seconds until a program's socket answers; fifteen for a program to end, then it
 * is killed.
 * Errors: what sk_process_start() says; TIMEOUT when a program does not get ready at the first
 * start, IO when it ends before that.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/loop.h"

typedef struct SkSupervisor SkSupervisor;

/* STOPPED is called once all programs have ended after sk_supervisor_stop(). */
SkSupervisor *sk_supervisor_new(SkLoop *loop, SkLoopFunc stopped, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
void sk_supervisor_free(SkSupervisor *supervisor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSupervisor, sk_supervisor_free)

/* Starts ARGV (copied) and waits until somebody answers at READY_SOCKET (NULL: does not wait).
 */
bool sk_supervisor_add(SkSupervisor *supervisor,
                       char **argv,
                       const char *ready_socket,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends SIGNUM to every program. */
void sk_supervisor_signal(SkSupervisor *supervisor, int signum);
/* Ends all programs; a second call kills them. */
void sk_supervisor_stop(SkSupervisor *supervisor);
