/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-data.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says how long the pieces are. Nothing but the end may look like the end to a
 * server that ends lines at CRLF, or at LF. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes left = sk_bytes_from(sk_bytes(data, size), 1);
    size_t step = 1 + sk_bytes_u8(sk_bytes(data, size), 0), at;
    g_auto(SkBuffer) out;
    SkSmtpData state;

    sk_buffer_init(&out, 2 * size + 5);
    sk_smtp_data_init(&state);
    while (left.len > 0) {
        SkBytes piece = sk_bytes_slice(left, 0, step);

        g_assert_true(sk_smtp_data_add(&state, piece, &out));
        left = sk_bytes_from(left, piece.len);
    }
    g_assert_true(sk_smtp_data_end(&state, &out));
    at = sk_bytes_find(sk_buffer_bytes(&out), "\n.\r\n", 4, 0);
    g_assert_true(at == SK_BYTES_NONE || at == out.len - 4);
    g_assert_cmpuint(sk_bytes_find(sk_buffer_bytes(&out), "\n.\n", 3, 0), ==, SK_BYTES_NONE);
    return 0;
}
