/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-fixture.h"

typedef struct {
    const char *text;
    const char *want; /* complaints; a policy comes of it unless one is an error */
} Case;

static void
run(const Case *c, const SkPolicyWorld *world)
{
    g_autofree char *complaints = NULL;
    g_autoptr(SkPolicy) policy = fixture_policy_new(c->text, world, &complaints);

    g_test_message("%s", c->text);
    g_assert_cmpstr(complaints, ==, c->want);
    g_assert_true((policy == NULL) == (strstr(complaints, " error: ") != NULL));
}

#define RUN(cases, world)                                                                      \
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)                                           \
    run(&(cases)[i], world)

#define SKIPPED ": the rule is skipped as not judgeable"
#define NEVER   ": this is never true"
#define NOT     ": what nobody looks for cannot stand under \"not\""

static void
test_reserved(void)
{
    static const Case cases[] = {
        {"observe any when dmarc.reject then reject",
         "1:18 warning: no check of this version states dmarc.reject" SKIPPED},
        {"any when dmarc.reject then reject",
         "1:10 warning: no check of this version states dmarc.reject" NEVER},
        {"any when not dmarc.reject then reject",
         "1:14 error: no check of this version states dmarc.reject" NOT},
        {"any when not (attach.any or dmarc.reject) then reject",
         "1:29 error: no check of this version states dmarc.reject" NOT},
        {"observe any when not dmarc.reject then reject",
         "1:22 warning: no check of this version states dmarc.reject" SKIPPED},
        {"any when dmarc then reject",
         "1:10 warning: no check of this version states dmarc.pass, dmarc.none, "
         "dmarc.quarantine and 3 more" NEVER},
        {"any when smime then reject",
         "1:10 warning: no check of this version states smime.valid, smime.invalid, "
         "smime.uninspectable and 1 more: those do not count"},
        {"observe any when smime then reject",
         "1:18 warning: no check of this version states smime.valid, smime.invalid, "
         "smime.uninspectable and 1 more: those do not count"},
        {"any when not smime then reject",
         "1:14 error: no check of this version states smime.valid, smime.invalid, "
         "smime.uninspectable and 1 more" NOT},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_disabled(void)
{
    static const char *const disabled[] = {"mime", NULL};
    static const Case cases[] = {
        {"any when attach.any then reject", ""},
        {"any when mime.tnef then reject",
         "1:10 warning: the check that states mime.tnef is disabled" NEVER},
        {"any when not mime.tnef then reject",
         "1:14 error: the check that states mime.tnef is disabled" NOT},
        {"observe any when mime.tnef then reject",
         "1:18 warning: the check that states mime.tnef is disabled" SKIPPED},
    };
    SkPolicyWorld world = fixture_full_world();

    world.disabled_checks = disabled;
    RUN(cases, &world);
}

#define NO_PROOF   "no check of this installation can tell \"verified\""
#define NO_PARTNER "no check of this installation knows \"partner\""

static void
test_unverifiable(void)
{
    static const Case cases[] = {
        {"any when from internal then reject", ""},
        {"any when verified from internal then reject", "1:10 warning: " NO_PROOF NEVER},
        {"any when not verified from internal then reject", "1:14 error: " NO_PROOF NOT},
        {"observe any when verified from internal then reject",
         "1:18 warning: " NO_PROOF SKIPPED},
        {"any when from partner then reject", "1:15 warning: " NO_PARTNER NEVER},
        {"any when to partner \"x\" then reject", "1:13 warning: " NO_PARTNER NEVER},
        {"any when not to partner then reject", "1:17 error: " NO_PARTNER NOT},
        {"observe any when not to partner then reject", "1:25 warning: " NO_PARTNER SKIPPED},
    };
    SkPolicyWorld world = fixture_bare_world();

    RUN(cases, &world);
}

#define UNBUILT(name)  "\"" name "\" is not built yet: the rule can only stand with \"observe\""
#define OBSERVED(name) "\"" name "\" is not built yet: it is only observed"

static void
test_unbuilt(void)
{
    static const Case cases[] = {
        {"any when attach then reject, defer, deliver, mark \"x\"", ""},
        {"any when attach then hold for 5m", "1:22 error: " UNBUILT("hold for a time")},
        {"any when attach then hold for confirm", "1:22 error: " UNBUILT("hold for confirm")},
        {"any when attach then hold for approval", "1:22 error: " UNBUILT("hold for approval")},
        {"any when attach then hold for review", "1:22 error: " UNBUILT("hold for review")},
        {"any when attach then hold for password", "1:22 error: " UNBUILT("hold for password")},
        {"any when attach then decrypt, strip",
         "1:22 error: " UNBUILT("decrypt") "\n1:31 error: " UNBUILT("strip")},
        {"any when attach then bcc, link",
         "1:22 error: " UNBUILT("bcc") "\n1:27 error: " UNBUILT("link")},
        {"any when attach then sign, encrypt",
         "1:22 error: " UNBUILT("sign") "\n1:28 error: " UNBUILT("encrypt")},
        {"any when attach then notify sender", "1:22 error: " UNBUILT("notify")},
        {"observe any when attach then notify sender, hold for review",
         "1:30 warning: " OBSERVED("notify") "\n1:45 warning: " OBSERVED("hold for review")},
    };
    SkPolicyWorld world = fixture_bare_world();

    RUN(cases, &world);
}

/* A wait that nobody can answer is found before mail waits for it. */
static void
test_unanswerable(void)
{
    static const char *const groups[] = {"sales", "board", NULL};
    static const Case cases[] = {
        {"outbound when attach then hold for confirm, hold for approval of \"sales\"", ""},
        {"internal when attach then hold for confirm, hold for review by recipient", ""},
        {"inbound when attach then hold for password, hold for review by recipient", ""},
        {"inbound when attach then hold for approval of \"board\", hold for review", ""},
        {"any when attach then hold for confirm, hold for password", ""},
        {"inbound when attach then hold for confirm",
         "1:26 error: nobody can confirm: the sender is none of ours"},
        {"forward when attach then hold for confirm",
         "1:26 error: nobody can confirm: the sender is none of ours"},
        {"outbound when attach then hold for password",
         "1:27 error: nobody can give the password: the recipient is none of ours"},
        {"forward when attach then hold for review by recipient",
         "1:26 error: nobody can review: the recipient is none of ours"},
        {"observe outbound when attach then hold for review by recipient",
         "1:35 warning: nobody can review: the recipient is none of ours"},
        {"outbound when attach then hold for approval of \"boss\"",
         "1:27 error: there is no group \"boss\"; there are sales, board"},
        {"any when attach then hold for approval of \"boss\"",
         "1:22 error: there is no group \"boss\"; there are sales, board"},
    };
    static const char *const none[] = {NULL};
    static const Case without[] = {
        {"any when attach then hold for approval of \"boss\"",
         "1:22 error: there is no group \"boss\": [hold] groups names none"},
        {"any when attach then hold for approval", ""},
    };
    SkPolicyWorld world = fixture_full_world();

    world.groups = groups;
    RUN(cases, &world);
    world.groups = none;
    RUN(without, &world);
}

#define UNPROVEN                                                                               \
    "warning: a waive without \"verified\" holds for whoever claims to be the sender"

static void
test_waive(void)
{
    static const Case cases[] = {
        {"any when verified from internal then waive attach until 2027-01-01", ""},
        {"any when verified from internal and attach then waive attach until 2027-01-01", ""},
        {"any when from internal then waive attach until 2027-01-01", "1:29 " UNPROVEN},
        {"any when verified from internal or mime then waive attach until 2027-01-01",
         "1:46 " UNPROVEN},
        {"any when not verified from internal then waive attach until 2027-01-01",
         "1:42 " UNPROVEN},
        {"any when (verified from internal) and mime then waive attach until 2027-01-01", ""},
        {"any when verified from internal then waive attach.encrypted",
         "1:38 warning: a waive should carry \"until\""},
        {"any when verified from internal then waive attach",
         "1:38 warning: a waive without \"until\" does not lift the built-in floor"},
        {"any when verified from internal then waive inspect.limit",
         "1:38 warning: a waive without \"until\" does not lift the built-in floor"},
        {"any when verified from internal then waive dmarc.reject until 2027-01-01",
         "1:38 warning: no check states what is waived here: there is nothing to hide"},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_lists(void)
{
    static const Case cases[] = {
        {"any when from list \"/lists/friends\" then reject", ""},
        {"any when from list \"/lists/none\" then reject",
         "1:20 error: this list cannot be read: /lists/none: No such file or directory"},
        {"any when from list \"none\" then reject",
         "1:20 error: this list cannot be read: none: No such file or directory"},
        {"any when to list \"../lists/none\" then reject",
         "1:18 error: this list cannot be read: ../lists/none: No such file or directory"},
        {"any when from list \"/lists/odd\" then reject",
         "1:20 error: in this list \"nobody\" is neither an address nor \"@domain\""},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

#define TEN "a sentence"
#define LONG_TEXT                                                                              \
    TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "!"

static void
test_rest(void)
{
    static const Case cases[] = {
        {"any when attach then reject until 2026-06-15", ""},
        {"any when attach then reject until 2026-06-14",
         "1:35 warning: this day is over: the rule does nothing"},
        {"any when attach then reject \"だめ\"",
         "1:22 warning: an SMTP answer is ASCII: other characters do not arrive"},
        {"any when attach then reject \"" LONG_TEXT "\"",
         "1:22 warning: an SMTP answer has room for 200 characters: the rest is cut"},
        {"any when attach then mark \"外部\"", ""},
        {"any when attach then reject\nobserve any when  attach then reject until 2027-01-01",
         "2:1 warning: line 1 has the same rule"},
        /* Warnings and errors stand in the order of the text. */
        {"any when dmarc then reject\nany when\nany when arc.none then reject",
         "1:10 warning: no check of this version states dmarc.pass, dmarc.none, "
         "dmarc.quarantine and 3 more" NEVER "\n"
         "2:9 error: expected \"not\", \"(\", \"verified\", \"from\", \"to\", \"size\", "
         "\"recipients\", \"external-domains\" or a finding, not the end of the line\n"
         "3:10 warning: no check of this version states arc.none" NEVER},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static SkPolicy *
read_packaged(const char *name, char **ret_complaints)
{
    g_autofree char *path = g_build_filename(SK_TEST_ROOT, "etc", name, NULL);
    g_autofree char *text = NULL;
    SkPolicyWorld world = fixture_bare_world();

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    return fixture_policy_new(text, &world, ret_complaints);
}

static void
test_packaged(void)
{
    g_autofree char *complaints = NULL;
    g_autoptr(SkPolicy) policy = read_packaged("policy", &complaints);
    SkPolicyFacts facts = {.today = "2026-06-15"};
    g_autoptr(SkFindings) findings = fixture_findings_new("attach.encrypted.zip");
    g_autoptr(SkDecision) decision = NULL, observed = NULL;

    if (policy == NULL)
        g_error("%s", complaints);
    g_assert_cmpuint(sk_policy_count(policy), >=, 13);
    facts.findings = findings;
    sk_policy_judge(policy, &facts, &decision, &observed);
    g_assert_cmpint(decision->fate, ==, SK_FATE_DELIVER);
    g_assert_cmpuint(decision->waits | decision->edits, ==, 0);
    g_assert_cmpuint(observed->rules->len, >=, 1);
}

static void
test_strict(void)
{
    static const struct {
        SkDirection direction;
        const char *finding;
    } stopped[] = {
        {SK_DIRECTION_INBOUND, "attach.encrypted.zip"},
        {SK_DIRECTION_OUTBOUND, "attach.encrypted.office"},
        {SK_DIRECTION_INTERNAL, "attach.encrypted.7z"},
        {SK_DIRECTION_INBOUND, "attach.encrypted.pdf"},
        {SK_DIRECTION_INBOUND, "attach.danger.script"},
        {SK_DIRECTION_INBOUND, "mime.partial"},
        {SK_DIRECTION_INBOUND, "mime.ambiguous"},
        {SK_DIRECTION_INBOUND, "attach.broken"},
        {SK_DIRECTION_INBOUND, "attach.inconsistent"},
        {SK_DIRECTION_INBOUND, "attach.split"},
        {SK_DIRECTION_INBOUND, "attach.unopened"},
        {SK_DIRECTION_OUTBOUND, "attach.limit.ratio"},
        {SK_DIRECTION_OUTBOUND, "mime.partial"},
    };
    g_autofree char *complaints = NULL;
    g_autoptr(SkPolicy) policy = read_packaged("policy.strict", &complaints);
    g_autoptr(SkFindings) clean = fixture_findings_new("attach.any");
    SkPolicyFacts facts = {.findings = clean, .today = "2026-06-15"};
    g_autoptr(SkDecision) pass = NULL;

    g_assert_cmpstr(complaints, ==, "");
    for (size_t i = 0; i < G_N_ELEMENTS(stopped); i++) {
        g_autoptr(SkFindings) findings = fixture_findings_new(stopped[i].finding);
        g_autoptr(SkDecision) decision = NULL;

        g_test_message("%s", stopped[i].finding);
        facts.direction = stopped[i].direction;
        facts.findings = findings;
        sk_policy_judge(policy, &facts, &decision, NULL);
        g_assert_cmpint(decision->fate, ==, SK_FATE_REJECT);
        g_assert_cmpstr(decision->finding, ==, stopped[i].finding);
        g_assert_true(decision->text != NULL && g_str_is_ascii(decision->text));
    }
    facts.findings = clean;
    sk_policy_judge(policy, &facts, &pass, NULL);
    g_assert_cmpint(pass->fate, ==, SK_FATE_DELIVER);
    g_assert_cmpuint(pass->rules->len, ==, 0);
}

/* The first word of a rule, as it stands in the manual page's examples. */
static bool
is_example(const char *line)
{
    return g_regex_match_simple("^(observe )?(inbound|outbound|internal|forward|any) +when ",
                                line, 0, 0);
}

/* Every rule in the manual page is what it says it is: one of them an error. */
static void
test_manual(void)
{
    g_autofree char *path = g_build_filename(SK_TEST_ROOT, "doc/man/sekisho-policy.5", NULL);
    g_autofree char *page = NULL;
    g_auto(GStrv) lines = NULL;
    SkPolicyWorld world = fixture_full_world();
    unsigned fine = 0, wrong = 0;

    world.read_list = NULL;
    g_assert_true(g_file_get_contents(path, &page, NULL, NULL));
    lines = g_strsplit(page, "\n", -1);
    for (guint i = 1; lines[i] != NULL; i++) {
        g_autofree char *complaints = NULL;
        g_autoptr(SkPolicy) policy = NULL;

        if (!is_example(lines[i]))
            continue;
        policy = fixture_policy_new(lines[i], &world, &complaints);
        fine += policy != NULL && *complaints == '\0';
        wrong += policy == NULL;
        if (policy == NULL)
            g_assert_nonnull(strstr(lines[i - 1], strstr(complaints, "error: ")));
        else
            g_assert_cmpstr(complaints, ==, "");
    }
    g_assert_cmpuint(fine, >=, 6);
    g_assert_cmpuint(wrong, ==, 1);
}

/* To see what a policy would do, what keeps it from being loaded is no error. */
static void
test_trying(void)
{
    static const Case cases[] = {
        {"any when dmarc.reject then reject",
         "1:10 warning: no check of this version states dmarc.reject" NEVER},
        {"any when not dmarc.reject then reject",
         "1:14 warning: no check of this version states dmarc.reject" SKIPPED},
        {"any when attach.any then encrypt",
         "1:26 warning: \"encrypt\" is not built yet: it is only observed"},
        {"any when attach.any then frobnicate",
         "1:26 error: expected \"reject\", \"defer\", \"deliver\", \"hold\", \"decrypt\", "
         "\"strip\", \"bcc\", \"link\", \"mark\", \"sign\", \"encrypt\", \"notify\" or "
         "\"waive\", not \"frobnicate\""},
    };
    SkPolicyWorld world = fixture_bare_world();

    world.trying = true;
    RUN(cases, &world);
}

static void
test_gaps(void)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"any when attach.any then reject", NULL},
        {"any when attach.any then hold for review, encrypt, hold for review",
         "\"hold for review\" is not built yet\n\"encrypt\" is not built yet"},
        {"any when not (dmarc.reject or verified from internal) then reject",
         "no check of this version states dmarc.reject\n" NO_PROOF},
        {"observe any when smime and to partner then reject",
         "no check of this version states smime.valid, smime.invalid, smime.uninspectable and "
         "1 more\n" NO_PARTNER},
    };
    SkPolicyWorld world = fixture_bare_world();

    world.trying = true;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPolicy) policy = fixture_policy_new(cases[i].text, &world, NULL);
        g_autofree char *got = NULL;

        g_assert_nonnull(policy);
        got = sk_policy_describe_gaps(policy, 0);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

/* A rule that would act, of which a part can be judged, is judged as far as that. */
static void
test_trying_judges(void)
{
    SkPolicyWorld world = fixture_bare_world();
    g_autoptr(SkPolicy) policy = NULL;
    g_autoptr(SkFindings) findings = fixture_findings_new("attach.any");
    g_autoptr(SkDecision) decision = NULL;
    SkPolicyFacts facts = {.findings = findings};
    SkTri truths[2];

    world.trying = true;
    policy =
        fixture_policy_new("any when dmarc.reject or attach.any then reject", &world, NULL);
    sk_policy_judge(policy, &facts, &decision, NULL);
    g_assert_cmpint(decision->fate, ==, SK_FATE_REJECT);
    sk_policy_weigh(policy, &facts, truths);
    g_assert_cmpint(truths[0], ==, SK_TRI_TRUE);
    g_assert_cmpint(truths[1], ==, SK_TRI_FALSE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-check/reserved", test_reserved);
    g_test_add_func("/policy-check/disabled", test_disabled);
    g_test_add_func("/policy-check/unverifiable", test_unverifiable);
    g_test_add_func("/policy-check/unbuilt", test_unbuilt);
    g_test_add_func("/policy-check/unanswerable", test_unanswerable);
    g_test_add_func("/policy-check/waive", test_waive);
    g_test_add_func("/policy-check/lists", test_lists);
    g_test_add_func("/policy-check/trying", test_trying);
    g_test_add_func("/policy-check/trying-judges", test_trying_judges);
    g_test_add_func("/policy-check/gaps", test_gaps);
    g_test_add_func("/policy-check/rest", test_rest);
    g_test_add_func("/policy-check/packaged", test_packaged);
    g_test_add_func("/policy-check/strict", test_strict);
    g_test_add_func("/policy-check/manual", test_manual);
    return g_test_run();
}
