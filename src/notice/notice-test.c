/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice.h"

#include <string.h>

#include "base/error.h"
#include "notice/notice-field.h"
#include "notice/notice-matter.h"
#include "notice/notice-page.h"
#include "notice/notice-strip.h"

#define MINUTE (60 * (int64_t)G_USEC_PER_SEC)
/* 2026-11-22 15:42 in Tokyo. */
#define NOW_US (1795329720LL * G_USEC_PER_SEC)

static void
test_addresses(void)
{
    static const struct {
        const char *address;
        bool fits;
    } cases[] = {
        {"a@example.com", true},
        {"a.b+c=d@sub.example.com", true},
        {"a..b.@example.com", true},
        {"田中@example.com", true},
        {NULL, false},
        {"", false},
        {"a", false},
        {"@example.com", false},
        {"a@", false},
        {"a@b@example.com", false},
        {"a b@example.com", false},
        {"a@example.com, b@example.com", false},
        {"a@example.com>", false},
        {"\"a\"@example.com", false},
        {"a@example.com\r\nBcc: b@example.com", false},
        {"a\x7f@example.com", false},
        {"a\xff@example.com", false},
        {"a\u202e@example.com", false},
        {"a\u200b@example.com", false},
        {"a\u3000@example.com", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].address);
        g_assert_cmpint(sk_notice_is_address(cases[i].address), ==, cases[i].fits);
    }
}

static void
test_fields(void)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {"plain", "Subject: plain\r\n"},
        {" blanks \t", "Subject: blanks \\x09\r\n"},
        {"", "Subject: \r\n"},
        {"a\r\nb", "Subject: a\\x0d\\x0ab\r\n"},
        /* A decoder would take it for what it is not. */
        {"=?UTF-8?B?YQ==?=", "Subject: =?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=\r\n"},
        {"あ", "Subject: =?UTF-8?B?44GC?=\r\n"},
        /* Thirteen letters of three bytes are a word. */
        {"ああああああああああああああ",
         "Subject: =?UTF-8?B?44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC44GC?=\r\n"
         " =?UTF-8?B?44GC?=\r\n"},
        {"0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234",
         "Subject: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\r\n"
         " 01234\r\n"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) out = g_string_new(NULL);

        sk_notice_field_text(out, "Subject", cases[i].text);
        g_assert_cmpstr(out->str, ==, cases[i].field);
    }
}

static void
test_ids(void)
{
    static const char *const none[] = {
        NULL, "", "a@b", "<a>", "<a@b> x", "<a b@c>", "<a@b>\r\nBcc: c@d", "<a@b><c@d>"};
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
        sk_notice_field_id(out, "References", none[i]);
    g_assert_cmpstr(out->str, ==, "");
    sk_notice_field_id(out, "References", "<a.b+c@example.com>");
    g_assert_cmpstr(out->str, ==, "References: <a.b+c@example.com>\r\n");
}

static void
test_times(void)
{
    static const struct {
        int64_t after_us;
        const char *text;
    } cases[] = {
        {-MINUTE, "11月22日(日) 15:41 15:41 JST on Sun 22 Nov"},
        {MINUTE / 4,
         "11月22日(日) 15:42（あと約1分） 15:42 JST on Sun 22 Nov (in about 1 minute)"},
        {119 * MINUTE,
         "11月22日(日) 17:41（あと約119分） 17:41 JST on Sun 22 Nov (in about 119 minutes)"},
        {120 * MINUTE,
         "11月22日(日) 17:42（あと約2時間） 17:42 JST on Sun 22 Nov (in about 2 hours)"},
        {3 * 1440 * MINUTE,
         "11月25日(水) 15:42（あと約3日） 15:42 JST on Wed 25 Nov (in about 3 days)"},
    };
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Tokyo");

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) text = g_string_new(NULL);
        SkNoticePage page = {text, SK_LANGUAGE_JA | SK_LANGUAGE_EN, NOW_US, zone};

        sk_notice_say_when(&page, "%s", "%s", NOW_US + cases[i].after_us);
        g_strdelimit(text->str, "\n", ' ');
        g_assert_cmpstr(g_strchomp(text->str), ==, cases[i].text);
    }
}

static SkNotice
make_notice(const SkNoticeMail *mail, GTimeZone *zone)
{
    return (SkNotice){.letter = SK_LETTER_SENDER,
                      .languages = SK_LANGUAGE_EN,
                      .id = "id",
                      .from = "sekisho@ours.example",
                      .to = "taro@ours.example",
                      .now_us = NOW_US,
                      .zone = zone,
                      .mails = mail,
                      .n_mails = 1};
}

static char *
write_one(const SkNotice *notice)
{
    g_auto(SkBuffer) out;
    g_autoptr(GError) error = NULL;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    g_assert_true(sk_notice_write(notice, &out, &error));
    g_assert_no_error(error);
    return g_strndup((const char *)out.data, out.len);
}

/* What somebody can do to stop it depends on what the site has. */
static void
test_ways_to_stop(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    SkNoticeMail mail = {.id = "01kaj", .open = SK_WAIT_TIME, .leaves_us = NOW_US + MINUTE};
    SkNotice notice = make_notice(&mail, zone);
    g_autofree char *neither = write_one(&notice);
    g_autofree char *both = NULL;

    g_assert_nonnull(strstr(neither, "tell your administrator its number"));
    g_assert_null(strstr(neither, "open this page"));
    g_assert_null(strstr(neither, "Answering this notice"));
    mail.stop_link = "https://ours.example/t/0";
    notice.reply_to = "stop+0@ours.example";
    both = write_one(&notice);
    g_assert_null(strstr(both, "tell your administrator its number"));
    g_assert_nonnull(strstr(both, "\r\nhttps://ours.example/t/0\r\n"));
    g_assert_nonnull(strstr(both, "Answering this notice"));
    g_assert_nonnull(strstr(both, "\r\nReply-To: <stop+0@ours.example>\r\n"));
}

/* Who got his mail without its attachments must not read that he did not get it. */
static void
test_original(void)
{
    static const SkLetter letters[] = {SK_LETTER_RECIPIENT, SK_LETTER_DIGEST,
                                       SK_LETTER_EXPIRED};
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    SkNoticeMail mail = {.id = "01kaj", .open = SK_WAIT_REVIEW};
    SkNotice notice = make_notice(&mail, zone);

    for (size_t i = 0; i < G_N_ELEMENTS(letters); i++) {
        g_autofree char *whole = NULL, *original = NULL;

        notice.letter = letters[i];
        mail.original = false;
        whole = write_one(&notice);
        mail.original = true;
        original = write_one(&notice);
        g_assert_null(strstr(whole, "without some of its attachments"));
        g_assert_nonnull(strstr(original, "without some of its attachments"));
    }
}

static void
test_bad_addresses(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const SkNoticeMail mail = {.id = "01kaj"};
    SkNotice notice = make_notice(&mail, zone);
    g_auto(SkBuffer) out;
    g_autoptr(GError) error = NULL;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    notice.to = "a@example.com\r\nBcc: b@example.com";
    g_assert_false(sk_notice_write(&notice, &out, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_USAGE);
    g_assert_cmpuint(out.len, ==, 0);
}

static void
test_too_large(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    const SkNoticeMail mail = {.id = "01kaj"};
    SkNotice notice = make_notice(&mail, zone);
    g_auto(SkBuffer) out;
    g_autoptr(GError) error = NULL;

    sk_buffer_init(&out, 300);
    g_assert_false(sk_notice_write(&notice, &out, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
}

static void
test_matter(void)
{
    g_assert_false(sk_notice_matters(SK_FINDING_ATTACH_ANY));
    g_assert_false(sk_notice_matters(SK_FINDING_DMARC_PASS));
    g_assert_true(sk_notice_matters(SK_FINDING_DMARC_REJECT));
    g_assert_true(sk_notice_matters(SK_FINDING_MISSEND_RED));
}

/* Each finding once, those of other recipients not at all, and not more than fit a screen. */
static void
test_findings(void)
{
    static const char *const to[] = {"a@example.com", NULL};
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    g_autoptr(SkFindings) findings = sk_findings_new();
    const SkNoticeMail mail = {.id = "01kaj", .to = to, .findings = findings};
    const SkNotice notice = make_notice(&mail, zone);
    g_autofree char *text = NULL;

    sk_findings_add(findings, SK_FINDING_ATTACH_ANY, "2", "all.txt", NULL);
    sk_findings_add(findings, SK_FINDING_ATTACH_BROKEN, "2", "twice.zip", NULL);
    sk_findings_add(findings, SK_FINDING_ATTACH_BROKEN, "3", "twice.zip", NULL);
    sk_findings_add_for(findings, SK_FINDING_MISSEND_RED, "b@example.com", "secret", NULL);
    sk_findings_add_for(findings, SK_FINDING_MISSEND_YELLOW, "A@example.com", "mine", NULL);
    for (int i = 0; i < 10; i++) {
        g_autofree char *name = g_strdup_printf("%d.exe", i);

        sk_findings_add(findings, SK_FINDING_ATTACH_DANGER_EXECUTABLE, "4", name, NULL);
    }
    text = write_one(&notice);
    g_assert_null(strstr(text, "all.txt"));
    g_assert_nonnull(
        strstr(text, "- a damaged file: something in it could not be read: \"twice.zip\"\r\n"));
    g_assert_true(strstr(text, "twice.zip") == g_strrstr(text, "twice.zip"));
    g_assert_null(strstr(text, "secret"));
    g_assert_nonnull(strstr(text, "mine"));
    g_assert_nonnull(strstr(text, "- and 4 more\r\n"));
}

static void
test_strip(void)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    const SkNoticeStrip inbound = {SK_LANGUAGE_JA, true, "01kaj", findings,
                                   "https://h.example"};
    const SkNoticeStrip outbound = {SK_LANGUAGE_EN, false, "01kaj", NULL, NULL};
    g_autofree char *in = NULL;
    g_autofree char *out = sk_notice_strip_text(&outbound);

    sk_findings_add(findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "a.zip", NULL);
    in = sk_notice_strip_text(&inbound);
    g_assert_nonnull(strstr(in, "ファイル名: %NAME%\n大きさ: %SIZE%\n"));
    g_assert_nonnull(strstr(in, "・パスワード付き ZIP です: 「a.zip」\n番号: 01kaj\n"));
    g_assert_nonnull(strstr(in, "保留しています"));
    g_assert_true(g_str_has_suffix(in, "\nhttps://h.example\n"));
    g_assert_true(g_str_is_ascii(out));
    g_assert_nonnull(strstr(out, "please ask the sender"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notice/addresses", test_addresses);
    g_test_add_func("/notice/fields", test_fields);
    g_test_add_func("/notice/ids", test_ids);
    g_test_add_func("/notice/times", test_times);
    g_test_add_func("/notice/ways-to-stop", test_ways_to_stop);
    g_test_add_func("/notice/original", test_original);
    g_test_add_func("/notice/bad-addresses", test_bad_addresses);
    g_test_add_func("/notice/too-large", test_too_large);
    g_test_add_func("/notice/matter", test_matter);
    g_test_add_func("/notice/findings", test_findings);
    g_test_add_func("/notice/strip", test_strip);
    return g_test_run();
}
