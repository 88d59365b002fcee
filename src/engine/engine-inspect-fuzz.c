/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-inspect.h"

#include "base/limit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static SkInspectResult *
inspect(SkInspectKind kind, SkBytes bytes)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    SkInspectResult *result;

    limits.bytes = 4 * SK_MIB;
    limits.entries = 500;
    limits.unpacked_entries = 100;
    limits.parts = 200;
    limits.depth = 5;
    result = sk_engine_inspect(kind, "input", bytes, NULL, &limits);
    /* What is not wholly inspected says why. */
    if (!result->inspected)
        g_assert_cmpuint(sk_findings_count(result->findings), >, 0);
    return result;
}

/* A message through every check of content; whatever is no message is a file to them. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(SkInspectResult) mail = inspect(SK_INSPECT_MAIL, sk_bytes(data, size));
    g_autoptr(SkInspectResult) file = inspect(SK_INSPECT_FILE, sk_bytes(data, size));

    return 0;
}
