/* SPDX-License-Identifier: Apache-2.0 */

/*
 * notice-dump FOLDER - writes notices of every kind and language into FOLDER, about ordinary
 * and about hostile mail, for tests/notice-oracle.py
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notice/notice-report.h"
#include "notice/notice-strip.h"

#define NINE_MINUTES (9 * 60 * G_USEC_PER_SEC)
/* 2026-11-22 15:42 in Tokyo. */
#define NOW_US (1795329720LL * G_USEC_PER_SEC)

static const char *const names[SK_N_LETTERS] = {
    [SK_LETTER_SENDER] = "sender",       [SK_LETTER_COLLEAGUE] = "colleague",
    [SK_LETTER_APPROVER] = "approver",   [SK_LETTER_ADMIN] = "admin",
    [SK_LETTER_RECIPIENT] = "recipient", [SK_LETTER_DIGEST] = "digest",
    [SK_LETTER_MATCHED] = "matched",     [SK_LETTER_STOPPED] = "stopped",
    [SK_LETTER_RETURNED] = "returned",   [SK_LETTER_EXPIRED] = "expired",
    [SK_LETTER_TOO_LATE] = "too-late",   [SK_LETTER_DONE] = "done",
    [SK_LETTER_ASKED] = "asked",
};
static const char *const languages[] = {NULL, "ja", "en", "both"};

static const char *folder;

static void
save(const char *name, SkBytes content)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);

    g_assert_true(
        g_file_set_contents(path, (const char *)content.data, (gssize)content.len, NULL));
}

static void
save_notice(const char *name, const SkNotice *notice)
{
    g_auto(SkBuffer) out;
    g_autoptr(GError) error = NULL;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    g_assert_true(sk_notice_write(notice, &out, &error));
    save(name, sk_buffer_bytes(&out));
}

static void
save_report(const char *name, const SkReport *report)
{
    g_auto(SkBuffer) out;
    g_autoptr(GError) error = NULL;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    g_assert_true(sk_report_write(report, &out, &error));
    save(name, sk_buffer_bytes(&out));
}

static const char *const plain_to[] = {"customer@example.com", "other@example.net", NULL};

static SkNoticeMail
plain_mail(const SkFindings *findings)
{
    return (SkNoticeMail){
        .id = "01kajplain",
        .from = "taro@ours.example",
        .subject = "見積書の件",
        .to = plain_to,
        .findings = findings,
        .open = SK_WAIT_TIME | SK_WAIT_PASSWORD | SK_WAIT_REVIEW,
        .review = SK_REVIEW_ADMIN,
        .leaves_us = NOW_US + NINE_MINUTES,
        .expires_us = NOW_US + 14 * 86400LL * G_USEC_PER_SEC,
        .stop_link = "https://mail.ours.example/t/stop0",
        .password_link = "https://mail.ours.example/t/password0",
        .ask_link = "https://mail.ours.example/t/ask0",
    };
}

static SkNotice
plain_notice(const SkNoticeMail *mail, GTimeZone *zone)
{
    return (SkNotice){.id = "0123456789abcdef",
                      .from = "sekisho@ours.example",
                      .to = "taro@ours.example",
                      .reply_to = "stop+token0@ours.example",
                      .answers = "<original@ours.example>",
                      .now_us = NOW_US,
                      .zone = zone,
                      .who = "hanako@ours.example",
                      .why = "宛先が違います",
                      .groups = "sales, board",
                      .became = "sent",
                      .help_url = "https://ours.example/mail",
                      .mails = mail,
                      .n_mails = 1};
}

static void
dump_plain(GTimeZone *zone)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkNoticeMail mails[] = {plain_mail(findings), plain_mail(findings), plain_mail(findings)};
    SkNotice notice = plain_notice(mails, zone);

    sk_findings_add(findings, SK_FINDING_ATTACH_ANY, "2", "report.zip", NULL);
    sk_findings_add(findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "2", "report.zip", NULL);
    for (SkLetter letter = 0; letter < SK_N_LETTERS; letter++) {
        for (notice.languages = 1; notice.languages <= 3; notice.languages++) {
            g_autofree char *name =
                g_strdup_printf("plain-%s-%s.eml", names[letter], languages[notice.languages]);

            notice.letter = letter;
            notice.n_mails = letter == SK_LETTER_DIGEST ? 3 : 1;
            mails[0].open = letter == SK_LETTER_SENDER ? SK_WAIT_TIME : mails[1].open;
            save_notice(name, &notice);
        }
    }
}

/* What people put into fields to be taken for somebody else, all in one. */
#define FORGED                                                                                 \
    "a\r\nBcc: victim@example.org\r\n\r\n<html>\nhttps://evil.example/t/1\n-- "                \
    "\n\xe2\x80\xae gnp.exe \x1b[2J\xff\xfe =?UTF-8?B?ZXZpbA==?= www.evil.example 」\" \t"

static void
dump_hostile(GTimeZone *zone)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autofree char *filler = g_strnfill(10240, 'x');
    g_autofree char *subject = g_strconcat(FORGED, filler, NULL);
    const char *const to[] = {FORGED "@example.com", subject, NULL};
    SkNoticeMail mail = plain_mail(findings);
    SkNotice notice = plain_notice(&mail, zone);

    sk_findings_add(findings, SK_FINDING_ATTACH_DANGER_BIDI, "2", FORGED, FORGED);
    mail.subject = subject;
    mail.from = subject;
    mail.to = to;
    notice.answers = "<a@b>\r\nBcc: victim@example.org";
    notice.who = notice.why = notice.groups = subject;
    for (SkLetter letter = 0; letter < SK_N_LETTERS; letter++) {
        for (notice.languages = 1; notice.languages <= 3; notice.languages++) {
            g_autofree char *name = g_strdup_printf("hostile-%s-%s.eml", names[letter],
                                                    languages[notice.languages]);

            notice.letter = letter;
            save_notice(name, &notice);
        }
    }
}

typedef struct {
    const char *name;
    const char *content;
} Original;

static void
dump_originals(GTimeZone *zone)
{
    g_autofree char *line = g_strnfill(1200, 'y');
    g_autofree char *is_long = g_strdup_printf("Subject: a\r\n\r\n%s\r\n", line);
    const Original originals[] = {
        {"plain", "Subject: a\r\nMIME-Version: 1.0\r\n\r\nbody\r\n--=_0123456789abcde\r\n"},
        {"8bit", "Subject: a\r\n\r\n\xe3\x81\x82\r\n"},
        {"latin", "Subject: \xe9\r\n\r\nbody without a line end"},
        {"bare", "Subject: a\n\nbody\rwith bare line ends\n"},
        {"long", is_long},
    };
    const SkNoticeMail mail = plain_mail(NULL);
    SkNotice notice = plain_notice(&mail, zone);

    notice.letter = SK_LETTER_RETURNED;
    notice.languages = SK_LANGUAGE_JA;
    for (size_t i = 0; i < G_N_ELEMENTS(originals); i++) {
        g_autofree char *name = g_strdup_printf("original-%s", originals[i].name);
        g_autofree char *of = g_strdup_printf("original-%s.eml", originals[i].name);

        notice.original = sk_bytes(originals[i].content, strlen(originals[i].content));
        save(name, notice.original);
        save_notice(of, &notice);
    }
}

static void
dump_reports(GTimeZone *zone)
{
    const SkReportRecipient plain[] = {
        {"a@example.com", "ORCPT=rfc822;b+2Bc@example.com", "550 5.1.1 no such user"},
        {"quiet@example.com", "NOTIFY=SUCCESS,DELAY", "550 5.1.1 no such user"},
        {"never@example.com", "NOTIFY=NEVER", "550 5.1.1 no such user"},
        {"b@example.net", "NOTIFY=DELAY,FAILURE", "552 too large"},
    };
    const SkReportRecipient forged[] = {
        {"a@example.com", "ORCPT=rfc822;x+0D+0ABcc:victim@example.org",
         "550 5.1.1 no\r\n\r\nAction: delivered\xe3\x81\x82"},
    };
    const SkReportRecipient japanese[] = {
        {"田中@example.com", "ORCPT=utf-8;+5Cx{7530}@example.com", "550-5.7.1 no"},
    };
    static const char original[] = "Subject: a\r\nX-Mine: yes\r\n\r\nthe body\r\n";
    SkReport report = {.languages = SK_LANGUAGE_JA | SK_LANGUAGE_EN,
                       .id = "0123456789abcdef",
                       .from = "sekisho@ours.example",
                       .to = "taro@ours.example",
                       .answers = "<original@ours.example>",
                       .now_us = NOW_US,
                       .came_us = NOW_US - NINE_MINUTES,
                       .zone = zone,
                       .reporter = "mail.ours.example",
                       .sender_args = "BODY=8BITMIME ENVID=QQ+3D314159",
                       .subject = "見積書の件",
                       .recipients = plain,
                       .n_recipients = G_N_ELEMENTS(plain),
                       .original = sk_bytes(original, strlen(original))};

    save_report("report-plain.eml", &report);
    report.sender_args = "RET=FULL";
    save_report("report-full.eml", &report);
    report.recipients = forged;
    report.n_recipients = G_N_ELEMENTS(forged);
    report.subject = FORGED;
    report.sender_args = "RET=HDRS ENVID=a+0D+0ABcc:victim@example.org";
    save_report("report-forged.eml", &report);
    report.recipients = japanese;
    report.n_recipients = G_N_ELEMENTS(japanese);
    report.subject = NULL;
    report.sender_args = "SMTPUTF8";
    report.original =
        sk_bytes("Subject: 題\r\n\r\nbody\r\n", strlen("Subject: 題\r\n\r\nbody\r\n"));
    save_report("report-utf8.eml", &report);
}

int
main(int argc, char **argv)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Asia/Tokyo");

    if (argc != 2) {
        fputs("usage: notice-dump FOLDER\n", stderr);
        return EXIT_FAILURE;
    }
    folder = argv[1];
    dump_plain(zone);
    dump_hostile(zone);
    dump_originals(zone);
    dump_reports(zone);
    return EXIT_SUCCESS;
}
