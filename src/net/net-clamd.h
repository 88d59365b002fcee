/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-clamd - the port scan carried out by clamd over its socket
 *
 * A connection for each scan: a session of several would save 20 us of 400 and have to tell an
 * end by clamd (restart, IdleTimeout) from one in the middle of a scan. A scan takes its
 * connection when it has something to send, so that who gathers slowly keeps nobody waiting.
 *
 * Limits: OPTIONS; a scan beyond `size` is not sent to its end.
 * Errors: CONFIG: the endpoint is none. Afterwards none: what goes wrong is SK_SCAN_TEMPERROR,
 * at once when nobody listens, else within `wait_ms`.
 * Security: clamd is believed when it says "OK" after it was given everything, never before.
 */

#include <stdint.h>

#include "base/loop.h"
#include "port/scan.h"

typedef struct {
    const char *endpoint; /* unix:PATH, inet:ADDRESS:PORT; copied */
    unsigned connections; /* side by side; others wait */
    int64_t wait_ms;      /* from begin to answer */
    uint64_t size;        /* bytes of one scan */
} SkClamdOptions;

/* Belongs to the loop's thread and is freed before the loop, but not from inside an SkScanFunc;
 * what is still under way is forgotten. */
SkScan *sk_clamd_new(SkLoop *loop,
                     const SkClamdOptions *options,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
