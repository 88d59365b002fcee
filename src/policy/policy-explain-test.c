/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-fixture.h"

typedef struct {
    const char *policy;
    const char *facts;
    const char *findings;
    const char *want; /* a line for each rule, without the floor: "yes: why" */
} Case;

static char *
explain(const Case *c, const SkPolicyWorld *world)
{
    g_autofree char *complaints = NULL;
    g_autoptr(SkPolicy) policy = fixture_policy_new(c->policy, world, &complaints);
    g_autoptr(SkFindings) findings = fixture_findings_new(c->findings);
    g_auto(GStrv) words = g_strsplit(c->facts, " ", -1);
    SkPolicyFacts facts = fixture_facts(words, findings);
    g_autoptr(GPtrArray) list = NULL;
    GString *out = g_string_new(NULL);

    if (policy == NULL)
        g_error("%s", complaints);
    list = sk_policy_explain(policy, &facts);
    g_assert_cmpuint(list->len, ==, sk_policy_count(policy) + 1);
    for (guint i = 0; i < list->len; i++) {
        const SkExplained *one = list->pdata[i];

        g_string_append_printf(out, "%s%u %s: %s", i > 0 ? "\n" : "", one->rule.line,
                               one->matched ? "yes" : "no", one->why);
    }
    return g_string_free(out, FALSE);
}

#define FLOOR "\n0 no: no inspect, no attach.limit"

static void
test_why(void)
{
    static const Case cases[] = {
        {"any when attach.encrypted and from external then reject", "",
         "attach.any attach.encrypted.zip",
         "1 yes: attach.encrypted.zip (\"a.zip\"), from external (it is "
         "\"taro@partner.example\")" FLOOR},
        {"any when mime or attach then reject", "", "attach.any",
         "1 yes: attach.any (\"a.zip\")" FLOOR},
        {"any when mime and attach then reject", "", "attach.any", "1 no: no mime" FLOOR},
        {"any when mime or smime.encrypted then reject", "", "attach.any",
         "1 no: no mime, no smime.encrypted" FLOOR},
        {"any when not attach then reject", "", "attach.any",
         "1 no: there is attach.any (\"a.zip\")" FLOOR},
        {"any when not mime and not to partner then reject", "", "attach.any",
         "1 yes: no mime, no to partner (it is \"hanako@example.com\")" FLOOR},
        {"any when (mime or size > 1M) and attach then reject", "", "attach.any",
         "1 no: no mime, no size > 1M (it is 1000)" FLOOR},
        {"any when recipients > 5 or external-domains > 1 then reject", "", "",
         "1 no: no recipients > 5 (it is 1), no external-domains > 1 (it is 0)" FLOOR},
        {"any when from internal then reject", "from=", "",
         "1 no: no from internal (it is unreadable)" FLOOR},
        {"any when verified from external then reject", "domain=unknown", "",
         "1 no: nobody can tell verified from external (it is \"taro@partner.example\")" FLOOR},
        {"any when dmarc.reject then reject", "", "",
         "1 no: nobody can tell dmarc.reject" FLOOR},
        {"outbound when attach then reject", "", "attach.any",
         "1 no: for outbound mail only, this is inbound" FLOOR},
        {"any when attach then reject until 2026-06-14", "", "attach.any",
         "1 no: ended on 2026-06-14" FLOOR},
        {"observe any when dmarc.reject then reject", "", "",
         "1 no: not judgeable: no check of this version states dmarc.reject" FLOOR},
        {"observe any when not smime then reject", "", "",
         "1 no: not judgeable: no check of this version states smime.valid, smime.invalid, "
         "smime.uninspectable and 1 more" FLOOR},
        {"any when mime then waive attach until 2027-01-01\nany when attach.any then reject",
         "", "mime.tnef attach.any",
         "1 yes: mime.tnef (\"a.zip\")\n2 no: attach.any is waived by line 1" FLOOR},
        /* An observed waive is seen by observed rules only. */
        {"observe any when mime then waive attach until 2027-01-01\n"
         "any when attach.any then reject\nobserve any when attach.any then mark \"x\"",
         "", "mime.tnef attach.any",
         "1 yes: mime.tnef (\"a.zip\")\n2 yes: attach.any (\"a.zip\")\n"
         "3 no: attach.any is waived by line 1" FLOOR},
        /* Only the waive with a date is what lifts the floor. */
        {"any when mime then waive inspect\n"
         "any when mime then waive inspect.limit until 2027-01-01",
         "", "mime.tnef inspect.limit",
         "1 yes: mime.tnef (\"a.zip\")\n2 yes: mime.tnef (\"a.zip\")\n"
         "0 no: inspect.limit is waived by line 2, no attach.limit"},
        {"", "from=a\x1b[2J\"@b", "", "0 no: no inspect, no attach.limit"},
        {"any when from external then reject", "from=a\x1b[2J\"@b", "",
         "1 yes: from external (it is \"a\\x1b[2J\\\"@b\")" FLOOR},
    };
    SkPolicyWorld world = fixture_full_world();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *got = explain(&cases[i], &world);

        g_test_message("%s", cases[i].policy);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

static void
test_floor(void)
{
    static const Case one = {"", "", "inspect.timeout", NULL};
    SkPolicyWorld bare = fixture_bare_world(), full = fixture_full_world();
    g_autofree char *defers = explain(&one, &bare), *holds = explain(&one, &full);

    g_assert_cmpstr(defers, ==,
                    "0 yes: inspect.timeout (\"a.zip\"); acts as \"defer\" until messages can "
                    "be held for review");
    g_assert_cmpstr(holds, ==, "0 yes: inspect.timeout (\"a.zip\")");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-explain/why", test_why);
    g_test_add_func("/policy-explain/floor", test_floor);
    return g_test_run();
}
