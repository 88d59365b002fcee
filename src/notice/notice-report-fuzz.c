/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-report.h"

#include "notice/notice-body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lines: arguments of MAIL, address, arguments of RCPT, reply, subject; then the mail. Whatever
 * they are, the report is 7-bit and has no line end but its own. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(text, "\n", 6);
    guint n = g_strv_length(lines);
    const SkReportRecipient recipient = {.address = n > 1 ? lines[1] : "",
                                         .args = n > 2 ? lines[2] : NULL,
                                         .reply = n > 3 ? lines[3] : ""};
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    const SkReport report = {.languages = SK_LANGUAGE_JA | SK_LANGUAGE_EN,
                             .id = "0",
                             .from = "sekisho@ours.example",
                             .to = "taro@ours.example",
                             .zone = utc,
                             .reporter = "ours.example",
                             .sender_args = n > 0 ? lines[0] : NULL,
                             .subject = n > 4 ? lines[4] : NULL,
                             .recipients = &recipient,
                             .n_recipients = 1,
                             .original = sk_bytes(data, size)};
    g_auto(SkBuffer) out;

    sk_buffer_init(&out, SK_NOTICE_MAX);
    g_assert_true(sk_report_write(&report, &out, NULL));
    g_assert_true(sk_notice_body_is_plain(sk_buffer_bytes(&out)));
    return 0;
}
