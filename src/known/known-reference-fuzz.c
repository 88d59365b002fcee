/* SPDX-License-Identifier: Apache-2.0 */
#include "known/known-reference.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int last_first = 0; last_first < 2; last_first++) {
        g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

        sk_known_references(sk_bytes(data, size), last_first == 1, 10, ids);
        g_assert_cmpuint(ids->len, <=, 10);
        for (guint i = 0; i < ids->len; i++) {
            const char *id = ids->pdata[i];
            size_t len = strlen(id);

            g_assert(len >= 3 && len <= SK_KNOWN_ID_MAX + 1);
            g_assert(id[0] == '<' && id[len - 1] == '>');
        }
    }
    return 0;
}
