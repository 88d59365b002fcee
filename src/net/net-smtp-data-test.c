/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-data.h"

#include <glib.h>

static void
check(const char *text, size_t len, const char *expected, size_t expected_len, size_t step)
{
    g_autofree uint8_t *exact = g_memdup2(text, len);
    SkBytes rest = sk_bytes(exact, len);
    g_auto(SkBuffer) out;
    SkSmtpData data;

    sk_buffer_init(&out, 10000);
    sk_smtp_data_init(&data);
    while (rest.len > 0) {
        SkBytes piece = sk_bytes_slice(rest, 0, step);

        g_assert_true(sk_smtp_data_add(&data, piece, &out));
        rest = sk_bytes_from(rest, piece.len);
    }
    g_assert_true(sk_smtp_data_end(&data, &out));
    g_assert_cmpmem(out.data, out.len, expected, expected_len);
}

#define LONG                                                                                   \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define LINE LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG LONG
#define CASE(text, expected)                                                                   \
    {                                                                                          \
        text, sizeof text - 1, expected, sizeof expected - 1                                   \
    }

static void
test_data(void)
{
    static const struct {
        const char *text;
        size_t len;
        const char *expected;
        size_t expected_len;
    } cases[] = {
        CASE("", ".\r\n"),
        CASE("a\r\n", "a\r\n.\r\n"),
        CASE("a", "a\r\n.\r\n"),
        CASE(".", "..\r\n.\r\n"),
        CASE(".\r\n", "..\r\n.\r\n"),
        CASE("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
        CASE("a\r\n..b\r\n.c\r\n.", "a\r\n...b\r\n..c\r\n..\r\n.\r\n"),
        /* A lone LF, behind which many servers end a line, and a lone CR, behind which none
         * does. */
        CASE("a\n.\nb\r\n", "a\n..\nb\r\n.\r\n"),
        CASE("a\n.\r\nMAIL FROM:<x>\r\n", "a\n..\r\nMAIL FROM:<x>\r\n.\r\n"),
        CASE("a\r.\rb\r\n", "a\r.\rb\r\n.\r\n"),
        CASE("a\r", "a\r\r\n.\r\n"),
        CASE("a\n", "a\n\r\n.\r\n"),
        CASE("a\0.\xff\x80\r\n", "a\0.\xff\x80\r\n.\r\n"),
        CASE(LINE "\r\n", LINE "\r\n.\r\n"),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        for (size_t step = 1; step < 9; step++)
            check(cases[i].text, cases[i].len, cases[i].expected, cases[i].expected_len, step);
    }
}

/* A full buffer is said to be one. */
static void
test_full(void)
{
    g_auto(SkBuffer) out;
    SkSmtpData data;

    sk_buffer_init(&out, 4);
    sk_smtp_data_init(&data);
    g_assert_false(sk_smtp_data_add(&data, sk_bytes(".\n.\n", 4), &out));
    sk_buffer_reset(&out, 0);
    sk_buffer_init(&out, 2);
    g_assert_false(sk_smtp_data_end(&data, &out));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/net-smtp-data/stuffed", test_data);
    g_test_add_func("/net-smtp-data/full", test_full);
    return g_test_run();
}
