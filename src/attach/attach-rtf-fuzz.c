/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Four small readers; the first byte chooses, as it does in their files. */
static SkAttachReader
choose(uint8_t first)
{
    switch (first) {
    case '{':
        return sk_attach_rtf_open;
    case 0xE4:
        return sk_attach_onenote_open;
    case 0:
        return sk_attach_access_open;
    default:
        return sk_attach_biff_open;
    }
}

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
    choose(sk_bytes_u8(file.bytes, 0))(scan, &file);
    return 0;
}
