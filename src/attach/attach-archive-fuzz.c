/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says what the rest is taken for. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const SkAttachType types[] = {
        SK_ATTACH_TAR,   SK_ATTACH_CPIO, SK_ATTACH_AR,   SK_ATTACH_CAB,     SK_ATTACH_LHA,
        SK_ATTACH_ISO,   SK_ATTACH_GZIP, SK_ATTACH_XZ,   SK_ATTACH_ZSTD,    SK_ATTACH_LZ4,
        SK_ATTACH_BZIP2, SK_ATTACH_LZMA, SK_ATTACH_LZIP, SK_ATTACH_COMPRESS};
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkAttachScan) scan = NULL;
    SkAttachFile file = {.shown = "input", .depth = 1};
    SkBudget budget;

    if (size == 0)
        return 0;
    limits.bytes = 1 << 22;
    limits.entries = 500;
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    file.bytes = sk_bytes(data + 1, size - 1);
    file.type = types[data[0] % G_N_ELEMENTS(types)];
    sk_attach_format(file.type)->reader(scan, &file);
    return 0;
}
