/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bytes - a borrowed range of foreign bytes, read without ever leaving it
 *
 * Every parser of foreign bytes reads through these functions. A read beyond the end yields
 * zero and a slice beyond the end is cut, so that a parser that forgets a check is wrong about
 * the file but cannot touch other memory; sk_bytes_has() is how it finds out.
 *
 * Errors: none.
 * Security: offsets and lengths may be any value; no arithmetic here overflows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *data;
    size_t len;
} SkBytes;

/* "Not found". */
#define SK_BYTES_NONE SIZE_MAX

/* A range over the LEN bytes at DATA; the memory stays its owner's. */
static inline SkBytes
sk_bytes(const void *data, size_t len)
{
    return (SkBytes){data, len};
}

/* Whether N bytes stand at AT. */
static inline bool
sk_bytes_has(SkBytes b, uint64_t at, uint64_t n)
{
    return at <= b.len && n <= b.len - at;
}

/* The N bytes at AT, cut to what is there; empty when AT is beyond the end. */
static inline SkBytes
sk_bytes_slice(SkBytes b, uint64_t at, uint64_t n)
{
    if (at >= b.len) /* no bytes may mean no address, to which nothing can be added */
        return (SkBytes){b.len > 0 ? b.data + b.len : b.data, 0};
    return (SkBytes){b.data + at, n < b.len - at ? (size_t)n : b.len - (size_t)at};
}

/* Everything from AT on. */
static inline SkBytes
sk_bytes_from(SkBytes b, uint64_t at)
{
    return sk_bytes_slice(b, at, UINT64_MAX);
}

static inline uint8_t
sk_bytes_u8(SkBytes b, uint64_t at)
{
    return at < b.len ? b.data[at] : 0;
}

static inline uint16_t
sk_bytes_le16(SkBytes b, uint64_t at)
{
    if (!sk_bytes_has(b, at, 2))
        return 0;
    return (uint16_t)(b.data[at] | b.data[at + 1] << 8);
}

static inline uint32_t
sk_bytes_le32(SkBytes b, uint64_t at)
{
    if (!sk_bytes_has(b, at, 4))
        return 0;
    return (uint32_t)sk_bytes_le16(b, at) | (uint32_t)sk_bytes_le16(b, at + 2) << 16;
}

static inline uint64_t
sk_bytes_le64(SkBytes b, uint64_t at)
{
    if (!sk_bytes_has(b, at, 8))
        return 0;
    return (uint64_t)sk_bytes_le32(b, at) | (uint64_t)sk_bytes_le32(b, at + 4) << 32;
}

static inline uint16_t
sk_bytes_be16(SkBytes b, uint64_t at)
{
    return __builtin_bswap16(sk_bytes_le16(b, at));
}

static inline uint32_t
sk_bytes_be32(SkBytes b, uint64_t at)
{
    return __builtin_bswap32(sk_bytes_le32(b, at));
}

/* Whether the N bytes of WHAT stand at AT. */
static inline bool
sk_bytes_at(SkBytes b, uint64_t at, const void *what, size_t n)
{
    return sk_bytes_has(b, at, n) && memcmp(b.data + at, what, n) == 0;
}

/* The same for a string literal, which may hold NULs: sk_bytes_is(b, 0, "PK\3\4"). */
#define sk_bytes_is(b, at, literal) sk_bytes_at(b, at, "" literal, sizeof literal - 1)

/* Where PART, which was sliced from B, begins in it; SK_BYTES_NONE: it is other memory. */
static inline size_t
sk_bytes_offset(SkBytes b, SkBytes part)
{
    uintptr_t at = (uintptr_t)part.data - (uintptr_t)b.data;

    return at <= b.len && part.len <= b.len - at ? at : SK_BYTES_NONE;
}

/* Where the N bytes of WHAT first stand at or after FROM, or SK_BYTES_NONE. */
size_t sk_bytes_find(SkBytes b, const void *what, size_t n, size_t from);

/* Where they last stand, at or after FLOOR, or SK_BYTES_NONE. */
size_t sk_bytes_find_last(SkBytes b, const void *what, size_t n, size_t floor);

/* Compares with the text WHAT, ASCII letters without case. */
bool sk_bytes_equal_nocase(SkBytes b, const char *what);
