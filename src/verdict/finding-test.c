/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict/finding.h"

#include <string.h>

#include "base/limit.h"

static void
test_ids(void)
{
    SkFindingId id;

    g_assert_true(sk_finding_id_parse("attach.encrypted.zip", &id));
    g_assert_cmpint(id, ==, SK_FINDING_ATTACH_ENCRYPTED_ZIP);
    g_assert_true(sk_finding_id_below(id, "attach"));
    g_assert_true(sk_finding_id_below(id, "attach.encrypted"));
    g_assert_true(sk_finding_id_below(id, "attach.encrypted.zip"));
    g_assert_false(sk_finding_id_below(id, "attach.encrypted.zi"));
    g_assert_false(sk_finding_id_below(id, "attach.enc"));
    g_assert_false(sk_finding_id_parse("attach.encrypted", &id));
    for (int i = 0; i < SK_N_FINDINGS; i++) {
        g_assert_cmpstr(sk_finding_id_name((SkFindingId)i), !=, "");
        g_assert_true(sk_finding_id_parse(sk_finding_id_name((SkFindingId)i), &id));
        g_assert_cmpint(id, ==, i);
    }
}

static void
test_find_and_dedup(void)
{
    g_autoptr(SkFindings) findings = sk_findings_new();

    sk_findings_add(findings, SK_FINDING_ATTACH_BROKEN, "1", "a\x1b.zip", "cut short");
    sk_findings_add(findings, SK_FINDING_ATTACH_BROKEN, "1", "a\x1b.zip", "again");
    sk_findings_add_for(findings, SK_FINDING_MISSEND_RED, "a@example.com", NULL, NULL);
    g_assert_cmpuint(sk_findings_count(findings), ==, 2);
    g_assert_cmpstr(sk_findings_peek(findings, 0)->subject, ==, "a\\x1b.zip");
    g_assert_nonnull(sk_findings_find(findings, "attach", "b@example.com"));
    g_assert_nonnull(sk_findings_find(findings, "missend", "a@example.com"));
    g_assert_nonnull(sk_findings_find(findings, "missend", NULL));
    g_assert_null(sk_findings_find(findings, "missend", "b@example.com"));
}

static void
test_limit(void)
{
    g_autoptr(SkFindings) findings = sk_findings_new();

    for (int i = 0; i < 3 * SK_LIMIT_FINDINGS; i++) {
        g_autofree char *subject = g_strdup_printf("%d", i);

        sk_findings_add(findings, SK_FINDING_ATTACH_UNKNOWN, NULL, subject, NULL);
    }
    g_assert_cmpuint(sk_findings_count(findings), ==, SK_LIMIT_FINDINGS);
    g_assert_nonnull(sk_findings_find(findings, "inspect.limit", NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/finding/ids", test_ids);
    g_test_add_func("/finding/find-and-dedup", test_find_and_dedup);
    g_test_add_func("/finding/limit", test_limit);
    return g_test_run();
}
