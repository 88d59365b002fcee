/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-args.h"

static const SkSmtpOffer all = {true, true, true, true, true};
static const SkSmtpOffer none = {0};

static char *
mail_args(const SkSmtpOffer *offer, const char *args, bool eight_bit, bool smtputf8)
{
    GString *out = g_string_new(NULL);
    const SkSmtpMail mail = {.args = args, .eight_bit = eight_bit, .smtputf8 = smtputf8};

    sk_smtp_args_add_mail(out, offer, &mail);
    return g_string_free(out, FALSE);
}

static void
test_mail(void)
{
    static const struct {
        const char *args;
        bool eight_bit, smtputf8;
        const char *expected;
    } cases[] = {
        {NULL, false, false, ""},
        {NULL, true, true, " BODY=8BITMIME SMTPUTF8"},
        {"SIZE=99 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+3Db AUTH=<x@y>", false, false,
         " BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+3Db"},
        {"body=7bit", true, false, " body=7bit"},
        {"BODY=BINARYMIME", false, false, " BODY=8BITMIME"},
        {"RET=FULL RET=HDRS", false, false, " RET=FULL"},
        {"RETX=FULL XRET=FULL REQUIRETLS BY=1;R HOLDFOR=10", false, false, ""},
        {"ENVID=a\r\nRSET", false, false, ""},
        {"ENVID=a\tb RET=", false, false, ""},
        {"  ENVID=x   RET=FULL ", false, false, " RET=FULL ENVID=x"},
        {"NOTIFY=NEVER", false, false, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *offered =
            mail_args(&all, cases[i].args, cases[i].eight_bit, cases[i].smtputf8);
        g_autofree char *unoffered =
            mail_args(&none, cases[i].args, cases[i].eight_bit, cases[i].smtputf8);
        g_autofree char *expected = g_strconcat(" SIZE=0", cases[i].expected, NULL);

        g_assert_cmpstr(offered, ==, expected);
        g_assert_cmpstr(unoffered, ==, "");
    }
}

static void
test_rcpt(void)
{
    static const struct {
        const char *args, *expected;
    } cases[] = {
        {NULL, ""},
        {"NOTIFY=NEVER", " NOTIFY=NEVER"},
        {"ORCPT=rfc822;a+2Bb@example.com NOTIFY=SUCCESS,FAILURE",
         " NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a+2Bb@example.com"},
        {"ORCPT=utf-8;\xe6\x9d\xb1@example.com", " ORCPT=utf-8;\xe6\x9d\xb1@example.com"},
        {"ORCPT=rfc822;a\x7f NOTIFY=\x01 RRVS=2027-01-01 RET=FULL", ""},
        {"NOTIFY", " NOTIFY"}, /* Postfix refused it before: it cannot come here */
        {"NOTIFY-X=1 =NEVER", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GString *out = g_string_new(NULL);

        sk_smtp_args_add_rcpt(out, &none, cases[i].args);
        g_assert_cmpstr(out->str, ==, "");
        sk_smtp_args_add_rcpt(out, &all, cases[i].args);
        g_assert_cmpstr(out->str, ==, cases[i].expected);
        g_string_free(out, TRUE);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net-smtp-args/mail", test_mail);
    g_test_add_func("/net-smtp-args/rcpt", test_rcpt);
    return g_test_run();
}
