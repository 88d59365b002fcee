/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/inspector-ask.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "inspector/inspector-worker.h"
#include "process/process-scan-wire.h"

#define FRAME_MAX (SK_WIRE_PIECE_MAX + SK_KIB)

void
sk_inspector_send(const SkBuffer *out)
{
    SkBytes left = sk_buffer_bytes(out);

    while (left.len > 0) {
        ssize_t n = write(SK_INSPECTOR_JOB_FD, left.data, left.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            _exit(0); /* the client has gone */
        left = sk_bytes_from(left, (size_t)n);
    }
}

static void
send_pieces(SkInspectorAsk *ask, SkBytes bytes)
{
    SkWirePiece piece = {.number = ask->number, .first = true};

    do {
        piece.bytes = sk_bytes_slice(bytes, 0, SK_WIRE_PIECE_MAX);
        bytes = sk_bytes_from(bytes, piece.bytes.len);
        piece.last = bytes.len == 0;
        sk_buffer_reset(&ask->out, FRAME_MAX);
        if (!sk_wire_put_piece(&ask->out, &piece))
            _exit(SK_INSPECTOR_EXIT_PROTOCOL);
        sk_inspector_send(&ask->out);
        piece.first = false;
    } while (!piece.last);
}

/* The connection is read with a time-out, which means nothing here. */
static void
read_some(SkBuffer *in)
{
    ssize_t n;

    if (!sk_buffer_reserve(in, SK_KIB))
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    do
        n = read(SK_INSPECTOR_JOB_FD, in->data + in->len, SK_KIB);
    while (n < 0 && (errno == EINTR || errno == EAGAIN));
    if (n <= 0)
        _exit(0);
    in->len += (size_t)n;
}

static SkScanVerdict
read_verdict(SkInspectorAsk *ask, char **ret_name)
{
    SkWireVerdict verdict = {0};
    SkFrameState state;
    SkFrame frame;

    sk_buffer_reset(&ask->in, SK_WIRE_VERDICT_LIMIT);
    do {
        read_some(&ask->in);
        state = sk_frame_next(sk_buffer_bytes(&ask->in), SK_WIRE_VERDICT_LIMIT, &frame);
    } while (state == SK_FRAME_SHORT);
    if (state != SK_FRAME_READY || frame.type != SK_WIRE_VERDICT ||
        ask->in.len != SK_FRAME_HEADER + frame.body.len ||
        !sk_wire_get_verdict(frame.body, &verdict) || verdict.number != ask->number)
        _exit(SK_INSPECTOR_EXIT_PROTOCOL);
    *ret_name = verdict.name;
    return verdict.verdict;
}

static SkScanVerdict
scan(SkScanNow *now, SkBytes bytes, char **ret_name)
{
    SkInspectorAsk *ask = (SkInspectorAsk *)now;

    if (bytes.len > ask->left) {
        *ret_name = g_strdup_printf("more than the %" PRIu64 " bytes scanned of what is in one "
                                    "message",
                                    ask->bytes);
        return SK_SCAN_LIMIT;
    }
    ask->left -= bytes.len;
    send_pieces(ask, bytes);
    return read_verdict(ask, ret_name);
}

void
sk_inspector_ask_init(SkInspectorAsk *ask, uint32_t number, uint64_t bytes)
{
    *ask = (SkInspectorAsk){.port = {scan}, .number = number, .bytes = bytes, .left = bytes};
    sk_buffer_init(&ask->out, FRAME_MAX);
    sk_buffer_init(&ask->in, SK_FRAME_HEADER + SK_WIRE_VERDICT_LIMIT + SK_KIB);
}

void
sk_inspector_ask_clear(SkInspectorAsk *ask)
{
    sk_buffer_clear(&ask->out);
    sk_buffer_clear(&ask->in);
}
