/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-scan-wire - files that a worker has its client scan, and verdicts on them, as frames
 *
 * Only during a job that allows it. Worker to client: one file at a time, in pieces, the first
 * and the last marked (a small file is one piece). Client to worker: a verdict on each, after
 * its last piece. Pieces end with a mark, as results do: one cut short and completed by other
 * bytes is never taken for whole.
 *
 * Limits: SK_WIRE_PIECE_MAX bytes a piece, SK_WIRE_VERDICT_LIMIT.
 * Errors: none; false for what is no piece or verdict.
 * Security: pieces may come from a worker that a message took over. It can ask for scans of
 * what it likes, of its own job.
 */

#include "base/limit.h"
#include "port/scan.h"
#include "process/process-frame.h"

enum {
    SK_WIRE_PIECE = 4,
    SK_WIRE_VERDICT = 5,
};

#define SK_WIRE_PIECE_MAX     (64 * SK_KIB)
#define SK_WIRE_VERDICT_LIMIT (4 * SK_KIB)

typedef struct {
    uint32_t number; /* of the job under way */
    bool first;
    bool last;
    SkBytes bytes; /* borrowed from the frame */
} SkWirePiece;

bool sk_wire_put_piece(SkBuffer *out, const SkWirePiece *piece);
bool sk_wire_get_piece(SkBytes body, SkWirePiece *ret_piece);

typedef struct {
    uint32_t number; /* of the job under way */
    SkScanVerdict verdict;
    char *name; /* as in SkScanFunc */
} SkWireVerdict;

/* NAME is cut if need be. */
void sk_wire_put_verdict(SkBuffer *out,
                         uint32_t number,
                         SkScanVerdict verdict,
                         const char *name);
/* The caller owns the name. */
bool sk_wire_get_verdict(SkBytes body, SkWireVerdict *ret_verdict);
