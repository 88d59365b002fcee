/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-frame.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads fields of every kind, chosen by the body itself. */
static void
read_fields(SkBytes body)
{
    SkFrameReader r;

    sk_frame_open(&r, body);
    while (!r.failed && r.left.len > 0) {
        g_autofree char *text = NULL;

        uint8_t kind = sk_frame_get_u8(&r) % 4;

        if (kind == 0)
            (void)sk_frame_get_u32(&r);
        else if (kind == 1)
            (void)sk_frame_get_u64(&r);
        else if (kind == 2)
            text = sk_frame_get_text(&r, 100);
        else
            (void)sk_frame_get_bytes(&r);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkFrame frame;

    if (sk_frame_next(sk_bytes(data, size), 4096, &frame) == SK_FRAME_READY)
        read_fields(frame.body);
    return 0;
}
