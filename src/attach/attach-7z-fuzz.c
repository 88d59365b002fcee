/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const SkAttachReader readers[] = {sk_attach_7z_open};
    SkBudgetLimits limits = sk_budget_limits_default();

    limits.bytes = 4 << 20;
    limits.cpu_ms = 2000;
    for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
        g_auto(SkAttachTrial) t;

        sk_attach_trial_init(&t, &limits, sk_bytes(data, size));
        readers[i](t.scan, &t.file);
    }
    return 0;
}
