/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-cursor - the fields of a header, read one after the other
 *
 * Reading on after `bad` yields zeros, so that callers may ask once at the end of a group; a
 * loop over a foreign count asks each time round.
 */

#include "base/bytes.h"

typedef struct {
    SkBytes b;
    uint64_t at;
    bool bad; /* read beyond the end */
} SkAttachCursor;

static inline uint64_t
sk_attach_cursor_left(const SkAttachCursor *c)
{
    return c->at < c->b.len ? c->b.len - c->at : 0;
}

/* The next N bytes. */
static inline SkBytes
sk_attach_cursor_take(SkAttachCursor *c, uint64_t n)
{
    SkBytes taken = sk_bytes_slice(c->b, c->at, n);

    if (c->bad || n > sk_attach_cursor_left(c)) {
        c->bad = true;
        return sk_bytes_slice(c->b, 0, 0);
    }
    c->at += n;
    return taken;
}

static inline uint8_t
sk_attach_cursor_byte(SkAttachCursor *c)
{
    return sk_bytes_u8(sk_attach_cursor_take(c, 1), 0);
}

static inline uint32_t
sk_attach_cursor_u32(SkAttachCursor *c)
{
    return sk_bytes_le32(sk_attach_cursor_take(c, 4), 0);
}

/* A number of RAR 5: seven bits a byte, the lowest first, the highest bit says that more come.
 * Ten bytes at most; what does not fit in 64 bits is bad. */
static inline uint64_t
sk_attach_cursor_vint(SkAttachCursor *c)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = sk_attach_cursor_byte(c);

        if (shift == 63 && (byte & 0x7e) != 0)
            break;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    c->bad = true;
    return 0;
}
