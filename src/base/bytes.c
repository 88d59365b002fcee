/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memmem, memrchr */
#include "base/bytes.h"

#include <glib.h>

/* memchr() passes over 20 GB/s, memmem() over one: what begins rarely is found by its first
 * byte. Long needles, which a hostile text could begin at every byte, are memmem()'s. */
#define SHORT 8

static const uint8_t *
find_short(const uint8_t *at, const uint8_t *end, const uint8_t *what, size_t n)
{
    while ((size_t)(end - at) >= n) {
        at = memchr(at, *what, (size_t)(end - at) - n + 1);
        if (at == NULL || memcmp(at, what, n) == 0)
            return at;
        at++;
    }
    return NULL;
}

size_t
sk_bytes_find(SkBytes b, const void *what, size_t n, size_t from)
{
    const uint8_t *hit;

    if (n == 0 || !sk_bytes_has(b, from, n))
        return SK_BYTES_NONE;
    hit = n <= SHORT ? find_short(b.data + from, b.data + b.len, what, n)
                     : memmem(b.data + from, b.len - from, what, n);
    return hit != NULL ? (size_t)(hit - b.data) : SK_BYTES_NONE;
}

size_t
sk_bytes_find_last(SkBytes b, const void *what, size_t n, size_t floor)
{
    const uint8_t *first = what;

    if (n == 0 || b.len < n)
        return SK_BYTES_NONE;
    for (size_t end = b.len - n + 1; end > floor;) {
        const uint8_t *hit = memrchr(b.data + floor, *first, end - floor);

        if (hit == NULL)
            return SK_BYTES_NONE;
        if (memcmp(hit, what, n) == 0)
            return (size_t)(hit - b.data);
        end = (size_t)(hit - b.data);
    }
    return SK_BYTES_NONE;
}

bool
sk_bytes_equal_nocase(SkBytes b, const char *what)
{
    return strlen(what) == b.len && g_ascii_strncasecmp((const char *)b.data, what, b.len) == 0;
}
