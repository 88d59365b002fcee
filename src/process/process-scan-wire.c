/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-scan-wire.h"

#include "base/text.h"

/* As the ends of process-wire: it holds a byte that no UTF-8 text has. */
#define PIECE_END 0xff6370ffu

enum {
    FLAG_FIRST = 1 << 0,
    FLAG_LAST = 1 << 1,
};

bool
sk_wire_put_piece(SkBuffer *out, const SkWirePiece *piece)
{
    SkFrameWriter w;

    g_assert(piece->bytes.len <= SK_WIRE_PIECE_MAX);
    sk_frame_begin(&w, out, SK_WIRE_PIECE);
    sk_frame_put_u32(&w, piece->number);
    sk_frame_put_u8(&w,
                    (uint8_t)((piece->first ? FLAG_FIRST : 0) | (piece->last ? FLAG_LAST : 0)));
    sk_frame_put_bytes(&w, piece->bytes);
    sk_frame_put_u32(&w, PIECE_END);
    return sk_frame_finish(&w, 0);
}

bool
sk_wire_get_piece(SkBytes body, SkWirePiece *ret_piece)
{
    SkWirePiece piece;
    SkFrameReader r;
    uint8_t flags;
    uint32_t end;

    sk_frame_open(&r, body);
    piece.number = sk_frame_get_u32(&r);
    flags = sk_frame_get_u8(&r);
    piece.bytes = sk_frame_get_bytes(&r);
    end = sk_frame_get_u32(&r);
    if (!sk_frame_end(&r) || end != PIECE_END || flags > (FLAG_FIRST | FLAG_LAST) ||
        piece.bytes.len > SK_WIRE_PIECE_MAX)
        return false;
    piece.first = (flags & FLAG_FIRST) != 0;
    piece.last = (flags & FLAG_LAST) != 0;
    *ret_piece = piece;
    return true;
}

void
sk_wire_put_verdict(SkBuffer *out, uint32_t number, SkScanVerdict verdict, const char *name)
{
    g_autofree char *safe =
        name != NULL ? sk_text_safe(sk_bytes(name, strlen(name)), SK_LIMIT_FINDING_TEXT) : NULL;
    SkFrameWriter w;

    sk_frame_begin(&w, out, SK_WIRE_VERDICT);
    sk_frame_put_u32(&w, number);
    sk_frame_put_u8(&w, (uint8_t)verdict);
    sk_frame_put_text(&w, safe);
    g_assert(sk_frame_finish(&w, 0));
}

bool
sk_wire_get_verdict(SkBytes body, SkWireVerdict *ret_verdict)
{
    g_autofree char *name = NULL;
    SkFrameReader r;
    uint32_t number;
    uint8_t verdict;

    sk_frame_open(&r, body);
    number = sk_frame_get_u32(&r);
    verdict = sk_frame_get_u8(&r);
    name = sk_frame_get_text(&r, SK_WIRE_VERDICT_LIMIT);
    if (!sk_frame_end(&r) || verdict >= SK_N_SCAN_VERDICTS)
        return false;
    *ret_verdict = (SkWireVerdict){number, (SkScanVerdict)verdict, g_steal_pointer(&name)};
    return true;
}
