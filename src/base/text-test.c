/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <glib.h>

static void
test_safe(void)
{
    static const struct {
        const char *foreign;
        size_t len;
        size_t max;
        const char *want;
    } cases[] = {
        {"plain", 5, 100, "plain"},
        {"a\r\nb\x1b[1m", 8, 100, "a\\x0d\\x0ab\\x1b[1m"},
        {"nul\0x", 5, 100, "nul\\x00x"},
        {"bad \xff\xc3", 6, 100, "bad \\xff\\xc3"},
        {"invoice\u202efdp.exe", 17, 100, "invoice\\u{202e}fdp.exe"},
        {"見積書.zip", 13, 100, "見積書.zip"},
        {"見積書.zip", 13, 7, "見積…"},
        {"", 0, 10, ""},
        {"exact", 5, 5, "exact"},
        {"longer", 6, 5, "longe…"},
        {"long\xff", 5, 5, "long…"},
        {"none", 4, 0, "…"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *exact = g_memdup2(cases[i].foreign, cases[i].len);
        g_autofree char *safe = NULL;

        /* C0 controls other than those of a message would be written \u{…}; they are one byte.
         */
        safe = sk_text_safe(sk_bytes(exact, cases[i].len), cases[i].max);
        g_test_message("case %zu", i);
        g_assert_cmpstr(safe, ==, cases[i].want);
    }
}

static void
test_ascii(void)
{
    static const struct {
        const char *foreign;
        size_t max;
        const char *want;
    } cases[] = {
        {"plain text~", 100, "plain text~"},
        {"見積書.zip", 100, "???.zip"},
        {"見積書.zip", 2, "??"},
        {"a\r\nb\x7f", 100, "a??b?"},
        {"latin \xe9t\xe9", 100, "latin ?t?"},
        {"cut \xe8\xa6", 100, "cut ??"},
        /* It promises five bytes more: what is behind the end must not be read. */
        {"x\xfd", 100, "x?"},
        {"", 10, ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *exact = g_strdup(cases[i].foreign);
        g_autofree char *ascii = sk_text_ascii(exact, cases[i].max);

        g_test_message("case %zu", i);
        g_assert_cmpstr(ascii, ==, cases[i].want);
    }
}

static void
test_quote(void)
{
    g_autofree char *quoted = sk_text_quote("say \"hi\" c:\\new \x01");

    g_assert_cmpstr(quoted, ==, "\"say \\\"hi\\\" c:\\\\new \\x01\"");
}

static void
test_numbers(void)
{
    int64_t number;
    uint64_t bytes;

    g_assert_true(sk_text_to_int("42", 0, 100, &number));
    g_assert_cmpint(number, ==, 42);
    g_assert_false(sk_text_to_int("-1", 0, 100, &number));
    g_assert_false(sk_text_to_int(" 1", 0, 100, &number));
    g_assert_false(sk_text_to_int("1x", 0, 100, &number));
    g_assert_false(sk_text_to_int("99999999999999999999", 0, INT64_MAX, &number));
    g_assert_true(sk_text_to_seconds("5m", &number));
    g_assert_cmpint(number, ==, 300);
    g_assert_false(sk_text_to_seconds("5", &number));
    g_assert_false(sk_text_to_seconds("5mm", &number));
    g_assert_true(sk_text_to_size("10M", &bytes));
    g_assert_cmpuint(bytes, ==, 10 << 20);
    g_assert_true(sk_text_to_size("7", &bytes));
    g_assert_cmpuint(bytes, ==, 7);
    g_assert_false(sk_text_to_size("9999999999999G", &bytes));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/text/safe", test_safe);
    g_test_add_func("/text/ascii", test_ascii);
    g_test_add_func("/text/quote", test_quote);
    g_test_add_func("/text/numbers", test_numbers);
    return g_test_run();
}
