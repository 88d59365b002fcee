/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-decode.h"

#include <glib.h>

#include "base/limit.h"

#define BYTES(literal) sk_bytes("" literal, sizeof literal - 1)

static void
test_charsets(void)
{
    const struct {
        SkBytes raw;
        const char *want;
    } table[] = {
        {BYTES(""), ""},
        {BYTES("a.txt"), "a.txt"},
        {BYTES("dir\\a.txt"), "dir/a.txt"},
        {BYTES("\xe6\x97\xa5.txt"), "日.txt"},
        {BYTES("\x93\xfa\x96{.txt"), "日本.txt"},
        {BYTES("\x95\\.txt"), "表.txt"}, /* the backslash is half of a character */
        {BYTES("\xb1\xb2.txt"), "ｱｲ.txt"},
        {BYTES("\x87@.txt"), "①.txt"}, /* NEC's, of windows-31j only */
        {BYTES("\x95\\/\x94\\.txt"), "表/能.txt"},
        {BYTES("docs/"), "docs/"},
        {BYTES("a\xff.txt"), "a\\xff.txt"},
        {BYTES("a.exe\0.txt"), "a.exe"}, /* what a C program would make of it */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = sk_attach_decode_name(table[i].raw);

        g_assert_cmpstr(got, ==, table[i].want);
    }
}

static void
test_utf16(void)
{
    const struct {
        SkBytes raw;
        const char *want;
    } table[] = {
        {BYTES(""), ""},
        {BYTES("a\0\xe5\x65"), "a日"},
        {BYTES("\x3d\xd8\x00\xde"), "😀"},
        {BYTES("a\0\x3d\xd8"), "a\ufffd"}, /* half a pair */
        {BYTES("a\0b"), "a"},              /* half a unit */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *got = sk_attach_decode_utf16le(table[i].raw);

        g_assert_cmpstr(got, ==, table[i].want);
    }
}

static void
test_base(void)
{
    static const struct {
        const char *name;
        const char *want;
    } table[] = {
        {"a.txt", "a.txt"},
        {"docs/a.txt", "a.txt"},
        {"C:\\docs\\a.txt", "a.txt"},
        {"docs/", "docs/"},
        {"", ""},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        g_assert_cmpstr(sk_attach_decode_base_peek(table[i].name), ==, table[i].want);
}

/* A name is not cut inside a character. */
static void
test_long_japanese(void)
{
    g_autoptr(GString) raw = g_string_new(NULL);
    g_autofree char *got = NULL;

    for (int i = 0; i < 1000; i++)
        g_string_append(raw, "表");
    g_string_append(raw, ".exe");
    got = sk_attach_decode_name(sk_bytes(raw->str, raw->len));
    g_assert_true(g_utf8_validate(got, -1, NULL));
    g_assert_true(g_str_has_prefix(got, "表"));
    g_assert_true(g_str_has_suffix(got, "表.exe"));
}

static void
test_long_names_keep_their_end(void)
{
    g_autofree char *name = g_strnfill(100000, 'a');
    g_autofree char *utf16 = g_malloc0(200000);
    g_autofree char *got = NULL, *got_utf16 = NULL;

    memcpy(name + 100000 - 4, ".exe", 4);
    got = sk_attach_decode_name(sk_bytes(name, 100000));
    g_assert_true(g_str_has_suffix(got, "a.exe"));
    g_assert_cmpuint(strlen(got), <=, SK_LIMIT_NAME);
    for (size_t i = 0; i < 100000; i++)
        utf16[2 * i] = name[i];
    got_utf16 = sk_attach_decode_utf16le(sk_bytes(utf16, 200000));
    g_assert_cmpstr(got_utf16, ==, got);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-decode/charsets", test_charsets);
    g_test_add_func("/attach-decode/utf16", test_utf16);
    g_test_add_func("/attach-decode/long-names-keep-their-end", test_long_names_keep_their_end);
    g_test_add_func("/attach-decode/base", test_base);
    g_test_add_func("/attach-decode/long-japanese", test_long_japanese);
    return g_test_run();
}
