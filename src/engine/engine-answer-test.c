/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-answer.h"

#include <string.h>

#include "base/limit.h"
#include "engine/engine-settings.h"

#define ID "0123456789abcdefghjk"

static SkSite *
site_new(const char *help_url)
{
    g_autofree char *text = g_strdup_printf("[site]\nhelp_url = %s\n", help_url);
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, NULL);

    return sk_site_new(settings, NULL);
}

static SkPassage *
passage_new(void)
{
    SkPassage *passage = sk_passage_new();

    passage->id = g_strdup(ID);
    passage->origin = SK_ORIGIN_OUTBOUND;
    return passage;
}

static void
add(SkPassage *passage, const char *to, SkFate fate, const char *text, const char *finding)
{
    SkPassageRecipient *recipient = sk_passage_recipient_new(to);

    recipient->decision = sk_decision_new();
    recipient->decision->fate = fate;
    recipient->decision->text = g_strdup(text);
    recipient->decision->finding = g_strdup(finding);
    g_ptr_array_add(passage->recipients, recipient);
}

static void
check(const char *help_url, SkPassage *passage, const char *want)
{
    g_autoptr(SkSite) site = site_new(help_url);

    sk_engine_answer(site, passage);
    g_assert_cmpstr(passage->smtp, ==, want);
}

/* Texts of a rule, as they arrive. */
static void
test_texts(void)
{
    static const struct {
        SkFate fate;
        const char *text;
        const char *finding;
        const char *want;
    } cases[] = {
        {SK_FATE_DELIVER, NULL, NULL, NULL},
        {SK_FATE_REJECT, "100% no", NULL, "550 5.7.1 100% no [" ID "]"},
        {SK_FATE_DEFER, "later", NULL, "451 4.7.1 later [" ID "]"},
        {SK_FATE_REJECT, "だめ no\r\n250 ok", NULL, "550 5.7.1 ?? no??250 ok [" ID "]"},
        {SK_FATE_REJECT, NULL, NULL, "550 5.7.1 The message is not accepted here [" ID "]"},
        {SK_FATE_DEFER, NULL, NULL, "451 4.7.1 The message cannot be taken now [" ID "]"},
        {SK_FATE_REJECT, NULL, "attach.any",
         "550 5.7.1 Mail with attachments is not accepted here [" ID "]"},
        {SK_FATE_REJECT, NULL, "inspect.crashed",
         "550 5.7.1 The message cannot be checked [" ID "]"},
        {SK_FATE_DEFER, NULL, "inspect.crashed",
         "451 4.7.1 The message could not be checked now: please try again later [" ID "]"},
        {SK_FATE_REJECT, NULL, "mime.tnef",
         "550 5.7.1 The message is built in a way that is not accepted here: please send it "
         "again with an ordinary mail program [" ID "]"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) passage = passage_new();

        g_test_message("case %zu", i);
        add(passage, "x@ours.example", cases[i].fate, cases[i].text, cases[i].finding);
        check("", passage, cases[i].want);
        g_assert_cmpint(passage->fate, ==, cases[i].fate);
    }
}

/* A rule without a text of its own still says what to do instead, for every id there is. */
static void
test_every_id_has_a_text(void)
{
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        g_autoptr(SkPassage) passage = passage_new();
        g_autoptr(SkSite) site = site_new("");

        add(passage, "x@ours.example", SK_FATE_REJECT, NULL, sk_finding_id_name(id));
        sk_engine_answer(site, passage);
        g_assert_true(g_str_is_ascii(passage->smtp));
        g_assert_nonnull(strstr(passage->smtp, "[" ID "]"));
        g_assert_null(strstr(passage->smtp, "..."));
    }
}

static void
test_strictest_for_whom(void)
{
    g_autoptr(SkPassage) passage = passage_new();

    add(passage, "a@x.example", SK_FATE_DELIVER, NULL, NULL);
    add(passage, "b@x.example", SK_FATE_DEFER, "later", NULL);
    add(passage, "c\xfd@x.example", SK_FATE_REJECT, "no", NULL);
    add(passage, "", SK_FATE_REJECT, "not this", NULL);
    add(passage, "e@x.example", SK_FATE_REJECT, "no", NULL);
    add(passage, "f@x.example", SK_FATE_REJECT, "no", NULL);
    check("", passage, "550 5.7.1 no for c?@x.example, <>, e@x.example and 1 more [" ID "]");
}

static void
test_what_it_is_about(void)
{
    g_autoptr(SkPassage) passage = passage_new();

    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, "1", "other.txt", NULL);
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "plan.zip", NULL);
    add(passage, "x@ours.example", SK_FATE_REJECT, "no", "attach.encrypted.zip");
    check("https://h.example/", passage,
          "550 5.7.1 no (plan.zip) [" ID "] see https://h.example/");
}

/* The longest of everything: the id and the help arrive whole, the line is not longer. */
static void
test_long(void)
{
    g_autoptr(SkPassage) passage = passage_new();
    g_autofree char *text = g_strnfill(5000, 'x');
    g_autofree char *path = g_strnfill(SK_LIMIT_HELP_URL - strlen("https://"), 'h');
    g_autofree char *url = g_strconcat("https://", path, NULL);
    g_autofree char *tail = g_strdup_printf("... [" ID "] see %s", url);
    g_autoptr(SkSite) site = site_new(url);

    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", text, NULL);
    add(passage, text, SK_FATE_REJECT, text, "attach.encrypted.zip");
    add(passage, text, SK_FATE_DELIVER, NULL, NULL);
    sk_engine_answer(site, passage);
    g_assert_cmpuint(strlen(passage->smtp), ==, SK_ANSWER_MAX);
    g_assert_true(g_str_has_suffix(passage->smtp, tail));
    g_assert_nonnull(strstr(passage->smtp, "xxx... (xxx"));
}

static void
test_without_judgement(void)
{
    g_autoptr(SkPassage) passage = passage_new();

    sk_engine_answer_unavailable(passage);
    g_assert_cmpstr(passage->smtp, ==,
                    "451 4.3.0 The message could not be checked now: please try again later "
                    "[" ID "]");
    g_assert_cmpint(passage->fate, ==, SK_FATE_DEFER);
    sk_engine_answer_no_release(passage);
    g_assert_true(g_str_has_prefix(passage->smtp, "550 5.7.1 "));
    sk_engine_answer_unrecorded(passage);
    g_assert_null(strstr(passage->smtp, ID));
    g_assert_cmpint(passage->fate, ==, SK_FATE_DEFER);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/answer/texts", test_texts);
    g_test_add_func("/engine/answer/every-id-has-a-text", test_every_id_has_a_text);
    g_test_add_func("/engine/answer/strictest-for-whom", test_strictest_for_whom);
    g_test_add_func("/engine/answer/what-it-is-about", test_what_it_is_about);
    g_test_add_func("/engine/answer/long", test_long);
    g_test_add_func("/engine/answer/without-judgement", test_without_judgement);
    return g_test_run();
}
