/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-frame.h"

#include <glib.h>

/* The length that stands for "no text". */
#define NO_TEXT UINT32_MAX

SkFrameState
sk_frame_next(SkBytes stream, uint32_t limit, SkFrame *ret_frame)
{
    *ret_frame = (SkFrame){0};
    if (stream.len < SK_FRAME_HEADER)
        return SK_FRAME_SHORT;
    ret_frame->type = sk_bytes_le16(stream, 4);
    ret_frame->len = sk_bytes_le32(stream, 8);
    if (sk_bytes_le32(stream, 0) != SK_FRAME_MAGIC || sk_bytes_le16(stream, 6) != 0 ||
        ret_frame->len > limit)
        return SK_FRAME_BAD;
    if (!sk_bytes_has(stream, SK_FRAME_HEADER, ret_frame->len))
        return SK_FRAME_SHORT;
    ret_frame->body = sk_bytes_slice(stream, SK_FRAME_HEADER, ret_frame->len);
    return SK_FRAME_READY;
}

static void
put(SkFrameWriter *w, const void *data, size_t n)
{
    w->failed |= !sk_buffer_append(w->out, data, n);
}

static void
store_le(uint8_t *at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static void
put_number(SkFrameWriter *w, uint64_t value, size_t n)
{
    uint8_t data[8];

    store_le(data, value, n);
    put(w, data, n);
}

void
sk_frame_begin(SkFrameWriter *w, SkBuffer *out, uint16_t type)
{
    *w = (SkFrameWriter){out, out->len, false};
    put_number(w, SK_FRAME_MAGIC, 4);
    put_number(w, type, 2);
    put_number(w, 0, 2);
    put_number(w, 0, 4);
}

void
sk_frame_put_u8(SkFrameWriter *w, uint8_t value)
{
    put(w, &value, 1);
}

void
sk_frame_put_u32(SkFrameWriter *w, uint32_t value)
{
    put_number(w, value, 4);
}

void
sk_frame_put_u64(SkFrameWriter *w, uint64_t value)
{
    put_number(w, value, 8);
}

void
sk_frame_put_text(SkFrameWriter *w, const char *text)
{
    if (text == NULL)
        sk_frame_put_u32(w, NO_TEXT);
    else
        sk_frame_put_bytes(w, sk_bytes(text, strlen(text)));
}

void
sk_frame_put_bytes(SkFrameWriter *w, SkBytes bytes)
{
    if (bytes.len >= NO_TEXT) {
        w->failed = true;
        return;
    }
    sk_frame_put_u32(w, (uint32_t)bytes.len);
    put(w, bytes.data, bytes.len);
}

bool
sk_frame_finish(SkFrameWriter *w, uint64_t following)
{
    uint64_t len;

    if (!w->failed) {
        len = w->out->len - w->start - SK_FRAME_HEADER + following;
        w->failed = len >= UINT32_MAX;
        store_le(w->out->data + w->start + 8, len, 4);
    }
    if (w->failed)
        w->out->len = w->start;
    return !w->failed;
}

void
sk_frame_open(SkFrameReader *r, SkBytes body)
{
    *r = (SkFrameReader){body, false};
}

/* The next N bytes; empty, and the reader failed, when they are not there. */
static SkBytes
take(SkFrameReader *r, uint64_t n)
{
    SkBytes taken;

    if (r->failed || !sk_bytes_has(r->left, 0, n)) {
        r->failed = true;
        return sk_bytes_slice(r->left, 0, 0);
    }
    taken = sk_bytes_slice(r->left, 0, n);
    r->left = sk_bytes_from(r->left, n);
    return taken;
}

uint8_t
sk_frame_get_u8(SkFrameReader *r)
{
    return sk_bytes_u8(take(r, 1), 0);
}

uint32_t
sk_frame_get_u32(SkFrameReader *r)
{
    return sk_bytes_le32(take(r, 4), 0);
}

uint64_t
sk_frame_get_u64(SkFrameReader *r)
{
    return sk_bytes_le64(take(r, 8), 0);
}

char *
sk_frame_get_text(SkFrameReader *r, uint32_t max)
{
    uint32_t len = sk_frame_get_u32(r);
    SkBytes text;

    if (r->failed || len == NO_TEXT)
        return NULL;
    text = len <= max ? take(r, len) : (SkBytes){0};
    if (r->failed || len > max || (len > 0 && memchr(text.data, '\0', len) != NULL)) {
        r->failed = true;
        return NULL;
    }
    return g_strndup((const char *)text.data, len);
}

SkBytes
sk_frame_get_bytes(SkFrameReader *r)
{
    return take(r, sk_frame_get_u32(r));
}

SkBytes
sk_frame_get_rest(SkFrameReader *r)
{
    return take(r, r->left.len);
}

bool
sk_frame_end(const SkFrameReader *r)
{
    return !r->failed && r->left.len == 0;
}
