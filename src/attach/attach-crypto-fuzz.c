/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-file.h"
#include "attach/attach-pgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const SkAttachType types[] = {SK_ATTACH_PKCS7, SK_ATTACH_PGP};
    SkBudgetLimits limits = sk_budget_limits_default();

    limits.bytes = 1 << 22;
    (void)sk_pgp_is_message(sk_bytes(data, size));
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autoptr(SkFindings) findings = sk_findings_new();
        g_autoptr(SkAttachScan) scan = NULL;
        SkAttachFile file = {.shown = "input", .depth = 1};
        SkBudget budget;

        sk_budget_init(&budget, &limits);
        scan = sk_attach_scan_new(&budget, findings);
        file.bytes = sk_bytes(data, size);
        file.type = types[i];
        sk_attach_crypto_open(scan, &file);
    }
    return 0;
}
