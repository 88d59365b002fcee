/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-charset.h"

#include <glib.h>

typedef struct {
    const char *label;
    const char *bytes;
    size_t len; /* 0: up to the NUL */
    const char *utf8;
    SkMailCharset result;
} Case;

static void
check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = cases[i].len > 0 ? cases[i].len : strlen(cases[i].bytes);
        g_autofree char *exact = g_memdup2(cases[i].bytes, len);
        g_auto(SkBuffer) out = {0};
        SkMailCharset result;

        sk_buffer_init(&out, 200);
        result = sk_mail_charset_decode(cases[i].label, sk_bytes(exact, len), &out);
        g_assert_true(sk_buffer_append(&out, "", 1));
        g_assert_cmpstr((const char *)out.data, ==, cases[i].utf8);
        g_assert_cmpint(result, ==, cases[i].result);
    }
}

/* The characters that Japanese business mail has and the standards lack; the bytes are those of
 * Windows' own code pages (glibc's CP932 and EUCJP-MS agree). */
static void
test_windows_extensions(void)
{
    static const Case CASES[] = {
        {"iso-2022-jp", "\x1b$B-!-j|b\x1b(B", 0, "①㈱髙", SK_MAIL_CHARSET_OK},
        {"ISO-2022-JP", "\x1b$B;3ED\x1b(B.zip", 0, "山田.zip", SK_MAIL_CHARSET_OK},
        {"iso-2022-jp", "\x1b(I6E\x1b(B", 0, "ｶﾅ", SK_MAIL_CHARSET_OK},
        {"cp50221", "a\x1b(I6E\x1b$B$\"\x1b(Bz", 0, "aｶﾅあz", SK_MAIL_CHARSET_OK},
        {"cp50222", "\x0e\x36\x45\x0f.", 0, "ｶﾅ.", SK_MAIL_CHARSET_OK},
        {"iso-2022-jp", "\xb6\xc5", 0, "ｶﾅ", SK_MAIL_CHARSET_OK},
        {"iso-2022-jp-1", "\x1b$(D0!\x1b$B$\"\x1b(B", 0, "丂あ", SK_MAIL_CHARSET_OK},
        {"iso-2022-jp-2", "\x1b$(C0!\x1b(B", 0, "가", SK_MAIL_CHARSET_OK},
        {"iso-2022-jp", "\x1b$B$\"\nabc", 0, "あ\nabc", SK_MAIL_CHARSET_OK},
        {"windows-31j", "\x87\x40\x87\x8a\xfb\xfc\xee\xe0\xb6\xc5", 0, "①㈱髙髙ｶﾅ",
         SK_MAIL_CHARSET_OK},
        {"Shift_JIS", "\x87\x40\x87\x8a\xfb\xfc~\\\x81\x60", 0, "①㈱髙~\\～",
         SK_MAIL_CHARSET_OK},
        {"x-sjis", "\x95\x5c\x8e\xa6.zip", 0, "表示.zip", SK_MAIL_CHARSET_OK},
        {"cp932", "\x83\x5c", 0, "ソ", SK_MAIL_CHARSET_OK},
        {"euc-jp", "\xad\xa1\xad\xea\xfc\xe2\x8e\xb6\x8e\xc5", 0, "①㈱髙ｶﾅ",
         SK_MAIL_CHARSET_OK},
        {"eucJP-ms", "\xad\xa1\x8f\xf4\xfb\x8f\xb0\xa1", 0, "①髙丂", SK_MAIL_CHARSET_OK},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_other_charsets(void)
{
    static const Case CASES[] = {
        {"utf-8", "\xe3\x81\x82", 0, "あ", SK_MAIL_CHARSET_OK},
        {" \"UTF8\"", "\xe3\x81\x82", 0, "あ", SK_MAIL_CHARSET_OK},
        {"us-ascii", "abc", 0, "abc", SK_MAIL_CHARSET_OK},
        {"iso-8859-1", "caf\xe9 \x93x\x94", 0, "café “x”", SK_MAIL_CHARSET_OK},
        {"iso-8859-15", "\xa4", 0, "€", SK_MAIL_CHARSET_OK},
        {"koi8-r", "\xcd\xc9\xd2", 0, "мир", SK_MAIL_CHARSET_OK},
        {"gb2312", "\xd6\xd0\x81\x30\x81\x30", 0, "中\xc2\x80", SK_MAIL_CHARSET_OK},
        {"big5", "\xa4\xa4", 0, "中", SK_MAIL_CHARSET_OK},
        {"euc-kr", "\xc7\xd1", 0, "한", SK_MAIL_CHARSET_OK},
        {"utf-7", "+MEI-", 0, "あ", SK_MAIL_CHARSET_OK},
        {"utf-16", "\xfe\xff\x30\x42", 4, "あ", SK_MAIL_CHARSET_OK},
        {"utf-16", "a\0b\0", 4, "ab", SK_MAIL_CHARSET_OK},
        {"utf-16", "\0a\0b", 4, "ab", SK_MAIL_CHARSET_OK},
        {"utf-16le", "\x42\x30", 2, "あ", SK_MAIL_CHARSET_OK},
        {"utf-32", "\0\0\x30\x42", 4, "あ", SK_MAIL_CHARSET_OK},
        {"utf-32", "\x42\x30\0\0", 4, "あ", SK_MAIL_CHARSET_OK},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_no_or_untrue_label(void)
{
    static const Case CASES[] = {
        {NULL, "plain", 0, "plain", SK_MAIL_CHARSET_OK},
        {"", "\xe3\x81\x82", 0, "あ", SK_MAIL_CHARSET_GUESSED},
        {"unknown-8bit", "\x93\xfa\x96\x7b.zip", 0, "日本.zip", SK_MAIL_CHARSET_GUESSED},
        {NULL, "\x1b$B;3ED\x1b(B", 0, "山田", SK_MAIL_CHARSET_GUESSED},
        {NULL, "caf\xe9.zip", 0, "café.zip", SK_MAIL_CHARSET_GUESSED},
        {NULL, "M\xfcller", 0, "Müller", SK_MAIL_CHARSET_GUESSED},
        {"us-ascii", "\x93\xfa\x96\x7b", 0, "日本", SK_MAIL_CHARSET_UNTRUE},
        {"utf-8", "\x93\xfa\x96\x7b", 0, "日本", SK_MAIL_CHARSET_UNTRUE},
        {"utf-8", "a\xff", 0, "a�", SK_MAIL_CHARSET_UNTRUE},
        {"euc-jp", "\xff", 0, "�", SK_MAIL_CHARSET_UNTRUE},
        {"x-klingon", "abc", 0, "abc", SK_MAIL_CHARSET_UNKNOWN},
        {"x-klingon", "\xe3\x81\x82", 0, "あ", SK_MAIL_CHARSET_UNKNOWN},
        {"../../etc/passwd", "abc", 0, "abc", SK_MAIL_CHARSET_UNKNOWN},
        {"utf-8,version=1", "abc", 0, "abc", SK_MAIL_CHARSET_UNKNOWN},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_known(void)
{
    g_assert_true(sk_mail_charset_is_known("ISO-2022-JP"));
    g_assert_true(sk_mail_charset_is_known("cp50220"));
    g_assert_true(sk_mail_charset_is_known("windows-1252"));
    g_assert_true(sk_mail_charset_is_known(NULL));
    g_assert_false(sk_mail_charset_is_known("x-klingon"));
    g_assert_false(sk_mail_charset_is_known("utf-8/../x"));
}

/* What does not fit is cut at a character. */
static void
test_bounds(void)
{
    g_auto(SkBuffer) out = {0};

    sk_buffer_init(&out, 7);
    g_assert_cmpint(
        sk_mail_charset_decode("cp932", sk_bytes("\x82\xa0\x82\xa0\x82\xa0", 6), &out), ==,
        SK_MAIL_CHARSET_FULL);
    g_assert_cmpuint(out.len, ==, 6);
    g_assert_cmpmem(out.data, out.len, "ああ", 6);
}

static void
test_long_text(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_auto(SkBuffer) out = {0};

    for (int i = 0; i < 5000; i++)
        g_string_append(text, "\x1b$B;3\x1b(B");
    sk_buffer_init(&out, 100000);
    g_assert_cmpint(sk_mail_charset_decode("iso-2022-jp", sk_bytes(text->str, text->len), &out),
                    ==, SK_MAIL_CHARSET_OK);
    g_assert_cmpuint(out.len, ==, 15000);
    g_assert_true(sk_mail_charset_is_utf8(sk_buffer_bytes(&out)));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sk_mail_charset_prime();
    g_test_add_func("/mail-charset/windows-extensions", test_windows_extensions);
    g_test_add_func("/mail-charset/other-charsets", test_other_charsets);
    g_test_add_func("/mail-charset/no-or-untrue-label", test_no_or_untrue_label);
    g_test_add_func("/mail-charset/known", test_known);
    g_test_add_func("/mail-charset/bounds", test_bounds);
    g_test_add_func("/mail-charset/long-text", test_long_text);
    return g_test_run();
}
