/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scan - asking a virus scanner about bytes
 *
 * Streams: begin, bytes in any pieces, end; then the answer comes. Not being able to ask is an
 * answer as well (malware.temperror): policy decides.
 *
 * Limits: the scanner's own; what is over them is SK_SCAN_LIMIT.
 * Errors: none.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

typedef enum {
    SK_SCAN_CLEAN,
    SK_SCAN_FOUND,     /* NAME is what the scanner calls it */
    SK_SCAN_TEMPERROR, /* NAME says why, for people */
    SK_SCAN_LIMIT,     /* larger than the scanner takes; NAME says so, for people */
    SK_N_SCAN_VERDICTS
} SkScanVerdict;

typedef struct SkScan SkScan;
typedef struct SkScanJob SkScanJob;

/* NAME, borrowed, or NULL. Called once for each begin that was not cancelled, from the event
 * loop's thread, never from inside the functions below; it may come before the end was said.
 * The job is gone then. */
typedef void (*SkScanFunc)(SkScanVerdict verdict, const char *name, void *data);
/* DATA is that of begin. Called as SkScanFunc is. */
typedef void (*SkScanRoomFunc)(void *data);

/* What may be pending before whoever adds should wait for room. */
#define SK_SCAN_ROOM (128 * 1024)

struct SkScan {
    /* ROOM (or NULL) is called when less than SK_SCAN_ROOM is pending again, after more was. */
    SkScanJob *(*begin)(SkScan *scan, SkScanFunc func, SkScanRoomFunc room, void *data);
    void (*add)(SkScanJob *job, SkBytes bytes); /* copied, or sent at once */
    void (*end)(SkScanJob *job);
    /* FUNC will not be called. */
    void (*cancel)(SkScanJob *job);
    /* Bytes that were added and not yet sent: who adds much waits while it is large. SIZE_MAX:
     * nothing more is wanted, an answer will come. */
    size_t (*pending)(const SkScanJob *job);
    void (*free)(SkScan *scan);
};

static inline void
sk_scan_free(SkScan *scan)
{
    if (scan != NULL)
        scan->free(scan);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkScan, sk_scan_free)
