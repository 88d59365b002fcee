/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice.h"

#include <string.h>

#include "base/error.h"
#include "notice/notice-body.h"
#include "notice/notice-field.h"
#include "notice/notice-letter.h"

/* Bytes of the mail's subject in the notice's. */
#define SUBJECT_MAX 120

typedef struct {
    const char *ja, *en; /* the subject */
    void (*write)(SkNoticePage *page, const SkNotice *notice);
} Letter;

static const Letter letters[SK_N_LETTERS] = {
    [SK_LETTER_SENDER] = {NULL, NULL, sk_notice_sender},
    [SK_LETTER_COLLEAGUE] = {"社外への送信待ち", "Waiting to leave", sk_notice_colleague},
    [SK_LETTER_APPROVER] = {"承認のお願い", "Please approve", sk_notice_approver},
    [SK_LETTER_ADMIN] = {"判断のお願い", "Please decide", sk_notice_admin},
    [SK_LETTER_RECIPIENT] = {"保留中のメール", "Held mail", sk_notice_recipient},
    [SK_LETTER_DIGEST] = {"保留中のメールの一覧", "List of held mail", sk_notice_digest},
    [SK_LETTER_MATCHED] = {"お知らせ", "For your information", sk_notice_matched},
    [SK_LETTER_STOPPED] = {"送信が止められました", "Stopped", sk_notice_stopped},
    [SK_LETTER_RETURNED] = {"送信せずにお返しします", "Returned unsent", sk_notice_returned},
    [SK_LETTER_EXPIRED] = {"保留の期限が過ぎました", "Not delivered", sk_notice_expired},
    [SK_LETTER_TOO_LATE] = {"止められませんでした", "Not stopped", sk_notice_too_late},
    [SK_LETTER_DONE] = {"送信を止めました", "Stopped", sk_notice_done},
    [SK_LETTER_ASKED] = {"受け取りの依頼", "Somebody asks for mail", sk_notice_asked},
};

unsigned
sk_language_parse(const char *name)
{
    if (g_strcmp0(name, "ja") == 0)
        return SK_LANGUAGE_JA;
    if (g_strcmp0(name, "en") == 0)
        return SK_LANGUAGE_EN;
    return SK_LANGUAGE_JA | SK_LANGUAGE_EN;
}

static Letter
get_letter(const SkNotice *notice)
{
    Letter letter = letters[notice->letter];

    if (notice->letter == SK_LETTER_SENDER) {
        letter.ja = sk_notice_waiting_subject_ja(notice->mails->open);
        letter.en = sk_notice_waiting_subject_en(notice->mails->open);
    }
    if (notice->letter == SK_LETTER_ASKED && notice->who == NULL)
        letter = letters[SK_LETTER_ADMIN];
    letter.write = letters[notice->letter].write;
    /* It had ended before, but not by being sent. */
    if (notice->letter == SK_LETTER_TOO_LATE && !sk_notice_was_sent(notice)) {
        letter.ja = "送信していません";
        letter.en = "Not sent";
    }
    return letter;
}

static char *
write_subject(const SkNotice *notice, const Letter *letter)
{
    bool ja = notice->languages & SK_LANGUAGE_JA, en = notice->languages & SK_LANGUAGE_EN;
    g_autoptr(GString) text = g_string_new(NULL);
    const char *about = notice->letter != SK_LETTER_DIGEST ? notice->mails->subject : NULL;

    if (notice->again)
        g_string_append(text, ja ? "（再）" : "Reminder: ");
    g_string_append_printf(text, "%s%s%s", ja ? letter->ja : "", ja && en ? " / " : "",
                           en ? letter->en : "");
    if (about != NULL && *about != '\0') {
        g_autofree char *quoted = sk_notice_quote(notice->languages, about, SUBJECT_MAX);

        g_string_append_printf(text, "%s%s", ja ? "" : ": ", quoted);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
write_foot(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_gap(page);
    g_string_append(page->text, "-- \n");
    sk_notice_say(page, "このメールは、メールの関所（sekisho）が自動でお送りしています。",
                  "Sent automatically by sekisho, the gateway of your mail.");
    if (notice->help_url != NULL)
        sk_notice_link(page, notice->help_url);
}

static char *
write_page(const SkNotice *notice, const Letter *letter)
{
    SkNoticePage page = {.text = g_string_new(NULL),
                         .languages = notice->languages,
                         .now_us = notice->now_us,
                         .zone = notice->zone};

    letter->write(&page, notice);
    write_foot(&page, notice);
    return g_string_free(page.text, FALSE);
}

static bool
check_address(const char *what, const char *address, GError **error)
{
    if (sk_notice_is_address(address))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_USAGE,
                "a notice cannot be written: \"%s\" in its %s is no address that fits a field",
                address != NULL ? address : "", what);
    return false;
}

static bool
check(const SkNotice *notice, GError **error)
{
    g_assert(notice->n_mails > 0 && notice->languages != 0);
    return check_address("From", notice->from, error) &&
           check_address("To", notice->to, error) &&
           (notice->reply_to == NULL || check_address("Reply-To", notice->reply_to, error));
}

bool
sk_notice_write(const SkNotice *notice, SkBuffer *out, GError **error)
{
    Letter letter = get_letter(notice);
    g_autofree char *subject = NULL;
    g_autofree char *page = NULL;
    g_autoptr(GString) head = g_string_new(NULL);

    if (!check(notice, error))
        return false;
    subject = write_subject(notice, &letter);
    page = write_page(notice, &letter);
    sk_notice_field_head(head, &(SkNoticeHead){.id = notice->id,
                                               .from = notice->from,
                                               .to = notice->to,
                                               .reply_to = notice->reply_to,
                                               .answers = notice->answers,
                                               .subject = subject,
                                               .submitted = "auto-generated",
                                               .now_us = notice->now_us,
                                               .zone = notice->zone});
    sk_buffer_append_text(out, head->str);
    return sk_notice_body(out, notice->id, page, notice->original, error);
}
