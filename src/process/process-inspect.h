/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-inspect - the port inspect carried out by sekisho-inspector over its socket
 *
 * Keeps a number of connections for each pool, each to a worker of its own; a job takes the one
 * that was used last, or opens another up to the limit, or waits. Connections that were not
 * used for a minute are closed, save one. A job whose worker ended before it began goes to
 * another; one that its worker died of has that as its result.
 *
 * Limits: WORKERS_PER_POOL connections a pool; WAIT_MS until a worker takes the job; then 90 s,
 * which an inspector's own limits (60 s at most) come before.
 * Errors: IO: no inspector, or it ended during the job; TIMEOUT: no worker was free in time, or
 * none of those limits worked; PROTOCOL: the inspector is of another version. Each job tries
 * anew.
 * Security: a pool's jobs never meet those of another in one worker.
 */

#include <stdint.h>

#include "base/loop.h"
#include "port/inspect.h"
#include "port/scan.h"

/* SOCKET_PATH is copied. Belongs to the loop's thread and is freed before the loop, but not
 * from inside an SkInspectFunc; jobs that are still under way are forgotten. A job's memfd must
 * be sealed against shrinking: the worker maps it. */
SkInspect *sk_process_inspect_new(SkLoop *loop,
                                  const char *socket_path,
                                  unsigned workers_per_pool,
                                  int64_t wait_ms) G_GNUC_WARN_UNUSED_RESULT;

/* Before the first job: what inspections unpack is scanned by SCAN, which is borrowed and freed
 * afterwards, for NEED_MS of each. Their wall time goes on meanwhile: let it be longer. */
void sk_process_inspect_set_scan(SkInspect *inspect, SkScan *scan, int64_t need_ms);
