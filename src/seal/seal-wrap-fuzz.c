/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal-wrap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted but dear is not computed: it would be the same, only slower. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBytes wrapped = sk_bytes(data, size);
    g_autoptr(SkSealPair) pair = NULL;
    SkSealCost cost = {0, 0};

    if (sk_seal_wrap_read_cost(wrapped, &cost))
        g_assert_true(cost.passes <= SK_SEAL_COST_PASSES_MAX &&
                      cost.memory_kib <= SK_SEAL_COST_MEMORY_KIB_MAX);
    if (cost.memory_kib <= 64)
        pair = sk_seal_unwrap(wrapped, "0123456789abcdef", sk_bytes("secret", 6), NULL);
    return 0;
}
