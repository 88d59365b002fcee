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

        switch (sk_frame_get_u8(&r) % 5) {
        case 0:
            (void)sk_frame_get_u32(&r);
            break;
        case 1:
            (void)sk_frame_get_u64(&r);
            break;
        case 2:
            text = sk_frame_get_text(&r, 100);
            break;
        default:
            (void)sk_frame_get_bytes(&r);
        }
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
