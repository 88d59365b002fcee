/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the input as a policy, judges and explains by it, and shows its complaints. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkPolicyWorld world = fixture_full_world();
    g_autoptr(GPtrArray) complaints = fixture_complaints_new();
    g_autoptr(SkPolicy) policy =
        sk_policy_new("/etc/fuzz", (const char *)data, size, &world, complaints);
    g_autoptr(SkFindings) findings = fixture_findings_new("attach.any mime.tnef inspect.limit");
    g_autoptr(SkDecision) decision = NULL, observed = NULL;
    g_autoptr(GPtrArray) explained = NULL;
    g_autofree SkTri *truths = NULL;
    SkPolicyFacts facts = {.findings = findings, .from = "a@b", .today = "2026-06-15"};

    for (guint i = 0; i < complaints->len; i++)
        g_free(sk_complaint_format(complaints->pdata[i]));
    if (policy == NULL)
        return 0;
    sk_policy_judge(policy, &facts, &decision, &observed);
    explained = sk_policy_explain(policy, &facts);
    g_assert_cmpuint(explained->len, ==, sk_policy_count(policy) + 1);
    truths = g_new(SkTri, explained->len);
    sk_policy_weigh(policy, &facts, truths);
    for (guint i = 0; i < explained->len; i++) {
        g_free(sk_policy_describe_gaps(policy, i));
        g_assert_true(((SkExplained *)explained->pdata[i])->matched ==
                      (truths[i] == SK_TRI_TRUE));
    }
    return 0;
}
