/* SPDX-License-Identifier: Apache-2.0 */
#include "port/inspect.h"

SkInspectResult *
sk_inspect_result_new(void)
{
    SkInspectResult *result = g_new0(SkInspectResult, 1);

    result->findings = sk_findings_new();
    return result;
}

void
sk_inspect_result_free(SkInspectResult *result)
{
    if (result == NULL)
        return;
    sk_findings_free(result->findings);
    g_free(result->type);
    g_free(result);
}

const char *
sk_encrypted_name(SkEncrypted encrypted)
{
    static const char *const names[] = {"none", "some", "all", "headers"};

    g_assert(encrypted < G_N_ELEMENTS(names));
    return names[encrypted];
}
