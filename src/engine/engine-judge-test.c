/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-judge.h"

#include <string.h>

#include "engine/engine-answer.h"
#include "engine/engine-edits.h"
#include "engine/engine-hold.h"
#include "engine/engine-settings.h"
#include "mail/mail-edit.h"

#define NOON (1800000000LL * G_USEC_PER_SEC)

static const char rules[] =
    "inbound  when attach.encrypted then reject \"send a file link instead\"\n"
    "outbound when attach.encrypted and to \"@strict.example\" then reject\n"
    "outbound when attach.danger then defer\n"
    "inbound when attach.any and to \"picky@ours.example\" then reject\n"
    "inbound when attach.any and to \"patient@ours.example\" then defer\n"
    "any when attach.unknown then mark \"UNKNOWN\"\n"
    "observe inbound when mime then reject\n";

typedef struct {
    SkSite *site;
    SkPolicy *policy;
    SkPassage *passage;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    static const char config[] = "[site]\nown_domains = ours.example\n"
                                 "help_url = https://ours.example/mail\ntime_zone = UTC\n";
    static const SkPolicyWorld world = {.built_edits = SK_EDIT_MARK | SK_EDIT_STRIP,
                                        .built_waits = ~0U};
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", config, strlen(config), sk_engine_setting_tables, NULL);
    g_autoptr(GPtrArray) complaints =
        g_ptr_array_new_with_free_func((GDestroyNotify)sk_complaint_free);

    (void)data;
    f->site = sk_site_new(settings, NULL);
    f->policy = sk_policy_new("rules", rules, strlen(rules), &world, complaints);
    g_assert_nonnull(f->policy);
    f->passage = sk_passage_new();
    f->passage->id = g_strdup("0123456789abcdefghjk");
    f->passage->envelope = sk_envelope_new();
    g_assert_true(sk_envelope_set_sender(f->passage->envelope, "a@b.example", NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_passage_free(f->passage);
    sk_policy_unref(f->policy);
    sk_site_free(f->site);
}

static void
judge(Fixture *f, SkOrigin origin, const char *from, const char *const *recipients)
{
    f->passage->origin = origin;
    f->passage->from = g_strdup(from);
    for (; *recipients != NULL; recipients++)
        g_assert_true(sk_envelope_add_recipient(f->passage->envelope, *recipients, NULL));
    sk_engine_judge(f->site, f->policy, NOON, f->passage);
}

static void
test_clean_is_delivered(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", NULL};

    (void)data;
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_cmpint(f->passage->fate, ==, SK_FATE_DELIVER);
    g_assert_null(f->passage->smtp);
    g_assert_cmpuint(f->passage->external_domains, ==, 0);
}

static void
test_answer_says_what_and_why(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", "y@ours.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "plan.zip",
                    NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_cmpint(f->passage->fate, ==, SK_FATE_REJECT);
    g_assert_cmpstr(f->passage->smtp, ==,
                    "550 5.7.1 send a file link instead (plan.zip) [0123456789abcdefghjk] see "
                    "https://ours.example/mail");
}

static void
test_answer_names_recipients(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", "y@strict.example", "z@other.example", NULL};
    g_autoptr(GPtrArray) copies = NULL;

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "計画.zip",
                    NULL);
    judge(f, SK_ORIGIN_OUTBOUND, "me@ours.example", to);
    g_assert_true(f->passage->from_internal);
    g_assert_cmpuint(f->passage->external_domains, ==, 2);
    g_assert_cmpint(f->passage->fate, ==, SK_FATE_REJECT);
    g_assert_nonnull(strstr(f->passage->smtp, " for y@strict.example ["));
    g_assert_nonnull(strstr(f->passage->smtp, "without a password"));
    copies = sk_engine_copies(f->passage);
    g_assert_cmpuint(copies->len, ==, 2);
}

static void
test_defer(Fixture *f, const void *data)
{
    const char *const to[] = {"z@other.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_DANGER_SCRIPT, "1", "a.js", NULL);
    judge(f, SK_ORIGIN_OUTBOUND, "me@ours.example", to);
    g_assert_true(g_str_has_prefix(f->passage->smtp, "451 4.7.1 "));
}

/* From outside: those for whom it would be refused wait, the others get it. */
static void
test_partly_rejected_inbound(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", "picky@ours.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ANY, "1", "a.pdf", NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_null(f->passage->smtp);
    g_assert_cmpint(f->passage->fate, ==, SK_FATE_DELIVER);
    g_assert_true(sk_engine_rejects_some(f->passage));
    g_assert_true(sk_engine_must_hold(f->passage));
}

/* From our people: nobody gets it. */
static void
test_partly_rejected_outbound(Fixture *f, const void *data)
{
    const char *const to[] = {"x@other.example", "y@strict.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "1", "a.zip", NULL);
    judge(f, SK_ORIGIN_OUTBOUND, "me@ours.example", to);
    g_assert_false(sk_engine_rejects_some(f->passage));
    g_assert_true(g_str_has_prefix(f->passage->smtp, "550 5.7.1 "));
}

/* A defer for the other puts all off, the refused one as well: he is judged again. */
static void
test_partly_rejected_and_deferred(Fixture *f, const void *data)
{
    const char *const to[] = {"patient@ours.example", "picky@ours.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ANY, "1", "a.pdf", NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_true(g_str_has_prefix(f->passage->smtp, "451 4.7.1 "));
}

/* What we failed to inspect never passes, whatever the rules say. */
static void
test_floor(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", NULL};
    const SkPassageRecipient *recipient;

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_INSPECT_CRASHED, NULL, NULL, NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_null(f->passage->smtp);
    recipient = f->passage->recipients->pdata[0];
    g_assert_cmpuint(recipient->decision->waits, ==, SK_WAIT_REVIEW);
    g_assert_cmpint(recipient->decision->review, ==, SK_REVIEW_ADMIN);
}

static void
test_observed_is_only_recorded(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", NULL};
    const SkPassageRecipient *recipient;

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_MIME_AMBIGUOUS, NULL, NULL, NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    recipient = f->passage->recipients->pdata[0];
    g_assert_cmpint(f->passage->fate, ==, SK_FATE_DELIVER);
    g_assert_cmpint(recipient->decision->fate, ==, SK_FATE_DELIVER);
    g_assert_cmpint(recipient->observed->fate, ==, SK_FATE_REJECT);
}

static void
test_answer_is_short_ascii(Fixture *f, const void *data)
{
    const char *const to[] = {"x@ours.example", NULL};
    g_autofree char *name = g_strnfill(500, 'x');

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_ENCRYPTED_PDF, "1", name, NULL);
    judge(f, SK_ORIGIN_INBOUND, "a@b.example", to);
    g_assert_cmpuint(strlen(f->passage->smtp), <=, SK_ANSWER_MAX);
    g_assert_nonnull(strstr(f->passage->smtp, "[0123456789abcdefghjk]"));
    for (const char *p = f->passage->smtp; *p != '\0'; p++)
        g_assert_true(*p >= 0x20 && *p < 0x7f);
}

static char *
describe(const GPtrArray *edits)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < edits->len; i++) {
        const SkHeaderEdit *edit = edits->pdata[i];

        g_string_append_printf(
            out, "%s %u %s:%s|", edit->kind == SK_HEADER_INSERT ? "insert" : "change",
            edit->index, edit->name, edit->value != NULL ? edit->value : "-");
    }
    return g_string_free(out, FALSE);
}

static void
test_edits(Fixture *f, const void *data)
{
    static const struct {
        SkOrigin origin;
        const char *header;
        const char *want;
    } cases[] = {
        {SK_ORIGIN_INBOUND, "From: a@b.example\r\nSubject: hello\r\n\r\n",
         "change 1 Subject: [UNKNOWN] hello|"
         "insert 0 X-Sekisho: id=0123456789abcdefghjk;\n\tfindings=attach.unknown|"},
        {SK_ORIGIN_OUTBOUND,
         "X-SEKISHO: forged\r\nx-sekisho: again\r\nSubject:no blank\r\n\r\n",
         "change 2 X-Sekisho:-|change 1 X-Sekisho:-|change 1 Subject: [UNKNOWN] no blank|"
         "insert 0 X-Sekisho: id=0123456789abcdefghjk|"},
        {SK_ORIGIN_OUTBOUND, "From: a@b.example\r\n\r\n",
         "insert 1 Subject: [UNKNOWN]|insert 0 X-Sekisho: id=0123456789abcdefghjk|"},
        {SK_ORIGIN_OUTBOUND,
         "Subject: signed\r\nContent-Type: Multipart/Signed; boundary=x\r\n\r\n",
         "insert 0 X-Sekisho-Mark: [UNKNOWN]|insert 0 X-Sekisho: id=0123456789abcdefghjk|"},
    };
    const char *const to[] = {"x@other.example", "y@ours.example", NULL};

    (void)data;
    sk_findings_add(f->passage->findings, SK_FINDING_ATTACH_UNKNOWN, "1", "a.bin", NULL);
    judge(f, SK_ORIGIN_OUTBOUND, "me@ours.example", to);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) edits = NULL;
        g_autofree char *got = NULL;

        f->passage->origin = cases[i].origin;
        edits = sk_engine_edits(f->passage, sk_bytes(cases[i].header, strlen(cases[i].header)));
        got = describe(edits);
        g_assert_cmpstr(got, ==, cases[i].want);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(Fixture *f, const void *data);
    } tests[] = {
        {"/judge/clean-is-delivered", test_clean_is_delivered},
        {"/judge/answer-says-what-and-why", test_answer_says_what_and_why},
        {"/judge/answer-names-recipients", test_answer_names_recipients},
        {"/judge/answer-is-short-ascii", test_answer_is_short_ascii},
        {"/judge/defer", test_defer},
        {"/judge/partly-rejected-inbound", test_partly_rejected_inbound},
        {"/judge/partly-rejected-outbound", test_partly_rejected_outbound},
        {"/judge/partly-rejected-and-deferred", test_partly_rejected_and_deferred},
        {"/judge/floor", test_floor},
        {"/judge/observed-is-only-recorded", test_observed_is_only_recorded},
        {"/judge/edits", test_edits},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].run, tear_down);
    return g_test_run();
}
