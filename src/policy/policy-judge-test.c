/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-fixture.h"

typedef struct {
    const char *name; /* the sentence of sekisho-policy(5) */
    const char *policy;
    const char *facts;
    const char *findings;
    const char *want;     /* the decision */
    const char *observed; /* NULL: the same */
} Case;

static void
run(const Case *c, const SkPolicyWorld *world)
{
    g_autofree char *complaints = NULL, *got = NULL, *got_observed = NULL;
    g_autoptr(SkPolicy) policy = fixture_policy_new(c->policy, world, &complaints);
    g_autoptr(SkFindings) findings = fixture_findings_new(c->findings);
    g_auto(GStrv) words = g_strsplit(c->facts, " ", -1);
    SkPolicyFacts facts = fixture_facts(words, findings);
    g_autoptr(SkDecision) decision = NULL, observed = NULL;

    g_test_message("%s", c->name);
    if (policy == NULL)
        g_error("%s: %s", c->name, complaints);
    sk_policy_judge(policy, &facts, &decision, &observed);
    got = fixture_decision(decision);
    got_observed = fixture_decision(observed);
    g_assert_cmpstr(got, ==, c->want);
    g_assert_cmpstr(got_observed, ==, c->observed != NULL ? c->observed : c->want);
}

#define RUN(cases, world)                                                                      \
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)                                           \
    run(&(cases)[i], world)

static void
test_rules(void)
{
    static const Case cases[] = {
        {"no rule matches: deliver", "inbound when attach.any then reject", "", "", "deliver",
         NULL},
        {"an empty policy delivers", "", "", "attach.any", "deliver", NULL},
        {"every rule that matches applies, from top to bottom",
         "any when attach.any then mark \"a\"\nany when attach then mark \"b\"\n"
         "any when attach.broken then mark \"c\"",
         "", "attach.any", "deliver mark=a,b (1,2)", NULL},
        {"a prefix stands for all below it", "any when attach.encrypted then reject", "",
         "attach.encrypted.7z", "reject by attach.encrypted.7z (1)", NULL},
        {"a prefix is of whole words: mime is not mime.partial's opposite",
         "any when mime.partial then reject", "", "mime.broken", "deliver", NULL},
        {"inbound is not outbound", "outbound when attach.any then reject", "", "attach.any",
         "deliver", NULL},
        {"outbound", "outbound when attach.any then reject", "direction=outbound", "attach.any",
         "reject by attach.any (1)", NULL},
        {"internal", "internal when attach.any then reject", "direction=internal", "attach.any",
         "reject by attach.any (1)", NULL},
        {"forward", "forward when to external then reject",
         "direction=forward to=x@gmail.example to-external=", "", "reject (1)", NULL},
        {"any stands for all", "any when attach.any then reject", "direction=forward",
         "attach.any", "reject by attach.any (1)", NULL},
        {"what holds for one recipient counts for him",
         "any when missend.red then hold for confirm", "to=a@example.com",
         "missend.red>a@example.com", "deliver confirm (1)", NULL},
        {"and for nobody else", "any when missend.red then hold for confirm",
         "to=b@example.com", "missend.red>a@example.com", "deliver", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_precedence(void)
{
    static const Case cases[] = {
        {"and binds closer than or: a or b and c with a",
         "any when mime.tnef or attach.any and mime.broken then reject", "", "mime.tnef",
         "reject by mime.tnef (1)", NULL},
        {"a or b and c with b only",
         "any when mime.tnef or attach.any and mime.broken then reject", "", "attach.any",
         "deliver", NULL},
        {"a and b or c with c", "any when mime.tnef and attach.any or mime.broken then reject",
         "", "mime.broken", "reject by mime.broken (1)", NULL},
        {"(a or b) and c with a only",
         "any when (mime.tnef or attach.any) and mime.broken then reject", "", "mime.tnef",
         "deliver", NULL},
        {"not binds closest: not a and b", "any when not mime.tnef and attach.any then reject",
         "", "attach.any", "reject by attach.any (1)", NULL},
        {"not (a and b) with b only", "any when not (mime.tnef and attach.any) then reject", "",
         "attach.any", "reject (1)", NULL},
        {"not (a or b) with b", "any when not (mime.tnef or attach.any) then reject", "",
         "attach.any", "deliver", NULL},
        {"not not through parentheses", "any when not (not attach.any) then reject", "",
         "attach.any", "reject (1)", NULL},
        {"deep parentheses", "any when (((attach.any))) then reject", "", "attach.any",
         "reject by attach.any (1)", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_who(void)
{
    static const Case cases[] = {
        {"from internal", "any when from internal then reject", "from-internal=", "",
         "reject (1)", NULL},
        {"from internal is not from external", "any when from external then reject",
         "from-internal=", "", "deliver", NULL},
        {"external is not internal", "any when from external then reject", "", "", "reject (1)",
         NULL},
        {"a From that cannot be read is nobody: not external",
         "any when from external then reject", "from=", "", "deliver", NULL},
        {"nor is it a partner, so `not` is true", "any when not from partner then reject",
         "from= from-partner=kanto", "", "reject (1)", NULL},
        {"from address, whatever the case",
         "any when from \"Taro@Partner.Example\" then reject", "from=tARO@partner.EXAMPLE", "",
         "reject (1)", NULL},
        {"from another address", "any when from \"jiro@partner.example\" then reject", "", "",
         "deliver", NULL},
        {"from @domain", "any when from \"@partner.EXAMPLE\" then reject", "", "", "reject (1)",
         NULL},
        {"@domain is that domain only", "any when from \"@partner.example\" then reject",
         "from=a@sub.partner.example", "", "deliver", NULL},
        {"an @ in the local part does not make a domain",
         "any when from \"@partner.example\" then reject",
         "from=\"a@partner.example\"@evil.example", "", "deliver", NULL},
        {"from list: an address", "any when from list \"/lists/friends\" then reject",
         "from=jiro@example.NET", "", "reject (1)", NULL},
        {"from list: a domain", "any when from list \"/lists/friends\" then reject",
         "from=x@friends.example", "", "reject (1)", NULL},
        {"from list: neither", "any when from list \"/lists/friends\" then reject",
         "from=taro@example.net", "", "deliver", NULL},
        {"to internal", "any when to internal then reject", "", "", "reject (1)", NULL},
        {"to external", "any when to external then reject", "to-external=", "", "reject (1)",
         NULL},
        {"to address", "any when to \"hanako@example.com\" then reject",
         "to=Hanako@Example.com", "", "reject (1)", NULL},
        {"to @domain", "any when to \"@example.com\" then reject", "", "", "reject (1)", NULL},
        {"to list", "any when to list \"/lists/friends\" then reject", "to=a@friends.example",
         "", "reject (1)", NULL},
        {"to partner of that name", "any when to partner \"kanto\" then reject",
         "to-partner=kanto", "", "reject (1)", NULL},
        {"to another partner", "any when to partner \"kanto\" then reject", "to-partner=kansai",
         "", "deliver", NULL},
        {"to any partner", "any when to partner then reject", "to-partner=kansai", "",
         "reject (1)", NULL},
        {"from no partner", "any when from partner then reject", "", "", "deliver", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_verified(void)
{
    static const Case cases[] = {
        {"verified from partner: the agreement holds, and an aligned DMARC pass",
         "any when verified from partner \"kanto\" then reject",
         "from-partner=kanto partner=yes domain=yes", "", "reject (1)", NULL},
        {"the agreement alone is not enough",
         "any when verified from partner \"kanto\" then reject",
         "from-partner=kanto partner=yes domain=no", "", "deliver", NULL},
        {"DMARC alone is not enough", "any when verified from partner \"kanto\" then reject",
         "from-partner=kanto partner=no domain=yes", "", "deliver", NULL},
        {"another partner's proof is no proof",
         "any when verified from partner \"kanto\" then reject",
         "from-partner=kansai partner=yes domain=yes", "", "deliver", NULL},
        {"verified from @domain: an aligned DMARC pass",
         "any when verified from \"@partner.example\" then reject", "domain=yes", "",
         "reject (1)", NULL},
        {"verified from @domain without it",
         "any when verified from \"@partner.example\" then reject", "address=yes", "",
         "deliver", NULL},
        {"verified from address: a signature bound to it",
         "any when verified from \"taro@partner.example\" then reject", "address=yes", "",
         "reject (1)", NULL},
        {"DMARC proves only the domain",
         "any when verified from \"taro@partner.example\" then reject", "domain=yes", "",
         "deliver", NULL},
        {"verified from internal: the login may use this From",
         "any when verified from internal then reject", "from-internal= internal=yes", "",
         "reject (1)", NULL},
        {"the login may not", "any when verified from internal then reject",
         "from-internal= domain=yes", "", "deliver", NULL},
        {"verified from external: an aligned DMARC pass",
         "any when verified from external then reject", "domain=yes", "", "reject (1)", NULL},
        {"verified from list: an address entry needs a signature",
         "any when verified from list \"/lists/friends\" then reject",
         "from=jiro@example.net domain=yes", "", "deliver", NULL},
        {"verified from list: a domain entry needs DMARC",
         "any when verified from list \"/lists/friends\" then reject",
         "from=a@friends.example domain=yes", "", "reject (1)", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_unknown(void)
{
    static const Case cases[] = {
        {"unknown is not true", "any when verified from external then reject", "domain=unknown",
         "", "deliver", NULL},
        {"absent is not false: unknown under not stays unknown",
         "any when not verified from external then reject", "domain=unknown", "", "deliver",
         NULL},
        {"false under not is true", "any when not verified from external then reject",
         "domain=no", "", "reject (1)", NULL},
        {"unknown and false is false, so its not is true",
         "any when not (verified from external and attach.any) then reject", "domain=unknown",
         "", "reject (1)", NULL},
        {"unknown and true is unknown",
         "any when not (verified from external and attach.any) then reject", "domain=unknown",
         "attach.any", "deliver", NULL},
        {"unknown or true is true", "any when verified from external or attach.any then reject",
         "domain=unknown", "attach.any", "reject by attach.any (1)", NULL},
        {"unknown or false is unknown",
         "any when not (verified from external or attach.any) then reject", "domain=unknown",
         "", "deliver", NULL},
        {"a reserved id in an active rule simply does not match",
         "any when dmarc.reject then reject", "", "", "deliver", NULL},
        {"a prefix of which a part is stated matches by that part",
         "any when smime then reject", "", "smime.encrypted", "reject by smime.encrypted (1)",
         NULL},
        {"a reserved id in an observed rule: the rule is not judged",
         "observe any when dmarc.reject or attach.any then reject", "", "attach.any", "deliver",
         NULL},
        {"a rule with a reserved part, not under not, is judged in observe",
         "observe any when smime then reject", "", "smime.encrypted", "deliver",
         "reject by smime.encrypted (1)"},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_numbers(void)
{
    static const Case cases[] = {
        {"size >", "any when size > 1k then reject", "size=1025", "", "reject (1)", NULL},
        {"size > at the bound", "any when size > 1k then reject", "size=1024", "", "deliver",
         NULL},
        {"size >= at the bound", "any when size >= 1k then reject", "size=1024", "",
         "reject (1)", NULL},
        {"size = with M", "any when size = 2M then reject", "size=2097152", "", "reject (1)",
         NULL},
        {"size < G", "any when size < 1G then reject", "size=1073741823", "", "reject (1)",
         NULL},
        {"recipients <=", "any when recipients <= 3 then reject", "recipients=3", "",
         "reject (1)", NULL},
        {"recipients <", "any when recipients < 3 then reject", "recipients=3", "", "deliver",
         NULL},
        {"external-domains", "any when external-domains > 1 then reject", "domains=2", "",
         "reject (1)", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static const Case joins[] = {
    {"fate: the strictest",
     "any when attach.any then deliver\nany when attach.any then defer \"later\"\n"
     "any when attach.any then reject \"no\"\nany when attach.any then defer",
     "", "attach.any", "reject \"no\" by attach.any (1,2,3,4)", NULL},
    {"of equal fates the first rule speaks",
     "any when attach.any then reject \"one\"\nany when attach.any then reject \"two\"", "",
     "attach.any", "reject \"one\" by attach.any (1,2)", NULL},
    {"the finding: the first in the condition's order",
     "any when mime.broken or attach.encrypted or attach.any then reject", "",
     "attach.any attach.encrypted.zip", "reject by attach.encrypted.zip (1)", NULL},
    {"not one of a conjunction that failed",
     "any when (attach.any and mime.broken) or mime.tnef then reject", "",
     "attach.any mime.tnef", "reject by mime.tnef (1)", NULL},
    {"not one under not", "any when not (not attach.any) and mime.tnef then reject", "",
     "attach.any mime.tnef", "reject by mime.tnef (1)", NULL},
    {"no finding at all", "any when from external then reject", "", "attach.any", "reject (1)",
     NULL},
    {"waits add up",
     "any when attach then hold for password\nany when attach then hold for confirm\n"
     "any when attach then hold for approval of \"boss\"",
     "", "attach.any", "deliver confirm approval=boss password (1,2,3)", NULL},
    {"of several times the longest counts",
     "any when attach then hold for 10m\nany when attach then hold for 5m", "", "attach.any",
     "deliver time=600 (1,2)", NULL},
    {"within bounds", "any when attach then hold for 5m within 1m..10m", "", "attach.any",
     "deliver time=300[60..600] (1)", NULL},
    {"bounds join to the highest lower and the highest upper",
     "any when attach then hold for 5m within 1m..10m\n"
     "any when attach then hold for 3m within 2m..4m",
     "", "attach.any", "deliver time=300[120..600] (1,2)", NULL},
    {"a longer fixed time leaves no choice",
     "any when attach then hold for 5m within 1m..10m\nany when attach then hold for 30m", "",
     "attach.any", "deliver time=1800 (1,2)", NULL},
    {"a shorter fixed time is the least that can be chosen",
     "any when attach then hold for 5m within 1m..10m\nany when attach then hold for 2m", "",
     "attach.any", "deliver time=300[120..600] (1,2)", NULL},
    {"review alone is by admin", "any when attach then hold for review", "", "attach.any",
     "deliver review=admin (1)", NULL},
    {"review by recipient", "any when attach then hold for review by recipient", "",
     "attach.any", "deliver review=recipient (1)", NULL},
    {"review: the strictest",
     "any when attach then hold for review\n"
     "any when attach then hold for review by recipient",
     "", "attach.any", "deliver review=admin (1,2)", NULL},
    {"groups of approvers add up, each once",
     "any when attach then hold for approval of \"a\", hold for approval of \"b\"\n"
     "any when attach then hold for approval of \"a\", hold for approval",
     "", "attach.any", "deliver approval=a,b (1,2)", NULL},
    {"edits add up", "any when attach then encrypt, strip\nany when attach then decrypt, bcc",
     "", "attach.any", "deliver decrypt strip parts=1 bcc encrypt (1,2)", NULL},
    {"link: highest level and shortest life",
     "any when attach then link for 14d level 1\n"
     "any when attach then link body for 7d\nany when attach then link level 2",
     "", "attach.any", "deliver link=body/604800/2 (1,2,3)", NULL},
    {"marks in rule order, each once",
     "any when attach then mark \"b\"\nany when attach then mark \"a\", mark \"b\"", "",
     "attach.any", "deliver mark=b,a (1,2)", NULL},
    {"notices add up, each once",
     "any when attach then notify sender\n"
     "any when attach then notify recipient, notify sender, notify \"x@example.com\"",
     "", "attach.any", "deliver notify=sender,recipient,x@example.com (1,2)", NULL},
    {"sign with a verified From", "any when attach then sign", "from-internal= internal=yes",
     "attach.any", "deliver sign (1)", NULL},
    {"sign without verified From gets hold for review by admin", "any when attach then sign",
     "from-internal= internal=unknown", "attach.any", "deliver review=admin sign (1)", NULL},
    {"sign for an outside From, too", "any when attach then sign", "internal=yes", "attach.any",
     "deliver review=admin sign (1)", NULL},
};

static void
test_joins(void)
{
    SkPolicyWorld world = fixture_full_world();

    RUN(joins, &world);
}

static void
test_waive(void)
{
    static const Case cases[] = {
        {"waive F hides F and every id below it from the rules below",
         "any when mime.tnef then waive attach.encrypted until 2026-12-31\n"
         "any when attach.encrypted then reject",
         "", "mime.tnef attach.encrypted.zip", "deliver (1)", NULL},
        {"nothing else",
         "any when mime.tnef then waive attach.encrypted until 2026-12-31\n"
         "any when attach then reject",
         "", "mime.tnef attach.encrypted.zip attach.danger.script",
         "reject by attach.danger.script (1,2)", NULL},
        {"not from the rules above",
         "any when attach.encrypted then reject\n"
         "any when mime.tnef then waive attach.encrypted until 2026-12-31",
         "", "mime.tnef attach.encrypted.zip", "reject by attach.encrypted.zip (1,2)", NULL},
        {"only when its rule matches",
         "any when mime.tnef then waive attach.encrypted until 2026-12-31\n"
         "any when attach.encrypted then reject",
         "", "attach.encrypted.zip", "reject by attach.encrypted.zip (2)", NULL},
        {"what is hidden is absent: not of it is true",
         "any when mime.tnef then waive attach.any until 2026-12-31\n"
         "any when not attach.any then mark \"none\"",
         "", "mime.tnef attach.any", "deliver mark=none (1,2)", NULL},
        {"it also hides what a later waive asks for",
         "any when mime.tnef then waive mime.tnef until 2026-12-31\n"
         "any when mime.tnef then waive attach.any until 2026-12-31\n"
         "any when attach.any then reject",
         "", "mime.tnef attach.any", "reject by attach.any (1,3)", NULL},
        {"other actions of a rule that waives apply",
         "any when mime.tnef then waive attach.any, mark \"x\" until 2026-12-31", "",
         "mime.tnef attach.any", "deliver mark=x (1)", NULL},
        {"until is inclusive: the day itself",
         "any when mime.tnef then waive attach until 2026-06-15\n"
         "any when attach.any then reject",
         "today=2026-06-15", "mime.tnef attach.any", "deliver (1)", NULL},
        {"the day after",
         "any when mime.tnef then waive attach until 2026-06-15\n"
         "any when attach.any then reject",
         "today=2026-06-16", "mime.tnef attach.any", "reject by attach.any (2)", NULL},
        {"until ends the whole rule, whatever it does",
         "any when attach.any then reject, mark \"x\" until 2025-12-31", "today=2026-01-01",
         "attach.any", "deliver", NULL},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_observe(void)
{
    static const Case cases[] = {
        {"observe is recorded, not done", "observe any when attach.any then reject \"no\"", "",
         "attach.any", "deliver", "reject \"no\" by attach.any (1)"},
        {"the second evaluation has the active rules, too",
         "any when attach.any then mark \"x\"\nobserve any when attach.any then reject", "",
         "attach.any", "deliver mark=x (1)", "reject by attach.any mark=x (1,2)"},
        {"an observed waive acts only there",
         "observe any when mime.tnef then waive attach until 2026-12-31\n"
         "any when attach.any then reject",
         "", "mime.tnef attach.any", "reject by attach.any (2)", "deliver (1)"},
        {"an active waive acts in both",
         "any when mime.tnef then waive attach until 2026-12-31\n"
         "observe any when attach.any then reject",
         "", "mime.tnef attach.any", "deliver (1)", "deliver (1)"},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_floor(void)
{
    static const Case held[] = {
        {"the floor is there without a policy", "", "", "inspect.timeout",
         "deliver review=admin (0)", NULL},
        {"for what is below attach.limit, too", "", "direction=internal", "attach.limit.ratio",
         "deliver review=admin (0)", NULL},
        {"it comes after the last line", "any when inspect then mark \"x\"", "",
         "inspect.crashed", "deliver review=admin mark=x (1,0)", NULL},
        {"a dated waive above lifts it",
         "any when mime.tnef then waive inspect until 2026-12-31", "",
         "mime.tnef inspect.limit", "deliver (1)", NULL},
        {"only a dated one", "any when mime.tnef then waive inspect", "",
         "mime.tnef inspect.limit", "deliver review=admin (1,0)", NULL},
        {"only as far as it goes",
         "any when mime.tnef then waive inspect.limit until 2026-12-31", "",
         "mime.tnef inspect.limit attach.limit.depth", "deliver review=admin (1,0)", NULL},
    };
    static const Case deferring[] = {
        {"before holds exist it acts as defer", "", "", "inspect.timeout",
         "defer by inspect.timeout (0)", NULL},
        {"a reject is stricter", "any when inspect then reject \"no\"", "", "inspect.timeout",
         "reject \"no\" by inspect.timeout (1,0)", NULL},
    };
    SkPolicyWorld full = fixture_full_world(), bare = fixture_bare_world();

    RUN(held, &full);
    RUN(deferring, &bare);
}

static void
test_strip(void)
{
    static const Case cases[] = {
        {"the parts of all findings that matched, each once, in order",
         "any when attach.encrypted then strip", "",
         "attach.any@1 attach.encrypted.zip@3 attach.any@2.1 attach.encrypted.pdf@2.1 "
         "attach.encrypted.zip@2.1",
         "deliver strip parts=2.1,3 (1)", NULL},
        {"every way in which the condition is true counts",
         "any when attach.encrypted or attach.danger.executable then strip", "",
         "attach.encrypted.zip@2 attach.danger.executable@3", "deliver strip parts=2,3 (1)",
         NULL},
        {"but none that is not",
         "any when attach.encrypted and mime.tnef or attach.broken "
         "then strip",
         "", "attach.encrypted.zip@2 attach.broken@4", "deliver strip parts=4 (1)", NULL},
        {"inside parentheses, too",
         "any when from external and (attach.encrypted or attach.broken) then strip", "",
         "attach.encrypted.zip@2", "deliver strip parts=2 (1)", NULL},
        {"not what stands under not",
         "any when attach.encrypted and not (attach.broken and mime.tnef) then strip", "",
         "attach.encrypted.zip@2 attach.broken@3", "deliver strip parts=2 (1)", NULL},
        {"a condition about no part: all attachments", "any when from external then strip", "",
         "attach.any@2", "deliver strip all (1)", NULL},
        {"a finding about the whole message: all attachments", "any when mime.tnef then strip",
         "", "mime.tnef@ attach.any@2", "deliver strip all (1)", NULL},
        {"one of two ways without a part: all attachments",
         "any when attach.encrypted or size > 1 then strip", "", "attach.encrypted.zip@2",
         "deliver strip parts=2 all (1)", NULL},
        {"rules add up", "any when attach.broken then strip\nany when mime.tnef then strip", "",
         "mime.tnef@2 attach.broken@5", "deliver strip parts=2,5 (1,2)", NULL},
        {"a waived finding has no part in it",
         "any when attach.encrypted.pdf then waive attach.encrypted.pdf\n"
         "any when attach.encrypted then strip",
         "", "attach.encrypted.pdf@2 attach.encrypted.zip@3", "deliver strip parts=3 (1,2)",
         NULL},
        {"only strip asks for parts", "any when attach.any then mark \"x\"", "", "attach.any@2",
         "deliver mark=x (1)", NULL},
        {"observed", "observe any when attach.any then strip", "", "attach.any@2", "deliver",
         "deliver strip parts=2 (1)"},
    };
    SkPolicyWorld world = fixture_full_world();

    RUN(cases, &world);
}

static void
test_depends_on_recipient(void)
{
    SkPolicyWorld world = fixture_full_world();
    g_autoptr(SkPolicy) not =
        fixture_policy_new("any when from internal or attach.any then reject", &world, NULL);
    g_autoptr(SkPolicy) does = fixture_policy_new(
        "any when attach.any and (mime.tnef or not to internal) then reject", &world, NULL);

    g_assert_false(sk_policy_depends_on_recipient(not ));
    g_assert_true(sk_policy_depends_on_recipient(does));
}

/* Nobody looked for it in this message: then nobody knows that it is not there. */
static void
test_unsought(void)
{
    static const struct {
        const char *text;
        SkTri want;
    } cases[] = {
        {"any when attach.any then reject", SK_TRI_UNKNOWN},
        {"any when not attach.any then reject", SK_TRI_UNKNOWN},
        {"any when attach then reject", SK_TRI_TRUE},
        {"any when attach.any or attach.danger then reject", SK_TRI_TRUE},
        {"any when mime.tnef then reject", SK_TRI_FALSE},
        {"outbound when attach.any then reject", SK_TRI_FALSE},
        {"any when attach.any then reject until 2026-06-14", SK_TRI_FALSE},
    };
    SkPolicyWorld world = fixture_full_world();
    g_autoptr(SkFindings) findings = fixture_findings_new("attach.danger.script");
    SkIdSet unsought = {0};
    SkPolicyFacts facts = {.findings = findings, .unsought = &unsought, .today = "2026-06-15"};

    sk_idset_add(&unsought, SK_FINDING_ATTACH_ANY);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPolicy) policy = fixture_policy_new(cases[i].text, &world, NULL);
        g_autoptr(SkDecision) decision = NULL;
        SkTri truths[2];

        sk_policy_weigh(policy, &facts, truths);
        g_test_message("%s", cases[i].text);
        g_assert_cmpint(truths[0], ==, cases[i].want);
        sk_policy_judge(policy, &facts, &decision, NULL);
        g_assert_cmpint(decision->fate == SK_FATE_REJECT, ==, cases[i].want == SK_TRI_TRUE);
    }
}

/* What a rule waives is hidden from those below, for observed rules also by observed ones. */
static void
test_weigh_waives(void)
{
    SkPolicyWorld world = fixture_full_world();
    g_autoptr(SkPolicy) policy =
        fixture_policy_new("observe any when attach.any then waive attach.any\n"
                           "any when attach.any then reject\n"
                           "observe any when attach.any then reject\n",
                           &world, NULL);
    g_autoptr(SkFindings) findings = fixture_findings_new("attach.any");
    SkPolicyFacts facts = {.findings = findings};
    SkTri truths[4];

    sk_policy_weigh(policy, &facts, truths);
    g_assert_cmpint(truths[0], ==, SK_TRI_TRUE);
    g_assert_cmpint(truths[1], ==, SK_TRI_TRUE);
    g_assert_cmpint(truths[2], ==, SK_TRI_FALSE);
    g_assert_cmpint(truths[3], ==, SK_TRI_FALSE);
}

static void
test_hostile_facts(void)
{
    SkPolicyWorld world = fixture_full_world();
    g_autoptr(SkPolicy) policy = fixture_policy_new(
        "any when from \"@a.example\" or to \"@a.example\" then reject", &world, NULL);
    g_autofree char *huge = g_strnfill(1 << 20, 'x');
    static const char *const odd[] = {"", "@", "a@", "@a.exampl", "\xff\xfe@\x80"};
    SkPolicyFacts facts = {.from = huge, .recipient = huge};

    for (size_t i = 0; i <= G_N_ELEMENTS(odd); i++) {
        g_autoptr(SkDecision) decision = NULL;

        sk_policy_judge(policy, &facts, &decision, NULL);
        g_assert_cmpint(decision->fate, ==, SK_FATE_DELIVER);
        if (i < G_N_ELEMENTS(odd))
            facts.from = facts.recipient = odd[i];
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/policy-judge/rules", test_rules);
    g_test_add_func("/policy-judge/precedence", test_precedence);
    g_test_add_func("/policy-judge/who", test_who);
    g_test_add_func("/policy-judge/verified", test_verified);
    g_test_add_func("/policy-judge/unknown", test_unknown);
    g_test_add_func("/policy-judge/numbers", test_numbers);
    g_test_add_func("/policy-judge/joins", test_joins);
    g_test_add_func("/policy-judge/strip", test_strip);
    g_test_add_func("/policy-judge/waive", test_waive);
    g_test_add_func("/policy-judge/observe", test_observe);
    g_test_add_func("/policy-judge/floor", test_floor);
    g_test_add_func("/policy-judge/depends-on-recipient", test_depends_on_recipient);
    g_test_add_func("/policy-judge/unsought", test_unsought);
    g_test_add_func("/policy-judge/weigh-waives", test_weigh_waives);
    g_test_add_func("/policy-judge/hostile-facts", test_hostile_facts);
    return g_test_run();
}
