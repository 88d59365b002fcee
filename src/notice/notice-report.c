/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-report.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "mail/mail-header.h"
#include "notice/notice-body.h"
#include "notice/notice-field.h"
#include "notice/notice-letter.h"

#define REPLY_MAX   400
#define ADDRESS_MAX 400

/* The value of KEY in ESMTP arguments, or NULL. Caller owns. */
static char *
find_arg(const char *args, const char *key)
{
    g_auto(GStrv) words = g_strsplit(args != NULL ? args : "", " ", -1);
    size_t len = strlen(key);

    for (guint i = 0; words[i] != NULL; i++) {
        if (g_ascii_strncasecmp(words[i], key, len) == 0 && words[i][len] == '=')
            return g_strdup(words[i] + len + 1);
    }
    return NULL;
}

bool
sk_report_is_wanted(const SkReportRecipient *recipient)
{
    g_autofree char *notify = find_arg(recipient->args, "NOTIFY");
    g_auto(GStrv) wanted = g_strsplit(notify != NULL ? notify : "FAILURE", ",", -1);

    for (guint i = 0; wanted[i] != NULL; i++) {
        if (g_ascii_strcasecmp(wanted[i], "FAILURE") == 0)
            return true;
    }
    return false;
}

bool
sk_report_wants_all(const char *sender_args)
{
    g_autofree char *ret = find_arg(sender_args, "RET");

    return ret != NULL && g_ascii_strcasecmp(ret, "FULL") == 0;
}

/* RFC 3461 4: "+" and two hexadecimal digits for what cannot stand in an argument. */
static char *
decode_xtext(const char *text)
{
    GString *out = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (text[0] == '+' && g_ascii_isxdigit(text[1]) && g_ascii_isxdigit(text[2])) {
            g_string_append_c(out, (char)(g_ascii_xdigit_value(text[1]) << 4 |
                                          g_ascii_xdigit_value(text[2])));
            text += 2;
        } else {
            g_string_append_c(out, *text);
        }
    }
    return g_string_free(out, FALSE);
}

static void
add_ascii(GString *out, const char *name, const char *text, size_t max)
{
    g_autofree char *ascii = sk_text_ascii(text, max);

    sk_notice_field(out, name, ascii);
}

static void
add_original_recipient(GString *out, const char *args)
{
    g_autofree char *orcpt = find_arg(args, "ORCPT");
    g_autofree char *decoded = orcpt != NULL ? decode_xtext(orcpt) : NULL;

    if (decoded != NULL && strchr(decoded, ';') != NULL)
        add_ascii(out, "Original-Recipient", decoded, ADDRESS_MAX);
}

static void
add_final_recipient(GString *out, const char *address)
{
    bool ascii = g_str_is_ascii(address);
    g_autofree char *safe = ascii
                                ? sk_text_ascii(address, ADDRESS_MAX)
                                : sk_text_safe(sk_bytes(address, strlen(address)), ADDRESS_MAX);
    g_autofree char *typed = g_strdup_printf("%s;%s", ascii ? "rfc822" : "utf-8", safe);

    sk_notice_field(out, "Final-Recipient", typed);
}

/* "5.1.1" of a reply that has one, else what its first digit says. Caller owns. */
static char *
find_status(const char *reply)
{
    g_autoptr(GRegex) form =
        g_regex_new("^[45]\\d\\d[ -]([45]\\.\\d{1,3}\\.\\d{1,3})\\b", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    if (g_regex_match(form, reply, 0, &match))
        return g_match_info_fetch(match, 1);
    return g_strdup(reply[0] == '4' ? "4.0.0" : "5.0.0");
}

static void
add_recipient(GString *out, const SkReportRecipient *recipient)
{
    g_autofree char *status = find_status(recipient->reply);
    g_autofree char *reply = sk_text_ascii(recipient->reply, REPLY_MAX);

    g_string_append(out, "\r\n");
    add_original_recipient(out, recipient->args);
    add_final_recipient(out, recipient->address);
    sk_notice_field(out, "Action", "failed");
    sk_notice_field(out, "Status", status);
    g_string_append_printf(out, "Diagnostic-Code: smtp; %s\r\n", reply);
}

/* The part for programs. Caller owns. */
static char *
write_status(const SkReport *report)
{
    GString *out = g_string_new(NULL);
    g_autofree char *envid = find_arg(report->sender_args, "ENVID");

    if (envid != NULL) {
        g_autofree char *decoded = decode_xtext(envid);

        add_ascii(out, "Original-Envelope-Id", decoded, ADDRESS_MAX);
    }
    g_string_append_printf(out, "Reporting-MTA: dns; %s\r\n", report->reporter);
    sk_notice_field_date(out, "Arrival-Date", report->came_us, report->zone);
    for (unsigned i = 0; i < report->n_recipients; i++) {
        if (sk_report_is_wanted(&report->recipients[i]))
            add_recipient(out, &report->recipients[i]);
    }
    return g_string_free(out, FALSE);
}

/* The part for people. Caller owns. */
static char *
write_text(const SkReport *report)
{
    const SkNoticeMail mail = {.subject = report->subject};
    SkNoticePage page = {.text = g_string_new(NULL), .languages = report->languages};

    sk_notice_say(&page, "次の宛先には届けられませんでした。受信側に拒否されています。",
                  "Your mail could not be delivered: it was refused for these recipients.");
    sk_notice_say(&page, "宛先を確かめて、必要であれば送り直してください。",
                  "Please check the addresses; if need be, send it again.");
    for (unsigned i = 0; i < report->n_recipients; i++) {
        const SkReportRecipient *recipient = &report->recipients[i];

        if (!sk_report_is_wanted(recipient))
            continue;
        sk_notice_gap(&page);
        sk_notice_line(&page, "宛先", "To", recipient->address);
        sk_notice_line(&page, "応答", "Answer", recipient->reply);
    }
    sk_notice_facts(&page, &mail);
    if (report->help_url != NULL)
        sk_notice_link(&page, report->help_url);
    return g_string_free(page.text, FALSE);
}

static bool
is_any_wanted(const SkReport *report)
{
    for (unsigned i = 0; i < report->n_recipients; i++) {
        if (sk_report_is_wanted(&report->recipients[i]))
            return true;
    }
    return false;
}

/* RFC 6533 lets its types be encoded, so that nothing of the report is 8-bit. */
static void
append_status(SkBuffer *out, const char *status)
{
    if (g_str_is_ascii(status)) {
        sk_buffer_append_text(out, "Content-Type: message/delivery-status\r\n\r\n");
        sk_buffer_append_text(out, status);
        return;
    }
    sk_buffer_append_text(out, "Content-Type: message/global-delivery-status\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n");
    sk_notice_body_base64(out, sk_bytes(status, strlen(status)));
}

static void
append_header(SkBuffer *out, SkBytes header)
{
    if (sk_notice_body_is_plain(header)) {
        sk_buffer_append_text(out, "Content-Type: text/rfc822-headers\r\n\r\n");
        sk_buffer_append(out, header.data, header.len);
        return;
    }
    sk_buffer_append_text(out, "Content-Type: message/global-headers\r\n"
                               "Content-Transfer-Encoding: base64\r\n\r\n");
    sk_notice_body_base64(out, header);
}

/* RFC 3461 4.3: the header, unless all of it was asked for. */
static void
append_original(SkBuffer *out, const SkReport *report)
{
    size_t end = sk_mail_header_end(report->original);

    if (sk_report_wants_all(report->sender_args) &&
        report->original.len <= SK_NOTICE_ORIGINAL_MAX)
        sk_notice_body_mail(out, report->original);
    else
        append_header(out, sk_bytes_slice(report->original, 0, MIN(end, SK_LIMIT_HEADER)));
}

static void
append_body(SkBuffer *out, const SkReport *report)
{
    g_autofree char *text = write_text(report);
    g_autofree char *status = write_status(report);
    g_autofree char *type = g_strdup_printf(
        "Content-Type: multipart/report; report-type=%s;\r\n"
        " boundary=\"=_%s\"\r\n",
        g_str_is_ascii(status) ? "delivery-status" : "global-delivery-status", report->id);
    g_autofree char *next = g_strdup_printf("\r\n--=_%s\r\n", report->id);
    g_autofree char *end = g_strdup_printf("\r\n--=_%s--\r\n", report->id);

    sk_buffer_append_text(out, type);
    sk_buffer_append_text(out, next);
    sk_notice_body_text(out, text);
    sk_buffer_append_text(out, next);
    append_status(out, status);
    if (report->original.len > 0) {
        sk_buffer_append_text(out, next);
        append_original(out, report);
    }
    sk_buffer_append_text(out, end);
}

static const char *
choose_subject(unsigned languages)
{
    if (languages == SK_LANGUAGE_EN)
        return "Undelivered mail";
    return languages == SK_LANGUAGE_JA ? "メールを届けられませんでした"
                                       : "メールを届けられませんでした / Undelivered mail";
}

bool
sk_report_write(const SkReport *report, SkBuffer *out, GError **error)
{
    g_autoptr(GString) head = g_string_new(NULL);

    if (!is_any_wanted(report))
        return true;
    if (!sk_notice_is_address(report->from) || !sk_notice_is_address(report->to)) {
        g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                    "a report cannot be written: \"%s\" or \"%s\" is no address that fits a "
                    "field",
                    report->from, report->to);
        return false;
    }
    sk_notice_field_head(head, &(SkNoticeHead){.id = report->id,
                                               .from = report->from,
                                               .to = report->to,
                                               .answers = report->answers,
                                               .subject = choose_subject(report->languages),
                                               .submitted = "auto-replied",
                                               .now_us = report->now_us,
                                               .zone = report->zone});
    sk_buffer_append_text(out, head->str);
    append_body(out, report);
    return sk_notice_body_check(out, error);
}
