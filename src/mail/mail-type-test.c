/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-type.h"

#include <glib.h>

typedef struct {
    const char *value;
    const char *dump; /* word, then name=value for each parameter, ";" between */
    unsigned odd;
} Case;

static char *
dump(const SkMailType *type)
{
    GString *out = g_string_new(type->word);

    for (unsigned i = 0; i < type->n_params; i++) {
        const SkMailParam *param = &type->params[i];
        g_auto(SkBuffer) text = {0};

        sk_buffer_init(&text, 1000);
        g_assert_true(sk_mail_param_unquote(param, &text));
        g_string_append_printf(out, ";%.*s%s", (int)param->name.len, param->name.data,
                               param->extended ? "*" : "");
        if (param->section >= 0)
            g_string_append_printf(out, "[%d]", param->section);
        g_string_append_printf(out, "=%.*s", (int)text.len, (const char *)text.data);
    }
    return g_string_free(out, FALSE);
}

static void
check(const Case *cases, size_t n, bool disposition)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cases[i].value);
        g_autofree char *exact = g_memdup2(cases[i].value, len);
        g_autofree char *got = NULL;
        SkMailType type;

        (disposition ? sk_mail_disposition_parse : sk_mail_type_parse)(&type,
                                                                       sk_bytes(exact, len));
        got = dump(&type);
        g_assert_cmpstr(got, ==, cases[i].dump);
        g_assert_cmphex(type.odd, ==, cases[i].odd);
    }
}

static void
test_usual(void)
{
    static const Case CASES[] = {
        {" text/plain", "text/plain", 0},
        {" TEXT/Plain; Charset=\"UTF-8\"", "text/plain;Charset=UTF-8", 0},
        {"multipart/mixed;\r\n boundary=\"a b\"", "multipart/mixed;boundary=a b", 0},
        {"text/plain; charset=us-ascii (plain text)",
         "text/plain;charset=us-ascii (plain text)", 0},
        {"text/plain (ok); format=flowed;", "text/plain;format=flowed", 0},
        {"text/plain;;charset=x", "text/plain;charset=x", 0},
        {"a/b; name=foo bar.zip; x=y", "a/b;name=foo bar.zip;x=y", 0},
        {"a/b; name=\"a\\\"b\\\\c\\d\"", "a/b;name=a\"b\\c\\d", 0},
        {"a/b; name=\"x\r\n y\"", "a/b;name=x y", 0},
        {"a/b; n*0*=u''%41; n*1=\"b\"; m*=x", "a/b;n*[0]=u''%41;n[1]=b;m*=x", 0},
        {"a/b; flag; x=y", "a/b;x=y", 0},
        {"a/b; x=y; x=y", "a/b;x=y;x=y", 0},
        {"a/b; name = \"z\" ; x = y", "a/b;name=z;x=y", 0},
        /* raw Shift_JIS: the second byte of 表 is a backslash; raw ISO-2022-JP: あ is $" */
        {"a/b; name=\"\x95\x5c\"; x=y", "a/b;name=\x95\x5c;x=y", 0},
        {"a/b; name=\"\x1b$B$\"\x1b(B.zip\"; x=y", "a/b;name=\x1b$B$\"\x1b(B.zip;x=y", 0},
    };

    check(CASES, G_N_ELEMENTS(CASES), false);
}

static void
test_odd(void)
{
    static const Case CASES[] = {
        {"", "", SK_MAIL_TYPE_INVALID},
        {"text", "", SK_MAIL_TYPE_INVALID},
        {"a/b/c", "", SK_MAIL_TYPE_INVALID},
        {"/b", "", SK_MAIL_TYPE_INVALID},
        {"t\xe9xt/plain", "", SK_MAIL_TYPE_INVALID},
        {"a/b; boundary=x; boundary=y", "a/b;boundary=x;boundary=y", SK_MAIL_TYPE_DUPLICATE},
        {"a/b; Boundary=x; bOUNDARY=\"y\"", "a/b;Boundary=x;bOUNDARY=y",
         SK_MAIL_TYPE_DUPLICATE},
        {"a/b; n*0=x; n*0=y", "a/b;n[0]=x;n[0]=y", SK_MAIL_TYPE_DUPLICATE},
        {"a/b (one (two)); x=y", "a/b;x=y", SK_MAIL_TYPE_COMMENT},
        {"a/b (; x=z); x=y", "a/b;x=y", SK_MAIL_TYPE_COMMENT},
        {"a/b (one; x=y", "a/b", SK_MAIL_TYPE_OPEN | SK_MAIL_TYPE_COMMENT},
        {"a/b; x=\"y", "a/b;x=y", SK_MAIL_TYPE_OPEN},
        {"a/b; x=\"y\".exe", "a/b;x=y", SK_MAIL_TYPE_JUNK},
        {"a/b x=y", "a/b", SK_MAIL_TYPE_JUNK},
    };

    check(CASES, G_N_ELEMENTS(CASES), false);
}

static void
test_disposition(void)
{
    static const Case CASES[] = {
        {" attachment; filename=x.zip", "attachment;filename=x.zip", 0},
        {"Inline", "inline", 0},
        {"; filename=x.zip", ";filename=x.zip", SK_MAIL_TYPE_INVALID},
    };

    check(CASES, G_N_ELEMENTS(CASES), true);
}

static void
test_get(void)
{
    SkMailType type;
    char text[8];

    sk_mail_type_parse(&type, sk_bytes("a/b; A=Xy; long=12345678; b*=c", 30));
    g_assert_true(sk_mail_type_get(&type, "a", text, sizeof text));
    g_assert_cmpstr(text, ==, "Xy");
    g_assert_true(sk_mail_type_get_lower(&type, "a", text, sizeof text));
    g_assert_cmpstr(text, ==, "xy");
    g_assert_false(sk_mail_type_get(&type, "long", text, sizeof text));
    g_assert_cmpstr(text, ==, "");
    g_assert_null(sk_mail_type_peek(&type, "b"));
}

static void
test_limits(void)
{
    g_autoptr(GString) text = g_string_new("a/b");
    SkMailType type;

    for (int i = 0; i <= SK_MAIL_PARAMS; i++)
        g_string_append_printf(text, ";p%d=x", i);
    sk_mail_type_parse(&type, sk_bytes(text->str, text->len));
    g_assert_cmpuint(type.n_params, ==, SK_MAIL_PARAMS);
    g_assert_cmphex(type.odd, ==, SK_MAIL_TYPE_MANY);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-type/usual", test_usual);
    g_test_add_func("/mail-type/odd", test_odd);
    g_test_add_func("/mail-type/disposition", test_disposition);
    g_test_add_func("/mail-type/get", test_get);
    g_test_add_func("/mail-type/limits", test_limits);
    return g_test_run();
}
