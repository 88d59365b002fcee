/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-reply.h"

#include "net/net-smtp.h"

static SkSmtpReading
read_text(const char *text, size_t len, size_t *used, SkSmtpReply *reply)
{
    g_autofree uint8_t *exact = g_memdup2(text, len);

    return sk_smtp_reply_next(sk_bytes(exact, len), used, reply);
}

static void
test_replies(void)
{
    static const struct {
        const char *in;
        size_t used;
        const char *text;
    } cases[] = {
        {"250 ok\r\n", 8, "250 ok"},
        {"250 ok\n250 next\n", 7, "250 ok"},
        {"250\r\n", 5, "250 "},
        {"250 \r\n", 6, "250 "},
        {"550-5.1.1 no\r\n550-such\r\n550 user\r\n", 34, "550 5.1.1 no such user"},
        {"554 5.7.1 \xe6\x9d\xb1\x1b[31m\r\n", 20, "554 5.7.1 \xe6\x9d\xb1\\x1b[31m"},
        {"554 \xff\r\n", 7, "554 \\xff"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(SkSmtpReply) reply = {0};
        g_autofree char *text = NULL;
        size_t used = 0;

        g_assert_cmpint(read_text(cases[i].in, strlen(cases[i].in), &used, &reply), ==,
                        SK_SMTP_REPLY_READY);
        text = sk_smtp_reply_text(&reply);
        g_assert_cmpstr(text, ==, cases[i].text);
        g_assert_cmpuint(used, ==, cases[i].used);
    }
}

static void
test_unfinished(void)
{
    static const char whole[] = "250-a\r\n250-b\r\n250 c\r\n";

    for (size_t n = 0; n < sizeof whole - 1; n++) {
        SkSmtpReply reply;
        size_t used;

        g_assert_cmpint(read_text(whole, n, &used, &reply), ==, SK_SMTP_REPLY_MORE);
    }
}

static void
test_none(void)
{
    static const char *const cases[] = {
        "\r\n",       "25 x\r\n",  "2500 x\r\n",         "150 x\r\n",  "650 x\r\n",
        "2x0 ok\r\n", "250+x\r\n", "250-a\r\n251 b\r\n", " 250 x\r\n", "HTTP/1.1 400 x\r\n",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkSmtpReply reply;
        size_t used;

        g_assert_cmpint(read_text(cases[i], strlen(cases[i]), &used, &reply), ==,
                        SK_SMTP_REPLY_NONE);
    }
}

static SkSmtpReading
read_repeated(const char *start, char fill, size_t n, const char *line, size_t lines)
{
    GString *text = g_string_new(start);
    g_auto(SkSmtpReply) reply = {0};
    SkSmtpReading reading;
    size_t used;

    for (size_t i = 0; i < n; i++)
        g_string_append_c(text, fill);
    for (size_t i = 0; i < lines; i++)
        g_string_append(text, line);
    reading = read_text(text->str, text->len, &used, &reply);
    g_string_free(text, TRUE);
    return reading;
}

static void
test_limits(void)
{
    g_assert_cmpint(read_repeated("250 ", 'x', SK_SMTP_REPLY_MAX - 5, "\n", 1), ==,
                    SK_SMTP_REPLY_READY);
    g_assert_cmpint(read_repeated("250 ", 'x', SK_SMTP_REPLY_MAX - 4, "", 0), ==,
                    SK_SMTP_REPLY_NONE);
    g_assert_cmpint(read_repeated("", 0, 0, "250-x\r\n", SK_SMTP_REPLY_LINES), ==,
                    SK_SMTP_REPLY_MORE);
    g_assert_cmpint(read_repeated("", 0, 0, "250-x\r\n", SK_SMTP_REPLY_LINES + 1), ==,
                    SK_SMTP_REPLY_NONE);
}

static SkSmtpOffer
offer_of(const char *text)
{
    g_auto(SkSmtpReply) reply = {0};
    SkSmtpOffer offer;
    size_t used;

    g_assert_cmpint(read_text(text, strlen(text), &used, &reply), ==, SK_SMTP_REPLY_READY);
    sk_smtp_offer_read(&reply, &offer);
    return offer;
}

static void
test_offer(void)
{
    SkSmtpOffer offer = offer_of("250-SIZE\r\n250-pipelining\r\n250-SIZE 1000\r\n250 DSN\r\n");

    g_assert_true(offer.pipelining);
    g_assert_true(offer.size);
    g_assert_true(offer.dsn);
    g_assert_false(offer.eight_bit);
    g_assert_false(offer.smtputf8);
    offer = offer_of("250-DSN\r\n250-X8BITMIME\r\n250-SMTPUTF8X\r\n250 XSIZE 10\r\n");
    g_assert_false(offer.dsn);
    g_assert_false(offer.eight_bit);
    g_assert_false(offer.smtputf8);
    g_assert_false(offer.size);
    offer = offer_of("250-x\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n");
    g_assert_true(offer.eight_bit);
    g_assert_true(offer.smtputf8);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net-smtp-reply/replies", test_replies);
    g_test_add_func("/net-smtp-reply/unfinished", test_unfinished);
    g_test_add_func("/net-smtp-reply/none", test_none);
    g_test_add_func("/net-smtp-reply/limits", test_limits);
    g_test_add_func("/net-smtp-reply/offer", test_offer);
    return g_test_run();
}
