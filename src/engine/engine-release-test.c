/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-release.h"

#include <string.h>

#include "engine/engine-settings.h"

#define NOW (1800000000LL * G_USEC_PER_SEC)

#define A "a@theirs.example"
#define I "i@ours.example"

/* One finding: id, part, subject. A list ends with one without subject. */
typedef struct {
    SkFindingId id;
    const char *part, *subject;
} Found;

#define ENCRYPTED                                                                              \
    {                                                                                          \
        SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "a.zip"                                          \
    }
#define SCRIPT                                                                                 \
    {                                                                                          \
        SK_FINDING_ATTACH_DANGER_SCRIPT, "2", "a.js"                                           \
    }
#define MALWARE                                                                                \
    {                                                                                          \
        SK_FINDING_MALWARE_FOUND, "2", "a.js"                                                  \
    }
#define ANY                                                                                    \
    {                                                                                          \
        SK_FINDING_ATTACH_ANY, "2", "a.zip"                                                    \
    }
#define NOTICE                                                                                 \
    {                                                                                          \
        SK_FINDING_ATTACH_ANY, "2", "removed.txt"                                              \
    }

typedef struct {
    const char *rules;
    SkOrigin origin;
    SkCopyVariant variant;
    Found then[4], now[4];
    const char *found; /* at an earlier release, and waited for */
    const char *want;
} Case;

static SkFindings *
findings_new(const Found *found)
{
    SkFindings *findings = sk_findings_new();

    for (; found->subject != NULL; found++)
        sk_findings_add(findings, found->id, found->part, found->subject, NULL);
    return findings;
}

static SkSite *
site_new(void)
{
    static const char config[] = "[site]\nown_domains = ours.example\ntime_zone = UTC\n";
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);

    return sk_site_new(settings, NULL);
}

static SkPolicy *
policy_new(const char *rules)
{
    const SkPolicyWorld world = {.built_edits = ~0U, .built_waits = ~0U, .built_notify = true};
    SkPolicy *policy = sk_policy_new("t", rules, strlen(rules), &world, NULL);

    g_assert_nonnull(policy);
    return policy;
}

/* A held message to one recipient, with a mark, and its copy. */
typedef struct {
    SkRelease release;
    SkHeldMessage *message;
    SkHeldCopy *copy;
    SkPassage *receipt;
    GHashTable *found;
} Held;

static void
held_init(Held *held, const Case *one)
{
    const char *to = one->origin == SK_ORIGIN_INBOUND ? I : A;
    SkPassageRecipient *recipient = sk_passage_recipient_new(to);

    held->receipt = sk_passage_new();
    held->receipt->from = g_strdup(one->origin == SK_ORIGIN_INBOUND ? A : I);
    sk_findings_free(held->receipt->findings);
    held->receipt->findings = findings_new(one->then);
    recipient->decision = sk_decision_new();
    recipient->decision->waits = SK_WAIT_TIME | SK_WAIT_REVIEW;
    recipient->decision->edits = SK_EDIT_MARK;
    g_ptr_array_add(recipient->decision->marks, g_strdup("MARK"));
    g_ptr_array_add(held->receipt->recipients, recipient);
    held->message = sk_held_message_new();
    held->message->sender = g_strdup(held->receipt->from);
    held->message->owner = one->origin == SK_ORIGIN_INBOUND ? NULL : g_strdup(I);
    held->copy = sk_held_copy_new();
    held->copy->variant = one->variant;
    held->copy->direction = sk_direction_of(one->origin, false);
    sk_held_copy_add_recipient(held->copy, to, NULL);
    held->found = g_hash_table_new(g_str_hash, g_str_equal);
    if (one->found != NULL)
        g_hash_table_add(held->found, (char *)one->found);
    held->release = (SkRelease){held->message, held->copy, held->receipt, held->found};
}

static void
held_clear(Held *held)
{
    sk_passage_free(held->receipt);
    sk_held_message_free(held->message);
    sk_held_copy_free(held->copy);
    g_hash_table_unref(held->found);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Held, held_clear)

static SkPassage *
passage_new(const Case *one)
{
    SkPassage *passage = sk_passage_new();

    passage->origin = SK_ORIGIN_RELEASE;
    passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_add_recipient(passage->envelope,
                                            one->origin == SK_ORIGIN_INBOUND ? I : A, NULL));
    sk_findings_free(passage->findings);
    passage->findings = findings_new(one->now);
    return passage;
}

static char *
describe(const SkReleaseVerdict *verdict)
{
    GString *out = g_string_new(NULL);

    if (verdict->fate != SK_RELEASE_REFUSED)
        return g_string_free(
            g_string_append(out, verdict->fate == SK_RELEASE_FINE ? "fine" : "later"), FALSE);
    g_string_append(out, verdict->waits == 0 ? "back" : "held");
    for (unsigned bit = SK_WAIT_TIME; bit <= SK_WAIT_PASSWORD; bit <<= 1) {
        if ((verdict->waits & bit) != 0)
            g_string_append_printf(out, " %s", sk_wait_name((SkWait)bit));
    }
    if (verdict->review != SK_REVIEW_NONE)
        g_string_append(out, verdict->review == SK_REVIEW_ADMIN ? "(admin)" : "(recipient)");
    for (guint i = 0; i < verdict->names->len; i++)
        g_string_append_printf(out, "; %s", (const char *)verdict->names->pdata[i]);
    return g_string_free(out, FALSE);
}

static void
check(const Case *one)
{
    g_autoptr(SkSite) site = site_new();
    g_autoptr(SkPolicy) policy = policy_new(one->rules);
    g_autoptr(SkPassage) passage = passage_new(one);
    g_auto(SkReleaseVerdict) verdict = {0};
    g_auto(Held) held;
    g_autofree char *got = NULL;
    const SkPassageRecipient *recipient;

    held_init(&held, one);
    sk_engine_release_judge(site, policy, NOW, &held.release, passage, &verdict);
    got = describe(&verdict);
    g_assert_cmpstr(got, ==, one->want);
    /* What is done to it now: the marks of then, no waits. */
    recipient = passage->recipients->pdata[0];
    g_assert_cmpuint(recipient->decision->waits, ==, 0);
    g_assert_cmpuint(recipient->decision->marks->len, ==, 1);
    g_assert_cmpint(recipient->direction, ==, held.copy->direction);
    g_assert_cmpstr(passage->from, ==, held.receipt->from);
}

#define REVIEW_ENCRYPTED "inbound when attach.encrypted then hold for review by recipient\n"

static void
check_all(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_test_message("case %zu: %s", i, cases[i].rules);
        check(&cases[i]);
    }
}

static void
test_answered(void)
{
    static const Case cases[] = {
        /* What was answered does not hold it again, whatever the rules say now. */
        {REVIEW_ENCRYPTED,
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED},
         NULL,
         "fine"},
        {"inbound when attach.encrypted then reject\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED},
         NULL,
         "fine"},
        /* Rules that need no finding held it then. */
        {"outbound when to external then hold for approval\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY},
         NULL,
         "fine"},
        {"outbound when to external then hold for approval\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "fine"},
        {"outbound when not attach.encrypted then reject\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED, SCRIPT},
         NULL,
         "fine"},
        /* Only time. */
        {"outbound when attach.danger then hold for 5m\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "fine"},
    };

    check_all(cases, G_N_ELEMENTS(cases));
}

static void
test_new_findings(void)
{
    static const Case cases[] = {
        /* New, but no rule asks. */
        {REVIEW_ENCRYPTED,
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED, SCRIPT},
         NULL,
         "fine"},
        /* New, and a rule asks. */
        {"inbound when attach.danger then hold for review by recipient\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED, SCRIPT},
         NULL,
         "held review(recipient); attach.danger.script in part 2: a.js"},
        {"inbound when malware.found then hold for review by recipient\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {SCRIPT},
         {SCRIPT, MALWARE},
         NULL,
         "held review(admin); malware.found in part 2: a.js"},
        {"inbound when attach.danger then hold for password, hold for 5m\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {SCRIPT},
         NULL,
         "held password; attach.danger.script in part 2: a.js"},
    };

    check_all(cases, G_N_ELEMENTS(cases));
}

static void
test_refused(void)
{
    static const Case cases[] = {
        /* Refused: back to one of us, to an administrator what came from outside. */
        {"any when attach.danger then reject\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "back; attach.danger.script in part 2: a.js"},
        {"any when attach.danger then reject\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "held review(admin); attach.danger.script in part 2: a.js"},
        {"any when attach.danger then defer\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "later"},
        /* The floor. */
        {"",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, {SK_FINDING_INSPECT_TIMEOUT, NULL, "x"}},
         NULL,
         "held review(admin); inspect.timeout: x"},
        /* It has waited for that. */
        {"inbound when attach.danger then hold for review\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ENCRYPTED},
         {ENCRYPTED, SCRIPT},
         "attach.danger.script in part 2: a.js",
         "fine"},
    };

    check_all(cases, G_N_ELEMENTS(cases));
}

/* Neither somebody who is none of us, nor the clerk, which strips only what was to be stripped
 * at receipt. */
static void
test_nobody(void)
{
    static const Case cases[] = {
        {"any when attach.danger then hold for confirm\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "held review(admin); attach.danger.script in part 2: a.js"},
        {"any when attach.danger then hold for password\n",
         SK_ORIGIN_OUTBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "held review(admin); attach.danger.script in part 2: a.js"},
        {"any when malware.found then strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {ANY, MALWARE},
         NULL,
         "held review(admin); malware.found in part 2: a.js"},
        /* It is stripped anyhow. */
        {"any when from external then strip\nany when attach.danger then mark \"x\"\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {ANY},
         {ANY, SCRIPT},
         NULL,
         "fine"},
        /* The scanner still finds it, after what was found then was taken out unseen. */
        {"any when malware.found then strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {{SK_FINDING_MALWARE_FOUND, NULL, "mail"}},
         {{SK_FINDING_MALWARE_FOUND, NULL, "mail"}},
         NULL,
         "held review(admin); malware.found: mail"},
    };

    check_all(cases, G_N_ELEMENTS(cases));
}

static void
test_stripped(void)
{
    static const Case cases[] = {
        /* Our notice stands where the file was; what is left elsewhere is new. */
        {"inbound when attach.any then hold for review, strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {ANY},
         {NOTICE},
         NULL,
         "fine"},
        {"inbound when attach.any then hold for review, strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_WHOLE,
         {ANY},
         {NOTICE},
         NULL,
         "held review(admin); attach.any in part 2: removed.txt"},
        {"inbound when attach.any then hold for review, strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {{SK_FINDING_ATTACH_ANY, "2.1", "a.zip"}},
         {NOTICE},
         NULL,
         "fine"},
        {"inbound when attach.any then hold for review, strip\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {{SK_FINDING_ATTACH_ANY, "21", "a.zip"}},
         {NOTICE},
         NULL,
         "held review(admin); attach.any in part 2: removed.txt"},
        {"inbound when malware.found then hold for review\n",
         SK_ORIGIN_INBOUND,
         SK_COPY_STRIPPED,
         {ANY},
         {NOTICE, MALWARE},
         NULL,
         "held review(admin); malware.found in part 2: a.js"},
    };

    check_all(cases, G_N_ELEMENTS(cases));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/release/answered", test_answered);
    g_test_add_func("/engine/release/new-findings", test_new_findings);
    g_test_add_func("/engine/release/refused", test_refused);
    g_test_add_func("/engine/release/nobody", test_nobody);
    g_test_add_func("/engine/release/stripped", test_stripped);
    return g_test_run();
}
