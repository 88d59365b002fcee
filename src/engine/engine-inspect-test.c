/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-inspect.h"

#include <string.h>

#include "engine/engine-message.h"

/* A ZIP with "a.txt", stored. */
static const char ZIP[] =
    "UEsDBAoAAAAAAAAAIQB9r3GaAwAAAAMAAAAFAAAAYS50eHRhYgpQSwECHgMKAAAAAAAAACEAfa9x"
    "mgMAAAADAAAABQAAAAAAAAAAAAAApIEAAAAAYS50eHRQSwUGAAAAAAEAAQAzAAAAJgAAAAAA";

static SkInspectResult *
inspect_zip(const SkBudgetLimits *limits)
{
    gsize len = 0;
    g_autofree guchar *zip = g_base64_decode(ZIP, &len);

    return sk_engine_inspect(SK_INSPECT_FILE, "a.zip", sk_bytes(zip, len), NULL, limits);
}

static void
test_file(void)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkInspectResult) result = inspect_zip(&limits);

    g_assert_cmpstr(result->type, ==, "zip");
    g_assert_true(result->inspected);
    g_assert_cmpint(result->encrypted, ==, SK_ENCRYPTED_NONE);
    g_assert_cmpuint(sk_findings_count(result->findings), ==, 0);
}

/* Each limit that is spent is a finding, and what was left out does not count as inspected. */
static void
test_limits(void)
{
    static const struct {
        const char *id;
        SkBudgetLimits limits;
    } cases[] = {
        {"attach.limit.time", {1 << 20, 100, 100, 100, 8, 100, -1}},
        {"attach.limit.depth", {1 << 20, 100, 100, 100, 0, 100, 1000}},
        {"attach.limit.entries", {1 << 20, 0, 100, 100, 8, 100, 1000}},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkInspectResult) result = inspect_zip(&cases[i].limits);

        g_test_message("%s", cases[i].id);
        for (size_t j = 0; j < sk_findings_count(result->findings); j++)
            g_test_message("  %s",
                           sk_finding_id_name(sk_findings_peek(result->findings, j)->id));
        g_assert_nonnull(sk_findings_find(result->findings, cases[i].id, NULL));
        g_assert_false(result->inspected);
    }
}

static void
test_mail(void)
{
    static const char mail[] =
        "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        "--x\r\n\r\ntext\r\n--x\r\nContent-Type: application/zip\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename=a.zip\r\n\r\n";
    g_autofree char *whole = g_strconcat(mail, ZIP, "\r\n--x--\r\n", NULL);
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkInspectResult) result =
        sk_engine_inspect(SK_INSPECT_MAIL, NULL, sk_bytes(whole, strlen(whole)), NULL, &limits);

    g_assert_cmpuint(sk_findings_count(result->findings), ==, 1);
    g_assert_cmpstr(sk_findings_peek(result->findings, 0)->subject, ==, "a.zip");
    g_assert_cmpint(sk_findings_peek(result->findings, 0)->id, ==, SK_FINDING_ATTACH_ANY);
    g_assert_true(result->inspected);
}

static void
test_header(void)
{
    static const char header[] =
        "From: undisclosed:;\r\nFrom: Taro =?utf-8?B?5bGx?= <Taro@B.example>\r\n"
        "Subject: =?utf-8?B?6K2w5LqL6Yyy?=\x1b[2J\r\nMessage-ID: <1@b.example>\r\n"
        "To: a@c.example, \"b, c\" <d@e.example>\r\nCc: g: h@i.example;\r\n\r\n";
    g_autoptr(SkPassage) passage = sk_passage_new();
    SkBytes bytes = sk_bytes(header, sizeof header - 1);

    passage->envelope = sk_envelope_new();
    sk_engine_read_header(passage, bytes);
    sk_engine_read_recipients(passage->envelope, bytes);
    g_assert_cmpstr(passage->from, ==, "Taro@b.example");
    g_assert_cmpstr(passage->subject, ==, "議事録\\x1b[2J");
    g_assert_cmpstr(passage->message_id, ==, "<1@b.example>");
    g_assert_cmpuint(sk_envelope_count(passage->envelope), ==, 3);
    g_assert_cmpstr(sk_envelope_peek(passage->envelope, 1)->address, ==, "d@e.example");
    g_assert_cmpstr(sk_envelope_peek(passage->envelope, 2)->address, ==, "h@i.example");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inspect/file", test_file);
    g_test_add_func("/inspect/limits", test_limits);
    g_test_add_func("/inspect/mail", test_mail);
    g_test_add_func("/inspect/header", test_header);
    return g_test_run();
}
