/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-inflate.h"

#include <zlib.h>

#define STEP (64u * 1024)

static bool
keep(SkBudget *budget, const uint8_t *step, size_t n, SkBytes packed, SkBuffer *out)
{
    return n > 0 && sk_budget_check_time(budget) &&
           sk_budget_take_bytes(budget, n, packed.len, out->len) &&
           sk_buffer_append(out, step, n);
}

bool
sk_attach_inflate(SkBudget *budget, SkBytes packed, SkBuffer *out)
{
    z_stream z = {.next_in = (Bytef *)packed.data, .avail_in = (uInt)MIN(packed.len, UINT_MAX)};
    uint8_t step[STEP];
    int status = Z_OK;

    sk_buffer_init(out, (size_t)MIN(budget->left.bytes, SIZE_MAX));
    if (inflateInit(&z) != Z_OK)
        return false;
    while (status == Z_OK) {
        z.next_out = step;
        z.avail_out = STEP;
        status = inflate(&z, Z_NO_FLUSH);
        if (!keep(budget, step, STEP - z.avail_out, packed, out))
            break;
    }
    inflateEnd(&z);
    /* An empty stream ends without a byte; there is nothing to keep then. */
    return status == Z_STREAM_END && budget->spent == SK_BUDGET_OK && !out->full;
}
