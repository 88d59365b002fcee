/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-strip.h"

#include "notice/notice-letter.h"

static void
say_what_to_do(SkNoticePage *page, bool inbound)
{
    if (inbound)
        sk_notice_say(page,
                      "元のメールは保留しています。受け取り方は、別のメールでご案内します。",
                      "The original mail is held; how to get it stands in a mail of its own.");
    else
        sk_notice_say(page, "必要な場合は、送信者にお問い合わせください。",
                      "If you need it, please ask the sender.");
}

char *
sk_notice_strip_text(const SkNoticeStrip *strip)
{
    const SkNoticeMail mail = {.id = strip->id, .findings = strip->findings};
    SkNoticePage page = {.text = g_string_new(NULL), .languages = strip->languages};

    sk_notice_say(&page, "ここにあった添付ファイルは、安全のため取り除きました。",
                  "The attachment that was here has been taken out, for safety.");
    sk_notice_gap(&page);
    sk_notice_plain(&page, "ファイル名", "File", "%NAME%");
    sk_notice_plain(&page, "大きさ", "Size", "%SIZE%");
    sk_notice_facts(&page, &mail);
    sk_notice_gap(&page);
    say_what_to_do(&page, strip->inbound);
    if (strip->help_url != NULL)
        sk_notice_link(&page, strip->help_url);
    return g_string_free(page.text, FALSE);
}

const char *
sk_notice_strip_name(void)
{
    return "removed.txt";
}
