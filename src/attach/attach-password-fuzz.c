/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever the password came to, what it did not open is said to be encrypted. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    SkInspectTry try = {.password = "secret"};
    g_autoptr(SkAttachScan) scan = NULL;
    SkBudget budget;

    limits.bytes = 8 << 20;
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_scan_set_try(scan, &try);
    sk_attach_scan_file(scan, "a", sk_bytes(data, size));
    if (try.wrong + try.unsupported > 0)
        g_assert_cmpuint(sk_findings_count(findings), >, 0);
    return 0;
}
