/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-7z-cursor - the numbers of a 7z list, read one after the other
 *
 * Reading on after `bad` yields zeros, so that callers may ask once at the end of a group; a
 * loop over a foreign count asks each time round.
 */

#include "base/bytes.h"

typedef struct {
    SkBytes b;
    uint64_t at;
    bool bad; /* read beyond the end */
} SkAttach7zCursor;

static inline uint64_t
sk_attach_7z_left(const SkAttach7zCursor *c)
{
    return c->at < c->b.len ? c->b.len - c->at : 0;
}

/* The next N bytes. */
static inline SkBytes
sk_attach_7z_take(SkAttach7zCursor *c, uint64_t n)
{
    SkBytes taken = sk_bytes_slice(c->b, c->at, n);

    if (c->bad || n > sk_attach_7z_left(c)) {
        c->bad = true;
        return sk_bytes_slice(c->b, 0, 0);
    }
    c->at += n;
    return taken;
}

static inline uint8_t
sk_attach_7z_byte(SkAttach7zCursor *c)
{
    return sk_bytes_u8(sk_attach_7z_take(c, 1), 0);
}

static inline uint32_t
sk_attach_7z_u32(SkAttach7zCursor *c)
{
    return sk_bytes_le32(sk_attach_7z_take(c, 4), 0);
}

/* The leading one bits of the first byte say how many bytes follow; what is left of it is the
 * highest part of the number. */
static inline uint64_t
sk_attach_7z_number(SkAttach7zCursor *c)
{
    uint8_t first = sk_attach_7z_byte(c);
    uint8_t mask = 0x80;
    uint64_t value = 0;
    unsigned n = 0;

    for (; n < 8 && (first & mask) != 0; n++, mask >>= 1)
        value |= (uint64_t)sk_attach_7z_byte(c) << (8 * n);
    if (n < 8)
        value |= (uint64_t)(first & (mask - 1)) << (8 * n);
    return value;
}

/* A number of things of which each takes at least MIN_BYTES more: never more than can be. */
static inline uint64_t
sk_attach_7z_count(SkAttach7zCursor *c, uint64_t min_bytes)
{
    uint64_t n = sk_attach_7z_number(c);

    if (n > sk_attach_7z_left(c) / min_bytes)
        c->bad = true;
    return c->bad ? 0 : n;
}
