/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zlib.h"

#include <zlib.h>

#define STEP (64u * 1024)

static void
end_stream(z_stream *stream)
{
    (void)inflateEnd(stream);
}

bool
sk_inflate(SkBytes packed, SkInflateWrapper wrapper, SkBudget *budget, SkBuffer *out)
{
    __attribute__((cleanup(end_stream))) z_stream z = {0};
    uint64_t made = 0;
    int status = inflateInit2(&z, wrapper);

    z.next_in = (Bytef *)packed.data;
    z.avail_in = (uInt)packed.len;
    while (status == Z_OK) {
        if (!sk_buffer_reserve(out, STEP))
            return false;
        z.next_out = out->data + out->len;
        z.avail_out = STEP;
        status = inflate(&z, Z_SYNC_FLUSH);
        out->len += STEP - z.avail_out;
        if (!sk_budget_take_bytes(budget, STEP - z.avail_out, packed.len, made) ||
            !sk_budget_check_time(budget))
            return false;
        made += STEP - z.avail_out;
    }
    return status == Z_STREAM_END;
}
