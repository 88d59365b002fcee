/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-letter.h"

static void
say_why(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_gap(page);
    sk_notice_line(page, "対応した人", "By", notice->who);
    sk_notice_line(page, "理由", "Reason", notice->why);
}

void
sk_notice_matched(SkNoticePage *page, const SkNotice *notice)
{
    if (notice->mails->open != 0)
        sk_notice_say(page, "メールの規則に当てはまるメールがあり、保留しています。",
                      "A mail to which a rule applies is held.");
    else
        sk_notice_say(page, "メールの規則に当てはまるメールがあり、配送しました。",
                      "A mail to which a rule applies was delivered.");
    sk_notice_say(page, "お知らせのみです。操作は必要ありません。",
                  "This is for your information; nothing has to be done.");
    sk_notice_facts(page, notice->mails);
}

void
sk_notice_stopped(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_say(page, "あなたのメールの送信が止められました。", "Your mail was stopped.");
    sk_notice_say(page, "次の宛先には届いていません。必要であれば、直して送り直してください。",
                  "The recipients below have not got it. If need be, correct it and send it "
                  "again.");
    say_why(page, notice);
    sk_notice_facts(page, notice->mails);
}

static void
say_where_it_is(SkNoticePage *page, const SkNotice *notice)
{
    if (notice->original.len > 0)
        sk_notice_say(page, "元のメールを添付しています。", "The original is attached.");
    else
        sk_notice_say(page, "元のメールは、送信済みフォルダーをご覧ください。",
                      "You find the original in your folder of sent mail.");
}

void
sk_notice_returned(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_say(page, "あなたのメールを送信せずにお返しします。",
                  "Your mail was not sent. It comes back to you.");
    if (notice->unanswered)
        sk_notice_say(page, "期限までに回答がありませんでした。", "Nobody answered in time.");
    sk_notice_say(page, "次の宛先には届いていません。",
                  "The recipients below have not got it.");
    say_where_it_is(page, notice);
    say_why(page, notice);
    sk_notice_facts(page, notice->mails);
}

bool
sk_notice_was_sent(const SkNotice *notice)
{
    const char *became = notice->became != NULL ? notice->became : "sent";

    return g_str_equal(became, "sent") || g_str_equal(became, "releasing");
}

/* TOO_LATE may also mean that it had ended otherwise: nothing left then. */
static void
say_what_became(SkNoticePage *page, const SkNotice *notice)
{
    if (sk_notice_was_sent(notice)) {
        sk_notice_say(page, "間に合いませんでした。次のメールは送信済みです。",
                      "It was too late. The mail below has been sent.");
        sk_notice_say(page, "誤送信の場合は、すぐに相手へ連絡し、削除を依頼してください。",
                      "If it was a mistake, tell the recipients at once and ask them to delete "
                      "it.");
    } else if (g_str_equal(notice->became, "stopped")) {
        sk_notice_say(page, "次のメールはすでに止められています。送信していません。",
                      "The mail below had been stopped before. It was not sent.");
    } else {
        sk_notice_say(page, "次のメールはすでに保留を終えています。送信していません。",
                      "The mail below does not wait any more. It was not sent.");
    }
}

void
sk_notice_too_late(SkNoticePage *page, const SkNotice *notice)
{
    say_what_became(page, notice);
    sk_notice_facts(page, notice->mails);
}

void
sk_notice_done(SkNoticePage *page, const SkNotice *notice)
{
    sk_notice_say(page, "送信を止めました。次の宛先には届いていません。",
                  "It is stopped. The recipients below have not got it.");
    sk_notice_say(page, "これ以上の操作は必要ありません。", "Nothing else has to be done.");
    sk_notice_facts(page, notice->mails);
}
