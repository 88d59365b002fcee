/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-need - carries out what a worker needs during a job: scans of files it unpacked
 *
 * Takes the pieces that process-link reads, gives them to a scanner, and answers once the last
 * piece was there and a verdict is. A worker waits for each answer, so every file gets one, and
 * in time: all files of a job together may take so long and no longer, then the answer is
 * SK_SCAN_TEMPERROR at once. For a worker that waits is ended by its master in the end.
 *
 * Limits: one file at a time; NEED_MS for the files of one job; NEED_PENDING bytes unsent.
 * Errors: none.
 * Security: pieces out of turn are refused; the worker is then no worker of ours.
 */

#include <stdint.h>

#include "port/scan.h"
#include "process/process-scan-wire.h"

typedef struct SkNeed SkNeed;

/* Called from inside sk_need_take() and sk_need_check(), too; neither frees the need. */
typedef struct {
    void (*answer)(SkScanVerdict verdict, const char *name, void *data);
    void (*room)(void *data); /* it is not crowded any more */
    void *data;
} SkNeedHost;

/* SCAN is borrowed. NEED_MS: for all files of a job. */
SkNeed *sk_need_new(SkScan *scan, int64_t need_ms, const SkNeedHost *host);
void sk_need_free(SkNeed *need);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkNeed, sk_need_free)

/* Another job begins, or the last one has ended: nobody waits for an answer. */
void sk_need_reset(SkNeed *need);
/* False: it is not the turn of this piece. */
bool sk_need_take(SkNeed *need, const SkWirePiece *piece);
/* Whether to take no more pieces until there is room. */
bool sk_need_is_crowded(const SkNeed *need);
/* Gives up what takes too long. To be called now and then. */
void sk_need_check(SkNeed *need);
