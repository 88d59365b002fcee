/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-letter.h"

static void
say_end(SkNoticePage *page, const SkNoticeMail *mail)
{
    sk_notice_say_when(page, "期限: %s（過ぎると届けずに終了します）",
                       "It is kept until %s; after that it is not delivered.",
                       mail->expires_us);
}

static void
offer_password(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->password_link == NULL) {
        sk_notice_say(
            page,
            "パスワードが必要なファイルです。受け取るには、管理者に番号をお知らせください。",
            "It has a file with a password. To get it, tell your administrator its "
            "number.");
        return;
    }
    sk_notice_say(
        page, "パスワードが分かれば、次のページで入力してください。検査のうえ、お届けします。",
        "If you know the password, give it on this page; it is inspected, then "
        "delivered:");
    sk_notice_link(page, mail->password_link);
}

static void
offer_asking(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->ask_link == NULL)
        sk_notice_say(page, "必要なメールであれば、管理者に番号をお知らせください。",
                      "If you need it, tell your administrator its number.");
    else if (mail->review == SK_REVIEW_ADMIN)
        sk_notice_say(page, "必要なメールであれば、次のページから管理者に依頼できます。",
                      "If you need it, you can ask the administrator for it on this page:");
    else
        sk_notice_say(page, "心当たりのあるメールであれば、次のページで受け取れます。",
                      "If you expect it, you can have it delivered on this page:");
    if (mail->ask_link != NULL)
        sk_notice_link(page, mail->ask_link);
}

static void
offer(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->open & SK_WAIT_PASSWORD)
        offer_password(page, mail);
    if (mail->open & SK_WAIT_REVIEW)
        offer_asking(page, mail);
}

static void
say_held(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->original)
        sk_notice_say(
            page,
            "あなた宛のメールは、一部の添付ファイルを外してお届けします。"
            "外す前の元のメールを保留しています。",
            "A mail to you is delivered without some of its attachments. The original, "
            "which has them, is held.");
    else
        sk_notice_say(page, "あなた宛のメールを保留しています。まだ届いていません。",
                      "A mail to you is held. It has not been delivered.");
}

void
sk_notice_recipient(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;

    say_held(page, mail);
    offer(page, mail);
    say_end(page, mail);
    sk_notice_facts(page, mail);
    sk_notice_gap(page);
    sk_notice_say(page,
                  "差出人の表示は偽装できます。心当たりがなければ、何もしないでください。",
                  "The sender shown may be forged. If you do not expect it, do nothing.");
}

void
sk_notice_digest(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_say(page, "あなた宛のメールを %u 件保留しています。まだ届いていません。",
                  "Mails to you that are held: %u. They have not been delivered.",
                  notice->n_mails);
    sk_notice_say(page, "必要なものだけ、それぞれのページで受け取れます。",
                  "Those you need you can have, each on its page.");
    for (unsigned i = 0; i < MIN(notice->n_mails, SK_NOTICE_LIST); i++) {
        sk_notice_gap(page);
        g_string_append_printf(page->text, "[%u]", i + 1);
        sk_notice_facts(page, &notice->mails[i]);
        if (notice->mails[i].original)
            say_held(page, &notice->mails[i]);
        offer(page, &notice->mails[i]);
        say_end(page, &notice->mails[i]);
    }
    sk_notice_gap(page);
    if (notice->n_mails > SK_NOTICE_LIST)
        sk_notice_say(page, "ほか %u 件あります。管理者にお問い合わせください。",
                      "There are %u more. Please ask your administrator.",
                      notice->n_mails - SK_NOTICE_LIST);
    sk_notice_say(page,
                  "差出人の表示は偽装できます。心当たりがなければ、何もしないでください。",
                  "Senders may be forged. What you do not expect, leave alone.");
}

void
sk_notice_expired(SkNoticePage *page, const SkNotice *notice)
{
    if (notice->mails->original)
        sk_notice_say(
            page,
            "添付ファイルを外してお届けしたメールの元のメールは、"
            "期限が過ぎたため届けずに終了しました。",
            "A mail to you was delivered without some of its attachments. The original "
            "was held until its time was over, and is not delivered.");
    else
        sk_notice_say(page,
                      "保留していたあなた宛のメールは、期限が過ぎたため届けずに終了しました。",
                      "A mail to you was held until its time was over. It is not delivered.");
    sk_notice_say(page,
                  "必要な場合は、差出人に送り直しを頼むか、管理者に番号をお知らせください。",
                  "If you need it, ask its sender to send it again, or tell your administrator "
                  "its number.");
    sk_notice_facts(page, notice->mails);
}
