/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-agile.h"
#include "attach/attach-trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_manifest(SkAttachScan *scan, SkAttachFile *file)
{
    sk_attach_odf_manifest(scan, file, file->bytes);
}

/* The two kinds of XML that are read: ODF manifests and descriptions of agile encryption. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkBudgetLimits limits = sk_attach_trial_limits();
    SkAttachAgile agile;
    SkBudget budget;

    sk_attach_trial_read(read_manifest, SK_ATTACH_ODF, sk_bytes(data, size));
    sk_budget_init(&budget, &limits);
    if (sk_attach_agile_read(sk_bytes(data, size), &agile))
        (void)sk_attach_agile_matches(&agile, &budget, SK_ATTACH_EXCEL_PASSWORD);
    return 0;
}
