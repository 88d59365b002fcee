/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-splice-testing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is replaced, what stands beside it reads as before. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const orders[][2] = {{NULL}, {"1", NULL}, {"1.2", NULL}, {"2", NULL}};

    for (unsigned i = 0; i < G_N_ELEMENTS(orders); i++) {
        g_auto(SkBuffer) out = {0};

        if (sk_test_splice(sk_bytes(data, size), orders[i], &out) == SK_SPLICE_DONE)
            sk_test_splice_compare(sk_bytes(data, size), sk_buffer_bytes(&out));
    }
    return 0;
}
