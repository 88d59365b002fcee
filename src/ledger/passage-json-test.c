/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/passage-json.h"

#include "base/error.h"
#include "base/limit.h"
#include "ledger/passage-testing.h"

static SkPassage *
round_trip(const SkPassage *passage)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = sk_passage_json_new(passage, &error);
    SkPassage *back;

    g_assert_no_error(error);
    back = sk_passage_json_read(text, &error);
    g_assert_no_error(error);
    return back;
}

static void
compare_decisions(const SkDecision *a, const SkDecision *b)
{
    if (a == NULL || b == NULL) {
        g_assert_true(a == b);
        return;
    }
    g_assert_true(sk_decision_equal(a, b));
    g_assert_cmpstr(a->text, ==, b->text);
    g_assert_cmpstr(a->finding, ==, b->finding);
    g_assert_cmpuint(a->rules->len, ==, b->rules->len);
    for (guint i = 0; i < a->rules->len; i++) {
        const SkRuleRef *x = &g_array_index(a->rules, SkRuleRef, i);
        const SkRuleRef *y = &g_array_index(b->rules, SkRuleRef, i);

        g_assert_cmpstr(x->id, ==, y->id);
        g_assert_cmpuint(x->line, ==, y->line);
    }
}

static void
compare_envelopes(const SkEnvelope *a, const SkEnvelope *b)
{
    g_assert_cmpstr(a->client_address, ==, b->client_address);
    g_assert_cmpstr(a->client_name, ==, b->client_name);
    g_assert_cmpstr(a->helo, ==, b->helo);
    g_assert_cmpstr(a->login, ==, b->login);
    g_assert_cmpstr(a->queue_id, ==, b->queue_id);
    g_assert_cmpstr(a->sender, ==, b->sender);
    g_assert_cmpstr(a->sender_args, ==, b->sender_args);
    g_assert_cmpuint(sk_envelope_count(a), ==, sk_envelope_count(b));
    for (guint i = 0; i < sk_envelope_count(a); i++) {
        g_assert_cmpstr(sk_envelope_peek(a, i)->address, ==, sk_envelope_peek(b, i)->address);
        g_assert_cmpstr(sk_envelope_peek(a, i)->args, ==, sk_envelope_peek(b, i)->args);
    }
}

static void
compare_findings(const SkFindings *a, const SkFindings *b)
{
    g_assert_cmpuint(sk_findings_count(a), ==, sk_findings_count(b));
    for (size_t i = 0; i < sk_findings_count(a); i++) {
        const SkFinding *x = sk_findings_peek(a, i), *y = sk_findings_peek(b, i);

        g_assert_cmpint(x->id, ==, y->id);
        g_assert_cmpstr(x->part, ==, y->part);
        g_assert_cmpstr(x->subject, ==, y->subject);
        g_assert_cmpstr(x->detail, ==, y->detail);
        g_assert_cmpstr(x->recipient, ==, y->recipient);
    }
}

static void
compare_recipients(const GPtrArray *a, const GPtrArray *b)
{
    g_assert_cmpuint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        const SkPassageRecipient *x = a->pdata[i], *y = b->pdata[i];

        g_assert_cmpstr(x->address, ==, y->address);
        g_assert_cmpint(x->direction, ==, y->direction);
        g_assert_cmpint(x->to_internal, ==, y->to_internal);
        g_assert_cmpint(x->visible, ==, y->visible);
        g_assert_cmpstr(x->to_partner, ==, y->to_partner);
        compare_decisions(x->decision, y->decision);
        compare_decisions(x->observed, y->observed);
    }
}

static void
compare(const SkPassage *a, const SkPassage *b)
{
    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_cmpint(a->received_us, ==, b->received_us);
    g_assert_cmpint(a->origin, ==, b->origin);
    compare_envelopes(a->envelope, b->envelope);
    g_assert_cmpstr(a->from, ==, b->from);
    g_assert_cmpint(a->from_internal, ==, b->from_internal);
    g_assert_cmpint(a->verified_internal, ==, b->verified_internal);
    g_assert_cmpint(a->verified_domain, ==, b->verified_domain);
    g_assert_cmpint(a->verified_address, ==, b->verified_address);
    g_assert_cmpstr(a->from_partner, ==, b->from_partner);
    g_assert_cmpint(a->verified_partner, ==, b->verified_partner);
    g_assert_cmpstr(a->subject, ==, b->subject);
    g_assert_cmpstr(a->message_id, ==, b->message_id);
    g_assert_cmpuint(a->size, ==, b->size);
    g_assert_cmpuint(a->external_domains, ==, b->external_domains);
    compare_findings(a->findings, b->findings);
    compare_recipients(a->recipients, b->recipients);
    g_assert_cmpint(a->fate, ==, b->fate);
    g_assert_cmpstr(a->smtp, ==, b->smtp);
    g_assert_cmpstr(a->held, ==, b->held);
    g_assert_cmpuint(a->copies, ==, b->copies);
    g_assert_cmpstr(a->released, ==, b->released);
    g_assert_cmpint(a->took_us, ==, b->took_us);
}

static void
test_round_trip(void)
{
    g_autoptr(SkPassage) plain =
        sk_test_passage_plain("01j8zk3fa7s4wq9m2xet", 1798884000000000);
    g_autoptr(SkPassage) full = sk_test_passage_full("01j8zk3fa7s4wq9m2xeu", 1798884000000001);
    g_autoptr(SkPassage) plain_back = round_trip(plain);
    g_autoptr(SkPassage) full_back = round_trip(full);
    g_autoptr(SkPassage) held_back = NULL;

    compare(plain, plain_back);
    compare(full, full_back);
    plain->held = g_strdup(plain->id);
    plain->copies = 2;
    held_back = round_trip(plain);
    compare(plain, held_back);
}

/* A passage may hold nothing but its id: "no sender yet" is not the empty sender. */
static void
test_bare(void)
{
    g_autoptr(SkPassage) bare = sk_passage_new();
    g_autoptr(SkPassage) back = NULL;

    bare->id = g_strdup("x");
    bare->envelope = sk_envelope_new();
    back = round_trip(bare);
    compare(bare, back);
    g_assert_null(back->envelope->sender);
    bare->envelope->sender = g_strdup("");
    sk_passage_free(back);
    back = round_trip(bare);
    g_assert_cmpstr(back->envelope->sender, ==, "");
}

static void
test_hostile_texts(void)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"\xff\xfe@example.com", "\\xff\\xfe@example.com"},
        {"caf\xe9", "caf\\xe9"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        {"a\nb\x1b[2J\"\\", "a\\x0ab\\x1b[2J\"\\"},
        {"\xe2\x80\xaegnp.exe", "\\u{202e}gnp.exe"},
        {"請求書", "請求書"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkPassage) passage = sk_test_passage_plain("x", 1);
        g_autoptr(SkPassage) back = NULL;

        g_test_message("case %zu", i);
        g_free(passage->subject);
        passage->subject = g_strdup(cases[i].text);
        g_assert_true(sk_envelope_set_sender(passage->envelope, cases[i].text, cases[i].text));
        sk_test_passage_add_recipient(passage, cases[i].text, SK_DIRECTION_INBOUND);
        back = round_trip(passage);
        g_assert_cmpstr(back->subject, ==, cases[i].want);
        g_assert_cmpstr(back->envelope->sender, ==, cases[i].want);
        g_assert_cmpstr(sk_envelope_peek(back->envelope, 1)->address, ==, cases[i].want);
        g_assert_cmpstr(((SkPassageRecipient *)back->recipients->pdata[1])->address, ==,
                        cases[i].want);
    }
}

static void
test_long_text(void)
{
    g_autoptr(SkPassage) passage = sk_test_passage_plain("x", 1);
    g_autoptr(SkPassage) back = NULL;

    g_free(passage->subject);
    passage->subject = g_strnfill(1000000, 'x');
    back = round_trip(passage);
    g_assert_cmpuint(strlen(back->subject), <=, SK_LIMIT_PASSAGE_TEXT + strlen("…"));
}

static void
test_damaged(void)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"", "damaged at byte"},
        {"{", "damaged at byte"},
        {"[]", "version 0"},
        {"{\"version\":2,\"id\":\"x\"}", "version 2, this program knows 1"},
        {"{\"version\":1}", "\"id\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"mars\"}", "\"origin\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\"}", "\"fate\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\",\"fate\":1}", "\"fate\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\",\"fate\":\"deliver\","
         "\"size\":-1}",
         "\"size\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\",\"fate\":\"deliver\","
         "\"findings\":[{\"id\":\"no.such\"}]}",
         "\"findings\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\",\"fate\":\"deliver\","
         "\"recipients\":[{\"address\":\"a\",\"direction\":\"inbound\","
         "\"decision\":{\"fate\":\"deliver\",\"waits\":[3]}}]}",
         "\"waits\""},
        {"{\"version\":1,\"id\":\"x\",\"origin\":\"inbound\",\"fate\":\"deliver\","
         "\"recipients\":[{\"address\":\"a\",\"direction\":\"inbound\","
         "\"decision\":{\"fate\":\"deliver\",\"rules\":[{\"id\":\"0123456789abc\"}]}}]}",
         "\"rules\""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_null(sk_passage_json_read(cases[i].text, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
        g_assert_nonnull(strstr(error->message, cases[i].want));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passage-json/round-trip", test_round_trip);
    g_test_add_func("/passage-json/bare", test_bare);
    g_test_add_func("/passage-json/hostile-texts", test_hostile_texts);
    g_test_add_func("/passage-json/long-text", test_long_text);
    g_test_add_func("/passage-json/damaged", test_damaged);
    return g_test_run();
}
