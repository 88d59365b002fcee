/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-agile.h"
#include "attach/attach-file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The two kinds of XML that are read: ODF manifests and descriptions of agile encryption. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkAttachScan) scan = NULL;
    SkAttachFile file = {.shown = "fuzz", .depth = 1};
    SkAttachAgile agile;
    SkBudget budget;

    limits.cpu_ms = 500;
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_odf_manifest(scan, &file, sk_bytes(data, size));
    if (sk_attach_agile_read(sk_bytes(data, size), &agile))
        (void)sk_attach_agile_matches(&agile, &budget, SK_ATTACH_EXCEL_PASSWORD);
    return 0;
}
