/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-letter.h"

#define PEOPLE (SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

const char *
sk_notice_waiting_subject_ja(unsigned open)
{
    if (open & SK_WAIT_CONFIRM)
        return "確認のお願い";
    if (open & SK_WAIT_APPROVAL)
        return "承認待ち";
    return open & PEOPLE ? "確認待ち" : "送信待ち";
}

const char *
sk_notice_waiting_subject_en(unsigned open)
{
    if (open & SK_WAIT_CONFIRM)
        return "Please confirm";
    if (open & SK_WAIT_APPROVAL)
        return "Waiting for approval";
    return open & PEOPLE ? "Waiting for review" : "Waiting to be sent";
}

/* What becomes of it when nobody answers. */
static void
say_end(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->returns)
        sk_notice_say_when(page, "%sまでに回答がなければ、送信せずに送信者へ戻します。",
                           "Without an answer by %s it goes back to its sender unsent.",
                           mail->expires_us);
    else
        sk_notice_say_when(page, "%sまでに回答がなければ、届けずに終了します。",
                           "Without an answer by %s it is not delivered.", mail->expires_us);
}

static void
say_what_is_open(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->open & SK_WAIT_CONFIRM)
        sk_notice_say(page, "次のメールはまだ送信していません。あなたの確認を待っています。",
                      "The mail below has not been sent. It waits for your confirmation.");
    if (mail->open & SK_WAIT_APPROVAL)
        sk_notice_say(page, "次のメールはまだ送信していません。承認を待っています。",
                      "The mail below has not been sent. It waits for approval.");
    if (mail->open & SK_WAIT_REVIEW)
        sk_notice_say(
            page, "次のメールはまだ送信していません。管理者の確認を待っています。",
            "The mail below has not been sent. It waits for an administrator's review.");
    if (mail->open & SK_WAIT_PASSWORD)
        sk_notice_say(
            page,
            "次のメールはまだ送信していません。添付ファイルのパスワードが分からず、検査できませ"
            "ん。",
            "The mail below has not been sent. Its attachment cannot be inspected without the "
            "password.");
    /* Of copies that wait for nobody. */
    sk_notice_say_when(page, "一部の宛先には%sに送信します。",
                       "To some of its recipients it will be sent at %s.", mail->leaves_us);
    sk_notice_say_when(page, "%sまでに済まなければ、送信せずにお返しします。",
                       "If that is not done by %s, it comes back to you unsent.",
                       mail->expires_us);
}

static void
say_how_to_confirm(SkNoticePage *page, const SkNoticeMail *mail)
{
    if (mail->open & SK_WAIT_CONFIRM)
        sk_notice_say(page, "このまま送ってよい場合は、管理者に番号をお知らせください。",
                      "If it may be sent as it is, tell your administrator its number.");
}

static void
say_how_to_stop(SkNoticePage *page, const SkNotice *notice)
{
    if (notice->mails->stop_link != NULL) {
        sk_notice_say(page, "止めるには、次のページを開いて「止める」を押してください。",
                      "To stop it, open this page and press \"Stop\":");
        sk_notice_link(page, notice->mails->stop_link);
    }
    if (notice->reply_to != NULL)
        sk_notice_say(page, "この通知に返信しても止まります（本文は不要です）。",
                      "Answering this notice stops it as well; it need not say anything.");
    if (notice->mails->stop_link == NULL && notice->reply_to == NULL)
        sk_notice_say(page, "止めるには、管理者に番号をお知らせください。",
                      "To stop it, tell your administrator its number.");
}

void
sk_notice_sender(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;

    if (mail->open & PEOPLE)
        say_what_is_open(page, mail);
    else
        sk_notice_say_when(page, "次のメールを%sに送信します。それまでは止められます。",
                           "The mail below will be sent at %s. Until then you can stop it.",
                           mail->leaves_us);
    say_how_to_confirm(page, mail);
    say_how_to_stop(page, notice);
    sk_notice_facts(page, mail);
}

static void
say_whose(SkNoticePage *page, const SkNoticeMail *mail)
{
    g_autofree char *from = sk_notice_person(mail->from != NULL ? mail->from : "?");

    sk_notice_say(page, "%s さんのメールは、まだ社外へ送信していません。",
                  "Mail from %s has not left for outside yet.", from);
    if (mail->open & PEOPLE)
        sk_notice_say(page, "送信前の確認を待っています。", "It waits to be checked.");
    else
        sk_notice_say_when(page, "%sに送信します。", "It will be sent at %s.", mail->leaves_us);
}

void
sk_notice_colleague(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;

    say_whose(page, mail);
    sk_notice_say(page,
                  "宛先や内容に誤りがあれば、あなたも止められます。送信者には通知します。",
                  "If a recipient or the content is wrong, you can stop it, too. The sender is "
                  "told.");
    say_how_to_stop(page, notice);
    sk_notice_facts(page, mail);
}

void
sk_notice_approver(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;

    sk_notice_say(page, "送信前のメールが、あなたの承認を待っています。",
                  "A mail waits for your approval before it is sent.");
    say_end(page, mail);
    sk_notice_say(page,
                  "承認または差し戻し（理由つき）は、番号を添えて管理者にお知らせください。",
                  "To approve it, or to return it with a reason, tell your administrator its "
                  "number.");
    sk_notice_facts(page, mail);
    sk_notice_line(page, "承認グループ", "Group", notice->groups);
}

static void
say_commands(SkNoticePage *page, const SkNoticeMail *mail)
{
    sk_notice_gap(page);
    g_string_append_printf(page->text,
                           "sekisho hold show %1$s\n"
                           "sekisho hold release %1$s\n"
                           "sekisho hold %2$s %1$s\n",
                           mail->id, mail->returns ? "return --reason TEXT" : "stop");
}

void
sk_notice_admin(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;

    sk_notice_say(page, "メールを保留しています。管理者の判断が必要です。",
                  "A mail is held. It needs an administrator's decision.");
    say_end(page, mail);
    sk_notice_facts(page, mail);
    say_commands(page, mail);
}

static void
say_who_asks(SkNoticePage *page, const SkNotice *notice)
{
    g_autofree char *who = sk_notice_person(notice->who);

    sk_notice_say(page, "%s さんが、保留中のメールの受け取りを希望しています。",
                  "%s asks for a mail that is held.", who);
}

void
sk_notice_asked(SkNoticePage *page, const SkNotice *notice)
{
    const SkNoticeMail *mail = notice->mails;
    bool asked = notice->who != NULL;

    if (asked)
        say_who_asks(page, notice);
    else
        sk_notice_say(
            page, "パスワードで開いたメールに問題が見つかりました。管理者の判断が必要です。",
            "Opened with its password, a held mail needs an administrator's decision.");
    say_end(page, mail);
    sk_notice_line(page, asked ? "本人の説明" : "見つかったこと",
                   asked ? "In their words" : "Found", notice->why);
    sk_notice_facts(page, mail);
    say_commands(page, mail);
}
