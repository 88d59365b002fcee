/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-word.h"

#include <glib.h>

typedef struct {
    const char *value;
    const char *utf8;
    SkMailCharset result;
} Case;

static void
check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cases[i].value);
        g_autofree char *exact = g_memdup2(cases[i].value, len);
        g_auto(SkBuffer) out = {0};
        SkMailCharset result;

        sk_buffer_init(&out, 300);
        result = sk_mail_word_decode(sk_bytes(exact, len), &out);
        g_assert_true(sk_buffer_append(&out, "", 1));
        g_assert_cmpstr((const char *)out.data, ==, cases[i].utf8);
        g_assert_cmpint(result, ==, cases[i].result);
    }
}

/* RFC 2047 8, and what its rules say about blanks. */
static void
test_by_the_book(void)
{
    static const Case CASES[] = {
        {"plain", "plain", SK_MAIL_CHARSET_OK},
        {"", "", SK_MAIL_CHARSET_OK},
        {"=?US-ASCII?Q?Keith_Moore?= <a>", "Keith Moore <a>", SK_MAIL_CHARSET_OK},
        {"=?ISO-8859-1?Q?Andr=E9?= Pirard", "André Pirard", SK_MAIL_CHARSET_OK},
        {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n "
         "=?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
         "If you can read this you understand the example.", SK_MAIL_CHARSET_OK},
        {"(=?ISO-8859-1?Q?a?= b)", "(a b)", SK_MAIL_CHARSET_OK},
        {"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)", SK_MAIL_CHARSET_OK},
        {"(=?ISO-8859-1?Q?a_b?=)", "(a b)", SK_MAIL_CHARSET_OK},
        {"=?us-ascii*en-us?q?=41=3d?=", "A=", SK_MAIL_CHARSET_OK},
        {"=?utf-8?b?44GC?= x =?utf-8?b?44GE?=", "あ x い", SK_MAIL_CHARSET_OK},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_as_it_is_sent(void)
{
    static const Case CASES[] = {
        /* あ split over two words, in the same and in other encodings */
        {"=?utf-8?B?44E=?= =?UTF-8?B?gg==?=", "あ", SK_MAIL_CHARSET_OK},
        {"=?utf-8?Q?=E3=81?=\r\n =?utf-8?B?gg==?=", "あ", SK_MAIL_CHARSET_OK},
        /* no blank between */
        {"=?utf-8?B?44GC?==?utf-8?B?44GE?=.zip", "あい.zip", SK_MAIL_CHARSET_OK},
        {"\"=?iso-2022-jp?B?GyRCLSEtahsoQg==?=\"", "\"①㈱\"", SK_MAIL_CHARSET_OK},
        {"=?utf-8?Q?two words?=", "two words", SK_MAIL_CHARSET_OK},
        {"=?utf-8?B?44GC", "=?utf-8?B?44GC", SK_MAIL_CHARSET_OK},
        {"=?utf-8?X?44GC?=", "=?utf-8?X?44GC?=", SK_MAIL_CHARSET_OK},
        {"=?utf-8?B?44GC44GE?=", "あい", SK_MAIL_CHARSET_OK},
        {"=?utf-8?B?44GC 44GE?=", "あい", SK_MAIL_CHARSET_OK},
        {"=?utf-8?B?44GC\r\n 44GE?=", "あい", SK_MAIL_CHARSET_OK},
        {"=?utf-8?Q?=ZZ?=", "=ZZ", SK_MAIL_CHARSET_OK},
        {"\x93\xfa\x96\x7b =?utf-8?B?44GC?=", "日本 あ", SK_MAIL_CHARSET_GUESSED},
        {"\x1b$B;3ED\x1b(B", "山田", SK_MAIL_CHARSET_GUESSED},
        {"=?x-klingon?Q?abc?=", "abc", SK_MAIL_CHARSET_UNKNOWN},
        {"=?utf-8?Q?\?=x", "x", SK_MAIL_CHARSET_OK},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-word/by-the-book", test_by_the_book);
    g_test_add_func("/mail-word/as-it-is-sent", test_as_it_is_sent);
    return g_test_run();
}
