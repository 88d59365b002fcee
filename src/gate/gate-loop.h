/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * gate-loop - one event loop of the gate in a thread of its own: connections and inspectors
 *
 * There is one a processor; all take from the same listening sockets.
 */

#include <glib.h>

#include "base/settings.h"
#include "gate/gate-shared.h"
#include "verdict/direction.h"

typedef struct SkGateThread SkGateThread;

/* FDS: the listening socket of each origin, or -1; borrowed. Starts at once. */
SkGateThread *sk_gate_thread_new(const SkSettings *settings,
                                 SkGateShared *shared,
                                 const int fds[SK_N_ORIGINS],
                                 unsigned n_threads,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes no new connections from now on. */
void sk_gate_thread_drain(SkGateThread *thread);
/* Open connections, as of a moment ago. */
unsigned sk_gate_thread_count(const SkGateThread *thread);
/* Ends the thread; connections are closed, Postfix defers what it had under way. */
void sk_gate_thread_free(SkGateThread *thread);
