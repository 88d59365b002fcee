/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-desk-wire.h"

#include <glib.h>

bool
sk_desk_wire_init(SkBuffer *buffer, size_t limit)
{
    sk_buffer_init(buffer, SK_FRAME_HEADER + limit);
    return sk_buffer_reserve(buffer, SK_FRAME_HEADER);
}

bool
sk_desk_wire_put(SkBuffer *buffer, const char *text)
{
    size_t len = strlen(text);
    SkFrameWriter writer;

    if (!sk_buffer_reserve(buffer, SK_FRAME_HEADER + len))
        return false;
    sk_frame_begin(&writer, buffer, SK_DESK_FRAME);
    return sk_frame_finish(&writer, len) && sk_buffer_append(buffer, text, len);
}

SkDeskWire
sk_desk_wire_look(SkBuffer *buffer, size_t *ret_want)
{
    SkFrame frame;
    SkFrameState state = sk_frame_next(sk_buffer_bytes(buffer),
                                       (uint32_t)(buffer->limit - SK_FRAME_HEADER), &frame);

    if (state == SK_FRAME_READY)
        return frame.type == SK_DESK_FRAME ? SK_DESK_WIRE_READY : SK_DESK_WIRE_BAD;
    *ret_want = SK_FRAME_HEADER + frame.len - buffer->len;
    if (state == SK_FRAME_BAD || !sk_buffer_reserve(buffer, *ret_want))
        return SK_DESK_WIRE_BAD;
    return SK_DESK_WIRE_MORE;
}

char *
sk_desk_wire_get(const SkBuffer *buffer)
{
    SkBytes text = sk_bytes_from(sk_buffer_bytes(buffer), SK_FRAME_HEADER);

    if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
        return NULL;
    return g_strndup((const char *)text.data, text.len);
}

void
sk_desk_wire_clear(SkBuffer *buffer)
{
    if (buffer->data != NULL)
        explicit_bzero(buffer->data, buffer->cap);
    sk_buffer_clear(buffer);
}

void
sk_desk_wire_free_text(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    g_free(text);
}
