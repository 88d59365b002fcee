/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-form.h"

#include <stdbool.h>

typedef struct {
    const char *text;
    size_t len; /* 0: to its NUL */
    bool ok;
    const char *a, *b; /* values of the fields "a" and "b" */
} Case;

static const Case CASES[] = {
    {"", 0, true, NULL, NULL},
    {"a=1&b=2", 0, true, "1", "2"},
    {"a", 0, true, "", NULL},
    {"a=", 0, true, "", NULL},
    {"a=1&&b=2&", 0, true, "1", "2"},
    {"a=x=y", 0, true, "x=y", NULL},
    {"a=1+2%2b3%26", 0, true, "1 2+3&", NULL},
    {"%61=%E6%AD%A2%e3%82%81%E3%82%8B", 0, true, "止める", NULL},
    {"a=\xe6\xad\xa2", 0, true, "止", NULL},
    {"a=%0d%0a", 0, true, "\r\n", NULL},
    {"=1", 0, true, NULL, NULL},
    /* what no browser sends */
    {"a=%", 0, false, NULL, NULL},
    {"a=%4", 0, false, NULL, NULL},
    {"a=%4&b=1", 0, false, NULL, NULL},
    {"a=%zz", 0, false, NULL, NULL},
    {"a=%00", 0, false, NULL, NULL},
    {"a=1\0", 4, false, NULL, NULL},
    {"a=%ff", 0, false, NULL, NULL},
    {"a=%ed%a0%80", 0, false, NULL, NULL}, /* half a surrogate pair */
    {"a=%c0%af", 0, false, NULL, NULL},
    {"%ff=1", 0, false, NULL, NULL},
    {"a=1&a=2", 0, false, NULL, NULL},
    {"a=1&%61=2", 0, false, NULL, NULL},
};

static void
test_parse(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        size_t len = CASES[i].len > 0 ? CASES[i].len : strlen(CASES[i].text);
        g_autofree char *exact = g_memdup2(CASES[i].text, len);
        g_autoptr(SkWebForm) form = sk_web_form_parse(sk_bytes(exact, len));

        g_test_message("case %zu: %s", i, CASES[i].text);
        g_assert_cmpint(form != NULL, ==, CASES[i].ok);
        g_assert_cmpstr(sk_web_form_peek(form, "a"), ==, CASES[i].a);
        g_assert_cmpstr(sk_web_form_peek(form, "b"), ==, CASES[i].b);
    }
}

static void
test_too_many(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(SkWebForm) all = NULL, more = NULL;

    for (unsigned i = 0; i < SK_WEB_FORM_FIELDS; i++)
        g_string_append_printf(text, "f%u=%u&", i, i);
    all = sk_web_form_parse(sk_bytes(text->str, text->len));
    g_assert_cmpstr(sk_web_form_peek(all, "f19"), ==, "19");
    g_string_append(text, "one=more");
    more = sk_web_form_parse(sk_bytes(text->str, text->len));
    g_assert_null(more);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-form/parse", test_parse);
    g_test_add_func("/web-form/too-many", test_too_many);
    return g_test_run();
}
