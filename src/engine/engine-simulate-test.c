/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-simulate.h"

#include <string.h>

#include "base/random.h"
#include "engine/engine-judge.h"
#include "engine/engine-settings.h"
#include "ledger/passage-json.h"

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)
#define NOW_US (INT64_C(1800000000) * G_USEC_PER_SEC) /* 2027-01-15 */

static SkSite *
site_new(void)
{
    const char *text = "[site]\nown_domains = ours.example\ntime_zone = UTC\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);

    return sk_site_new(settings, NULL);
}

static char **
read_list(const char *name, void *data, GError **error)
{
    return g_strsplit("@partner.example\nsaburo@ours.example\n", "\n", -1);
}

static SkPolicy *
policy_new(const char *text)
{
    const SkPolicyWorld world = {
        .built_edits = SK_EDIT_MARK, .read_list = read_list, .trying = true};
    SkPolicy *policy = sk_policy_new("t", text, strlen(text), &world, NULL);

    g_assert_nonnull(policy);
    return policy;
}

/* One mail: who to whom ("a,b"), the ids found, when. */
typedef struct {
    const char *from;
    const char *to;
    const char *findings;
    int64_t at_us;
} Mail;

static SkPassage *
passage_new(const SkSite *site, const Mail *mail)
{
    g_auto(GStrv) recipients = g_strsplit(mail->to, ",", -1);
    g_auto(GStrv) ids = g_strsplit(mail->findings, " ", -1);
    SkPassage *passage = sk_passage_new();

    passage->id = sk_random_id(mail->at_us);
    passage->received_us = mail->at_us;
    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(passage->envelope, mail->from, NULL));
    passage->from = g_strdup(mail->from);
    passage->origin =
        sk_site_is_ours(site, mail->from) ? SK_ORIGIN_OUTBOUND : SK_ORIGIN_INBOUND;
    passage->size = 4711;
    for (guint i = 0; recipients[i] != NULL; i++)
        g_assert_true(sk_envelope_add_recipient(passage->envelope, recipients[i], NULL));
    for (guint i = 0; ids[i] != NULL && *ids[i] != '\0'; i++) {
        SkFindingId id;

        g_assert_true(sk_finding_id_parse(ids[i], &id));
        sk_findings_add(passage->findings, id, "1", "a.zip", NULL);
    }
    return passage;
}

/* As the gate does it, and the ledger keeps it. */
static char *
record(const SkSite *site, const SkPolicy *policy, const Mail *mail)
{
    g_autoptr(SkPassage) passage = passage_new(site, mail);

    sk_engine_judge(site, policy, mail->at_us, passage);
    return sk_passage_json_new(passage, NULL);
}

typedef struct {
    SkSite *site;
    SkPolicy *now, *other;
    int64_t since_us[SK_N_FINDINGS];
    SkSimulation *simulation;
    const SkSimulated *got;
} World;

static void
world_init(World *w, const char *now, const char *other)
{
    w->site = site_new();
    w->now = policy_new(now);
    w->other = policy_new(other);
    memset(w->since_us, 0, sizeof w->since_us);
    w->simulation = NULL;
}

static void
begin(World *w, bool recorded, int direction)
{
    const SkSimulationOptions options = {.site = w->site,
                                         .other = w->other,
                                         .in_force = recorded ? NULL : w->now,
                                         .since_us = w->since_us,
                                         .direction = direction};

    w->simulation = sk_simulation_new(&options);
    w->got = sk_simulation_peek(w->simulation);
}

static void
world_clear(World *w)
{
    sk_simulation_free(w->simulation);
    sk_policy_unref(w->now);
    sk_policy_unref(w->other);
    sk_site_free(w->site);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

static void
add(World *w, const Mail *mails, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *document = record(w->site, w->now, &mails[i]);

        sk_simulation_add(w->simulation, document);
    }
}

static const SkSimulatedRule *
rule(const World *w, guint i)
{
    g_assert_cmpuint(i, <, w->got->rules->len);
    return w->got->rules->pdata[i];
}

static void
expect_tally(SkTally got, unsigned passages, unsigned recipients)
{
    g_assert_cmpuint(got.passages, ==, passages);
    g_assert_cmpuint(got.recipients, ==, recipients);
}

static const Mail mails[] = {
    {"taro@theirs.example", "hanako@ours.example", "", NOW_US},
    {"taro@theirs.example", "hanako@ours.example", "attach.any", NOW_US + 1},
    {"taro@theirs.example", "hanako@ours.example,jiro@ours.example",
     "attach.any attach.encrypted.zip", NOW_US + 2},
    {"taro@partner.example", "hanako@ours.example", "attach.any attach.encrypted.7z",
     NOW_US + 3},
    {"hanako@ours.example", "jiro@ours.example,taro@theirs.example,ume@partner.example",
     "attach.any attach.encrypted.zip", NOW_US + 4},
    {"jiro@ours.example", "taro@theirs.example", "attach.any", NOW_US + 5},
};

#define NOW_POLICY                                                                             \
    "inbound when attach.encrypted then reject \"no\"\n"                                       \
    "observe outbound when attach.encrypted then reject\n"                                     \
    "any when attach.danger then reject\n"

#define OTHER_POLICY                                                                           \
    "inbound when from list \"partners\" then waive attach.encrypted\n"                        \
    "inbound when attach.encrypted then reject \"no\"\n"                                       \
    "outbound when attach.encrypted then reject\n"                                             \
    "observe any when attach.any then mark \"file\"\n"

/* Counted by hand. */
static void
test_counts(void)
{
    g_auto(World) w;

    world_init(&w, NOW_POLICY, OTHER_POLICY);
    begin(&w, false, -1);
    add(&w, mails, G_N_ELEMENTS(mails));
    expect_tally(w.got->all, 6, 9);
    /* The partner's mail is delivered now; of ours two outside recipients are refused. */
    expect_tally(w.got->changed, 2, 3);
    expect_tally(w.got->kinds[SK_OUTCOME_REFUSED][SK_OUTCOME_DELIVERED], 1, 1);
    expect_tally(w.got->kinds[SK_OUTCOME_DELIVERED][SK_OUTCOME_REFUSED], 1, 2);
    g_assert_cmpuint(w.got->rules->len, ==, 6);
    expect_tally(rule(&w, 0)->matched, 1, 1);
    expect_tally(rule(&w, 0)->changed, 1, 1);
    g_assert_cmpint(rule(&w, 0)->state, ==, SK_RULE_ADDED);
    expect_tally(rule(&w, 1)->matched, 1, 2);
    expect_tally(rule(&w, 1)->changed, 1, 1);
    g_assert_cmpint(rule(&w, 1)->state, ==, SK_RULE_KEPT);
    expect_tally(rule(&w, 2)->matched, 1, 2);
    expect_tally(rule(&w, 2)->changed, 1, 2);
    g_assert_cmpint(rule(&w, 2)->state, ==, SK_RULE_SWITCHED_ON);
    g_assert_cmpuint(rule(&w, 2)->changed_in[SK_DIRECTION_OUTBOUND], ==, 2);
    g_assert_cmpuint(rule(&w, 2)->changed_in[SK_DIRECTION_INBOUND], ==, 0);
    /* Observed: not refused ones only: mails 2, 4, 5 for the colleague, 6. */
    expect_tally(rule(&w, 3)->matched, 5, 8);
    expect_tally(rule(&w, 3)->changed, 0, 0);
    expect_tally(rule(&w, 3)->would, 4, 4);
    expect_tally(w.got->would, 4, 4);
    expect_tally(rule(&w, 4)->matched, 0, 0);
    g_assert_cmpint(rule(&w, 5)->state, ==, SK_RULE_GONE);
    g_assert_cmpstr(rule(&w, 5)->text, ==, "any when attach.danger then reject");
    g_assert_cmpuint(w.got->unexplained, ==, 0);
    g_assert_cmpint(w.got->first_us, ==, NOW_US);
    g_assert_cmpint(w.got->last_us, ==, NOW_US + 5);
}

static void
expect_top(const SkTop *top, const char *want)
{
    g_autoptr(GPtrArray) list = sk_top_list(top);
    g_autoptr(GString) got = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const SkTopEntry *entry = list->pdata[i];

        g_string_append_printf(got, "%s%s=%u%s", i > 0 ? " " : "", entry->key,
                               (unsigned)entry->count, entry->own ? " (own)" : "");
    }
    g_assert_cmpstr(got->str, ==, want);
}

static void
test_people(void)
{
    g_auto(World) w;

    world_init(&w, NOW_POLICY, OTHER_POLICY);
    begin(&w, false, -1);
    add(&w, mails, G_N_ELEMENTS(mails));
    expect_top(w.got->senders, "hanako@ours.example=1 (own) taro@partner.example=1");
    expect_top(w.got->recipients, "hanako@ours.example=1 (own) taro@theirs.example=1 "
                                  "ume@partner.example=1");
    expect_top(w.got->domains, "partner.example=2 theirs.example=1");
}

static void
test_direction(void)
{
    g_auto(World) w;

    world_init(&w, NOW_POLICY, OTHER_POLICY);
    begin(&w, false, SK_DIRECTION_INBOUND);
    add(&w, mails, G_N_ELEMENTS(mails));
    expect_tally(w.got->all, 4, 5);
    expect_tally(w.got->changed, 1, 1);
}

/* What is counted in parts and added up is what is counted at once. */
static void
test_merge(void)
{
    g_auto(World) w;
    g_autoptr(SkSimulation) part = NULL;
    const SkSimulated *got;

    world_init(&w, NOW_POLICY, OTHER_POLICY);
    begin(&w, false, -1);
    add(&w, mails, 3);
    part = g_steal_pointer(&w.simulation);
    begin(&w, false, -1);
    add(&w, mails + 3, 3);
    sk_simulation_merge(part, w.simulation);
    got = sk_simulation_peek(part);
    expect_tally(got->all, 6, 9);
    expect_tally(got->changed, 2, 3);
    expect_tally(((SkSimulatedRule *)got->rules->pdata[3])->would, 4, 4);
    expect_top(got->domains, "partner.example=2 theirs.example=1");
    g_assert_cmpint(got->first_us, ==, NOW_US);
    g_assert_cmpint(got->last_us, ==, NOW_US + 5);
}

static void
test_examples(void)
{
    g_auto(World) w;
    Mail some[6];
    const SkSimulatedRule *one;

    world_init(&w, "any when attach.danger then defer\n",
               "any when attach.any then mark \"x\"\nany when attach.danger then defer\n");
    begin(&w, false, -1);
    for (int i = 0; i < 6; i++)
        /* Those on even days are deferred either way: matched, and nothing changed. */
        some[i] = (Mail){"taro@theirs.example", "hanako@ours.example",
                         i % 2 == 0 ? "attach.any attach.danger.script" : "attach.any",
                         NOW_US + i * DAY_US};
    add(&w, some, 6);
    one = rule(&w, 0);
    expect_tally(one->matched, 6, 6);
    expect_tally(one->changed, 3, 3);
    for (int i = 0; i < SK_SIMULATION_EXAMPLES; i++) {
        g_assert_true(one->examples[i].changed);
        g_assert_cmpuint(strlen(one->examples[i].id), ==, SK_ID_LEN);
    }
    g_assert_cmpstr(one->examples[0].id, >, one->examples[1].id);
    g_assert_cmpstr(one->examples[1].id, >, one->examples[2].id);
    g_assert_false(rule(&w, 1)->examples[0].changed);
}

/* Nobody looked for it then: that is no "no". */
static void
test_unsought(void)
{
    g_auto(World) w;
    g_autofree char *late = NULL, *none = NULL;

    world_init(&w, "",
               "any when attach.encrypted then reject\n"
               "any when not attach.encrypted.7z then mark \"fine\"\n"
               "any when size > 1M then reject\n");
    w.since_us[SK_FINDING_ATTACH_ENCRYPTED_7Z] = NOW_US + 4;
    begin(&w, false, -1);
    add(&w, mails, G_N_ELEMENTS(mails));
    /* Found is found, whoever looked; of the first four the others are unknown. */
    expect_tally(rule(&w, 0)->matched, 3, 6);
    expect_tally(rule(&w, 0)->unknown, 2, 2);
    expect_tally(rule(&w, 1)->matched, 2, 4);
    expect_tally(rule(&w, 1)->unknown, 3, 4);
    expect_tally(rule(&w, 2)->unknown, 0, 0);
    late = sk_simulation_describe_late(w.simulation, 0);
    g_assert_cmpstr(late, ==, "attach.encrypted.7z: not looked for before 2027-01-15");
    none = sk_simulation_describe_late(w.simulation, 2);
    g_assert_null(none);
}

static void
test_gaps(void)
{
    g_auto(World) w;

    world_init(&w, "",
               "any when attach.any then hold for review\n"
               "any when verified from internal then reject\n"
               "any when not dmarc.pass then reject\n");
    begin(&w, false, -1);
    add(&w, mails, G_N_ELEMENTS(mails));
    g_assert_cmpstr(rule(&w, 0)->gaps, ==, "\"hold for review\" is not built yet");
    expect_tally(rule(&w, 0)->changed, 5, 8);
    expect_tally(w.got->kinds[SK_OUTCOME_DELIVERED][SK_OUTCOME_HELD], 5, 8);
    g_assert_nonnull(rule(&w, 1)->gaps);
    expect_tally(rule(&w, 1)->matched, 0, 0);
    expect_tally(rule(&w, 1)->unknown, 6, 9);
    expect_tally(rule(&w, 2)->unknown, 6, 9);
    g_assert_null(rule(&w, 3)->gaps);
}

/* The order of rules decides which text a refusal has. */
static void
test_order(void)
{
    g_auto(World) w;

    world_init(&w, "any when attach.any then reject \"a\"\nany when attach then reject \"b\"\n",
               "any when attach then reject \"b\"\nany when attach.any then reject \"a\"\n");
    begin(&w, false, -1);
    add(&w, mails, 2);
    expect_tally(w.got->kinds[SK_OUTCOME_REFUSED][SK_OUTCOME_REFUSED], 1, 1);
    g_assert_cmpuint(w.got->unexplained, ==, 1);
}

static void
test_not_judged(void)
{
    g_auto(World) w;
    g_autoptr(SkPassage) passage = NULL;
    g_autofree char *document = NULL;

    world_init(&w, "", "any when size > 1 then reject\n");
    begin(&w, false, -1);
    passage = passage_new(w.site, &mails[0]);
    sk_engine_add_unjudged(w.site, passage, SK_FATE_DEFER);
    document = sk_passage_json_new(passage, NULL);
    sk_simulation_add(w.simulation, document);
    sk_simulation_add(w.simulation, "{\"version\": 2}");
    sk_simulation_add(w.simulation, "");
    g_assert_cmpuint(w.got->never_judged, ==, 1);
    g_assert_cmpuint(w.got->unreadable, ==, 2);
    expect_tally(w.got->all, 0, 0);
}

/* On the day it came, not today. */
static void
test_until(void)
{
    static const Mail two[] = {
        {"taro@theirs.example", "hanako@ours.example", "attach.any", NOW_US},
        {"taro@theirs.example", "hanako@ours.example", "attach.any", NOW_US + DAY_US},
    };
    g_auto(World) w;

    world_init(&w, "", "any when attach.any then reject until 2027-01-15\n");
    begin(&w, false, -1);
    add(&w, two, 2);
    expect_tally(w.got->changed, 1, 1);
}

static const char *
pick(const char *const *from, guint n)
{
    return from[g_test_rand_int_range(0, (gint)n)];
}

static char *
random_addresses(void)
{
    static const char *const all[] = {
        "hanako@ours.example", "jiro@ours.example",    "saburo@ours.example",
        "ume@theirs.example",  "taro@partner.example", "x@other.example",
        "UME@Theirs.Example",  "\"a b\"@odd.example",
    };
    GString *out = g_string_new(pick(all, G_N_ELEMENTS(all)));

    while (g_test_rand_int_range(0, 3) == 0)
        g_string_append_printf(out, ",%s", pick(all, G_N_ELEMENTS(all)));
    return g_string_free(out, FALSE);
}

static char *
random_findings(void)
{
    GString *out = g_string_new(NULL);

    while (g_test_rand_int_range(0, 3) != 0) {
        SkFindingId id = (SkFindingId)g_test_rand_int_range(0, SK_N_FINDINGS);

        g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", sk_finding_id_name(id));
    }
    return g_string_free(out, FALSE);
}

static void
expect_same(const SkSite *site, const SkPolicy *policy, const char *document)
{
    g_autoptr(SkPassage) was = sk_passage_json_read(document, NULL);
    g_autofree char *today = sk_site_today(site, was->received_us);

    for (guint i = 0; i < was->recipients->len; i++) {
        const SkPassageRecipient *recipient = was->recipients->pdata[i];
        SkPolicyFacts facts = sk_engine_facts(was, i, today);
        g_autoptr(SkDecision) decision = NULL, observed = NULL;

        sk_policy_judge(policy, &facts, &decision, &observed);
        g_assert_true(sk_decision_equal(decision, recipient->decision));
        g_assert_true(sk_decision_equal(observed, recipient->observed));
        g_assert_cmpmem(decision->rules->data, decision->rules->len * sizeof(SkRuleRef),
                        recipient->decision->rules->data,
                        recipient->decision->rules->len * sizeof(SkRuleRef));
    }
}

/* Everything that a policy can ask is in the record: judged again, nothing changes. */
static void
test_same_policy_same_decisions(void)
{
    static const char policy[] =
        "any when from list \"partners\" then waive attach.encrypted until 2027-02-01\n"
        "inbound when attach.encrypted then reject \"no \xe2\x98\x83\"\n"
        "outbound when attach.any and to list \"partners\" then mark \"partner\", mark "
        "\"file\"\n"
        "observe any when not attach then hold for 5m within 1m..10m\n"
        "internal when attach.danger or size > 4k then defer \"later\"\n"
        "any when recipients > 2 and external-domains > 1 then notify sender, hold for "
        "approval "
        "of \"chiefs\"\n"
        "any when to \"ume@theirs.example\" then link body for 14d level 3, strip\n"
        "any when mime then mark \"odd\" until 2027-01-20\n"
        "observe any when not (from internal or to external) then hold for review by "
        "recipient\n";
    g_auto(World) recorded;
    g_autoptr(SkSimulation) again = NULL;
    const SkSimulated *got;

    world_init(&recorded, policy, policy);
    begin(&recorded, false, -1);
    again = g_steal_pointer(&recorded.simulation);
    begin(&recorded, true, -1);
    for (int i = 0; i < 2000; i++) {
        g_autofree char *from = random_addresses(), *to = random_addresses();
        g_autofree char *findings = random_findings(), *document = NULL;
        Mail mail = {from, to, findings, NOW_US + i * (DAY_US / 100)};

        from[strcspn(from, ",")] = '\0';
        document = record(recorded.site, recorded.now, &mail);
        expect_same(recorded.site, recorded.now, document);
        sk_simulation_add(recorded.simulation, document);
        sk_simulation_add(again, document);
    }
    expect_tally(recorded.got->changed, 0, 0);
    g_assert_cmpuint(recorded.got->all.passages, ==, 2000);
    got = sk_simulation_peek(again);
    expect_tally(got->changed, 0, 0);
    g_assert_cmpuint(got->would.recipients, >, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/simulate/counts", test_counts);
    g_test_add_func("/engine/simulate/people", test_people);
    g_test_add_func("/engine/simulate/direction", test_direction);
    g_test_add_func("/engine/simulate/merge", test_merge);
    g_test_add_func("/engine/simulate/examples", test_examples);
    g_test_add_func("/engine/simulate/unsought", test_unsought);
    g_test_add_func("/engine/simulate/gaps", test_gaps);
    g_test_add_func("/engine/simulate/order", test_order);
    g_test_add_func("/engine/simulate/not-judged", test_not_judged);
    g_test_add_func("/engine/simulate/until", test_until);
    g_test_add_func("/engine/simulate/same-policy-same-decisions",
                    test_same_policy_same_decisions);
    return g_test_run();
}
