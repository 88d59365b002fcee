/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-text.h"

#include "mail/mail-envelope.h"

static void
test_escape(void)
{
    static const struct {
        const char *foreign, *text;
    } cases[] = {
        {"hanako@ours.example", "hanako@ours.example"},
        {"山@例え.jp", "山@例え.jp"},
        {"\xff@x.example", "\\xff@x.example"},
        {"\xe5\xb1", "\\xe5\\xb1"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, /* half of a surrogate pair */
        {"a\tb\nc\x7f", "a\\x09b\\x0ac\\x7f"},
        {"\"a\\b\"@x.example", "\"a\\x5cb\"@x.example"},
        {"\\xff", "\\x5cxff"},
        {"", ""},
        {NULL, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = sk_hold_escape(cases[i].foreign);
        g_autofree char *foreign = sk_hold_unescape(text);

        g_assert_cmpstr(text, ==, cases[i].text);
        g_assert_cmpstr(foreign, ==, cases[i].foreign);
    }
}

/* What nobody of us has written. */
static void
test_unescape(void)
{
    static const char *const cases[] = {"\\", "\\x", "\\x4", "\\xg0", "\\x00", "a\\"};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *foreign = sk_hold_unescape(cases[i]);

        g_assert_cmpstr(foreign, ==, cases[i]);
    }
}

static void
test_key(void)
{
    g_autofree char *none = sk_hold_key(NULL);
    g_autofree char *mixed = sk_hold_key("Hanako.山@OURS.example\xff");
    g_autofree char *local = g_strnfill(SK_HOLD_KEY_MAX - 1, 'A');
    g_autofree char *longer = g_strconcat(local, "山@x.example", NULL);
    g_autofree char *cut = sk_hold_key(longer);
    g_autofree char *expected = g_strnfill(SK_HOLD_KEY_MAX - 1, 'a');

    g_assert_cmpstr(none, ==, "");
    g_assert_cmpstr(mixed, ==, "hanako.山@ours.example\\xff");
    g_assert_cmpstr(cut, ==, expected);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hold/text/escape", test_escape);
    g_test_add_func("/hold/text/unescape", test_unescape);
    g_test_add_func("/hold/text/key", test_key);
    return g_test_run();
}
