/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-uuencode.h"

#include <glib.h>

typedef struct {
    const char *text;
    const char *dump; /* name|content|rest for each file; "!" when it is damaged */
} Case;

static char *
dump(SkBytes text)
{
    GString *out = g_string_new(NULL);
    SkMailUuencode file = {0};

    while (sk_mail_uuencode_find(text, file.end, &file)) {
        g_auto(SkBuffer) content = {0};
        SkMailDecoded result;

        sk_buffer_init(&content, text.len + 4);
        result = sk_mail_uuencode_decode(&file, &content);
        g_string_append_printf(out, "%.*s|%.*s%s\n", (int)file.name.len, file.name.data,
                               (int)content.len, (const char *)content.data,
                               result == SK_MAIL_DECODED ? "" : "|!");
    }
    return g_string_free(out, FALSE);
}

/* The encoded texts are those of POSIX uuencode (and of Python's binascii). */
static void
test_find_and_decode(void)
{
    static const Case CASES[] = {
        {"", ""},
        {"begin 644 cat.txt\n#0V%T\n`\nend\n", "cat.txt|Cat\n"},
        {"begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n", "cat.txt|Cat\n"},
        {"hi\nbegin  0644  a b.txt\n#0V%T\n \nend", "a b.txt|Cat\n"},
        {"begin 644 x\n#0V%T\n\nend\n", "x|Cat\n"},
        {"begin 644 x\n$0V%T<P``\n`\nend\n", "x|Cats\n"},
        {"begin 644 x\n$0V%T<P\n`\nend\n", "x|Cats\n"},
        {"begin 644 x\n#0V%T\nend\n", "x|Cat\n"},
        {"begin 644 x\n#0V%T\nM\nM0V%T\nend\n", "x|CatCat|!\n"},
        {"begin 644 x\n#0V%T\n", "x|Cat|!\n"},
        {"begin 644 x\n#0V%T\nand so on\n", "x|Cat|!\n"},
        {"begin 644 x\nend\n", "x|\n"},
        {"begin 644 x\n#0V%T\n`\nend\ntext\nbegin 644 y\n#0V%T\n`\nend\n", "x|Cat\ny|Cat\n"},
        {"begin 644 x\n#0V%T\ncut\nbegin 644 y\n#0V%T\n`\nend\n", "x|Cat|!\ny|Cat\n"},
        {"begin-base64 644 x\nQ2F0\n====\n", "x|Cat\n"},
        /* prose */
        {"begin 644 x\nHello\n", ""},
        {"begin with this\n#0V%T\n", ""},
        {"begin 99 x\n#0V%T\n", ""},
        {"begin 644\n#0V%T\n", ""},
        {"we begin 644 x\n#0V%T\n`\nend\n", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        size_t len = strlen(CASES[i].text);
        g_autofree char *exact = g_memdup2(CASES[i].text, len);
        g_autofree char *got = dump(sk_bytes(exact, len));

        g_assert_cmpstr(got, ==, CASES[i].dump);
    }
}

static void
test_lines(void)
{
    g_assert_true(sk_mail_uuencode_has_line(sk_bytes("=ybegin x", 9), "=ybegin "));
    g_assert_true(sk_mail_uuencode_has_line(sk_bytes("x =y\n=y", 7), "=y"));
    g_assert_false(sk_mail_uuencode_has_line(sk_bytes("x =y", 4), "=y"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-uuencode/find-and-decode", test_find_and_decode);
    g_test_add_func("/mail-uuencode/lines", test_lines);
    return g_test_run();
}
