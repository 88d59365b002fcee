/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Half a second, so that an input that takes long by right is not called a hang. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkAttachScan) scan = NULL;
    SkAttachFile file = {.bytes = sk_bytes(data, size), .shown = "fuzz", .depth = 1};
    SkBudget budget;

    limits.cpu_ms = 500;
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_cfb_open(scan, &file);
    return 0;
}
