/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * inspector-master - accepts connections, gives each a worker, ends workers, says what they
 * died of
 *
 * Never reads a byte of what clients and workers tell each other. It keeps its own copy of a
 * connection only to write the obituary on it, and shares one page with each worker to see
 * whether a job is under way; time is counted on its own clock. It looks at them every 200 ms
 * while there is work, and sleeps when there is none: a worker that begins a job unwatched
 * wakes it.
 *
 * Limits: MAX_WORKERS workers; more connections wait.
 * Errors: IO at birth. Afterwards it logs.
 * Security: single-threaded, so that fork() is safe. A worker can lie on its board about being
 * busy, and so live longer; its client then closes the connection (process-inspect.h), and with
 * its connection a worker ends.
 */

#include "base/loop.h"
#include "inspector/inspector-worker.h"

typedef struct SkInspectorMaster SkInspectorMaster;

/* Takes LISTEN_FD, also when it fails. Handles SIGCHLD on LOOP. */
SkInspectorMaster *sk_inspector_master_new(SkLoop *loop,
                                           int listen_fd,
                                           const SkInspectorLimits *limits,
                                           const SkInspectorWork *work,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends all workers at once. */
void sk_inspector_master_free(SkInspectorMaster *master);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkInspectorMaster, sk_inspector_master_free)

/* For workers born from now on; idle ones are replaced, busy ones after their job. The same
 * limits again change nothing. */
void sk_inspector_master_set_limits(SkInspectorMaster *master, const SkInspectorLimits *limits);
/* Accepts nothing more, lets jobs under way finish, then stops the loop. */
void sk_inspector_master_stop(SkInspectorMaster *master);
