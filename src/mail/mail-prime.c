/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-charset.h"
#include "mail/mail-walk.h"

static const char SAMPLE[] =
    "From: =?iso-2022-jp?B?GyRCO3NFRBsoQg==?= <yamada@example.jp>\r\n"
    "Subject: sample\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n"
    "\r\n"
    "--outer\r\n"
    "Content-Type: text/plain; charset=iso-2022-jp\r\n"
    "\r\n"
    "text\r\n"
    "--outer\r\n"
    "Content-Type: application/octet-stream;\r\n"
    " name=\"=?utf-8?B?44GC?=.zip\"\r\n"
    "Content-Disposition: attachment; filename*=shift_jis''%82%a0.zip\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    "AAAA\r\n"
    "--outer--\r\n";

static void
ignore_part(const SkMailPart *part, void *data)
{
    (void)part;
    (void)data;
}

static void
ignore_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    (void)what;
    (void)path;
    (void)detail;
    (void)data;
}

void
sk_mail_prime(void)
{
    SkMailVisitor visitor = {ignore_part, ignore_trouble, NULL};
    SkBudgetLimits limits = sk_budget_limits_default();
    SkBudget budget;

    sk_mail_charset_prime();
    sk_budget_init(&budget, &limits);
    sk_mail_walk(sk_bytes(SAMPLE, sizeof SAMPLE - 1), NULL, 0, &budget, &visitor);
}
