/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256

void
sk_buffer_init(SkBuffer *b, size_t limit)
{
    *b = (SkBuffer){.limit = limit};
}

void
sk_buffer_clear(SkBuffer *b)
{
    free(b->data);
    *b = (SkBuffer){.limit = b->limit};
}

bool
sk_buffer_reserve(SkBuffer *b, size_t n)
{
    size_t cap = b->cap > 0 ? b->cap : FIRST_SIZE;
    uint8_t *data;

    if (n > b->limit - b->len) {
        b->full = true;
        return false;
    }
    if (n <= b->cap - b->len)
        return true;
    while (cap < b->len + n)
        cap += cap; /* cannot overflow: len + n <= limit */
    if (b->len == 0)
        cap = MAX(n, FIRST_SIZE);
    cap = MIN(cap, b->limit);
    data = realloc(b->data, cap);
    if (data == NULL) {
        b->full = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

bool
sk_buffer_append(SkBuffer *b, const void *data, size_t n)
{
    if (n == 0)
        return true;
    if (!sk_buffer_reserve(b, n))
        return false;
    memcpy(b->data + b->len, data, n);
    b->len += n;
    return true;
}

bool
sk_buffer_append_text(SkBuffer *b, const char *text)
{
    return sk_buffer_append(b, text, strlen(text));
}

void
sk_buffer_reset(SkBuffer *b, size_t keep)
{
    b->len = 0;
    b->full = false;
    if (b->cap > keep)
        sk_buffer_clear(b);
}

void
sk_buffer_consume(SkBuffer *b, size_t n)
{
    g_assert(n <= b->len);
    b->len -= n;
    if (b->len > 0 && n > 0)
        memmove(b->data, b->data + n, b->len);
}

SkBytes
sk_buffer_bytes(const SkBuffer *b)
{
    /* Never NULL: C allows no arithmetic on it, not even by zero. */
    return sk_bytes(b->data != NULL ? b->data : (const uint8_t *)"", b->len);
}
