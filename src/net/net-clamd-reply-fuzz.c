/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-clamd-reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = NULL;
    SkScanVerdict verdict = sk_clamd_reply_read(sk_bytes(data, size), &name);

    g_assert((verdict == SK_SCAN_CLEAN) == (name == NULL));
    g_assert((verdict == SK_SCAN_CLEAN) ==
             (size == 10 && memcmp(data, "stream: OK", size) == 0));
    g_assert(name == NULL || (name[0] != '\0' && g_utf8_validate(name, -1, NULL)));
    return 0;
}
