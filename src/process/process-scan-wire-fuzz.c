/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-scan-wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkWireVerdict verdict = {0};
    SkWirePiece piece = {0};
    SkFrame frame;

    if (sk_frame_next(sk_bytes(data, size), 2 * SK_WIRE_PIECE_MAX, &frame) != SK_FRAME_READY)
        return 0;
    if (frame.type == SK_WIRE_PIECE && sk_wire_get_piece(frame.body, &piece))
        g_assert(piece.bytes.len <= SK_WIRE_PIECE_MAX);
    if (frame.type == SK_WIRE_VERDICT && sk_wire_get_verdict(frame.body, &verdict))
        g_assert(verdict.verdict < SK_N_SCAN_VERDICTS);
    g_free(verdict.name);
    return 0;
}
