/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-scan.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    SkMailPart part = {.path = "1", .type = "text/html", .is_text = true};
    g_autoptr(SkAttachScan) scan = NULL;
    SkBudget budget;

    limits.bytes = 1 << 22;
    limits.entries = 500;
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_scan_file(scan, "input", sk_bytes(data, size));
    part.content = sk_bytes(data, size);
    sk_attach_scan_part(scan, &part);
    /* What is not wholly inspected says why. */
    if (!sk_attach_scan_inspected(scan))
        g_assert_cmpuint(sk_findings_count(findings), >, 0);
    return 0;
}
