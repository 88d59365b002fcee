/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-decode.h"

#include <glib.h>

typedef struct {
    const char *text;
    const char *bytes;
    SkMailDecoded result;
} Case;

static void
check(SkMailDecoded (*decode)(SkBytes, SkBuffer *), const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cases[i].text);
        g_autofree char *exact = g_memdup2(cases[i].text, len);
        g_auto(SkBuffer) out = {0};

        sk_buffer_init(&out, len + 4);
        g_assert_cmpint(decode(sk_bytes(exact, len), &out), ==, cases[i].result);
        g_assert_cmpmem(out.data, out.len, cases[i].bytes, strlen(cases[i].bytes));
    }
}

static void
test_base64(void)
{
    static const Case CASES[] = {
        {"", "", SK_MAIL_DECODED},
        {"Zm9vYmFy", "foobar", SK_MAIL_DECODED},
        {"Zm9vYg==", "foob", SK_MAIL_DECODED},
        {"Zm9vYmE=\r\n", "fooba", SK_MAIL_DECODED},
        {"Zm\r\n9v Ym\tFy\n\n", "foobar", SK_MAIL_DECODED},
        {"Z\nm\n9\nv", "foo", SK_MAIL_DECODED},
        /* cut: what there is, and said */
        {"Zm9vYmE", "fooba", SK_MAIL_DECODED_DAMAGED},
        {"Zm9vYg", "foob", SK_MAIL_DECODED_DAMAGED},
        {"Zm9vY", "foo", SK_MAIL_DECODED_DAMAGED},
        /* junk is skipped, as mail programs do */
        {"Zm9v!!YmFy", "foobar", SK_MAIL_DECODED_DAMAGED},
        {"Zm\xff"
         "9v",
         "foo", SK_MAIL_DECODED_DAMAGED},
        {"=Zm9v", "foo", SK_MAIL_DECODED_DAMAGED},
        /* two encodings behind each other, a footer of a list */
        {"Zm9vYg==YmFy", "foobbar", SK_MAIL_DECODED_DAMAGED},
        {"Zm9vYg==\n____\n", "foob", SK_MAIL_DECODED_DAMAGED},
        {"Zm9v====", "foo", SK_MAIL_DECODED_DAMAGED},
    };

    check(sk_mail_decode_base64, CASES, G_N_ELEMENTS(CASES));
}

static void
test_quoted(void)
{
    static const Case CASES[] = {
        {"", "", SK_MAIL_DECODED},
        {"a=3Db=0A", "a=b\n", SK_MAIL_DECODED},
        {"a=3db", "a=b", SK_MAIL_DECODED},
        {"a=\r\nb=\nc= \t\r\nd=", "abcd", SK_MAIL_DECODED},
        {"a = b", "a = b", SK_MAIL_DECODED_DAMAGED},
        {"a=4", "a=4", SK_MAIL_DECODED_DAMAGED},
        {"==41", "=A", SK_MAIL_DECODED_DAMAGED},
    };

    check(sk_mail_decode_quoted, CASES, G_N_ELEMENTS(CASES));
}

/* Every length, against GLib's decoder. */
static void
test_base64_agrees(void)
{
    uint8_t bytes[200];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 + 11);
    for (size_t len = 1; len < sizeof bytes; len++) {
        g_autofree char *text = g_base64_encode(bytes, len);
        g_auto(SkBuffer) out = {0};

        sk_buffer_init(&out, 1000);
        g_assert_cmpint(sk_mail_decode_base64(sk_bytes(text, strlen(text)), &out), ==,
                        SK_MAIL_DECODED);
        g_assert_cmpmem(out.data, out.len, bytes, len);
    }
}

/* TEXT in lines of WIDTH characters. */
static char *
break_lines(const char *text, size_t width, const char *end)
{
    GString *lines = g_string_new(NULL);

    for (size_t at = 0; at < strlen(text); at += width)
        g_string_append_printf(lines, "%.*s%s", (int)width, text + at, end);
    return g_string_free(lines, FALSE);
}

/* Lines of every width, so that each place of a group meets the line end, in an exact-size
 * copy. */
static void
test_base64_lines(void)
{
    static const char *const ends[] = {"\r\n", "\n", "\r", " \r\n"};
    uint8_t bytes[100];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 101 + 3);
    for (size_t i = 0; i < 80 * G_N_ELEMENTS(ends); i++) {
        size_t len = sizeof bytes - i % 3;
        g_autofree char *text = g_base64_encode(bytes, len);
        g_autofree char *lines =
            break_lines(text, i / G_N_ELEMENTS(ends) + 1, ends[i % G_N_ELEMENTS(ends)]);
        g_autofree char *exact = g_memdup2(lines, strlen(lines));
        g_auto(SkBuffer) out = {0};

        sk_buffer_init(&out, 1000);
        g_assert_cmpint(sk_mail_decode_base64(sk_bytes(exact, strlen(lines)), &out), ==,
                        SK_MAIL_DECODED);
        g_assert_cmpmem(out.data, out.len, bytes, len);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-decode/base64", test_base64);
    g_test_add_func("/mail-decode/quoted", test_quoted);
    g_test_add_func("/mail-decode/base64-agrees", test_base64_agrees);
    g_test_add_func("/mail-decode/base64-lines", test_base64_lines);
    return g_test_run();
}
