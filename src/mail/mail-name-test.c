/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-name.h"

#include <glib.h>

#include "base/limit.h"

typedef struct {
    const char *disposition; /* behind "attachment; ", or NULL */
    const char *type;        /* behind "a/b; ", or NULL */
    const char *name;
    unsigned odd;
} Case;

static char *
read_name(const char *disposition, const char *type, unsigned *odd)
{
    g_autofree char *d = g_strconcat("attachment; ", disposition, NULL);
    g_autofree char *t = g_strconcat("a/b; ", type, NULL);
    SkMailType parsed[2];

    sk_mail_disposition_parse(&parsed[0], sk_bytes(d, strlen(d)));
    sk_mail_type_parse(&parsed[1], sk_bytes(t, strlen(t)));
    *odd = 0;
    return sk_mail_name_read(disposition != NULL ? &parsed[0] : NULL,
                             type != NULL ? &parsed[1] : NULL, odd);
}

static void
check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned odd;
        g_autofree char *got = read_name(cases[i].disposition, cases[i].type, &odd);

        g_assert_cmpstr(got, ==, cases[i].name);
        g_assert_cmphex(odd, ==, cases[i].odd);
    }
}

static void
test_forms(void)
{
    static const Case CASES[] = {
        {NULL, NULL, NULL, 0},
        {"filename=a.zip", NULL, "a.zip", 0},
        {NULL, "name=\"a b.zip\"", "a b.zip", 0},
        {"filename=a.zip", "name=b.zip", "a.zip", 0},
        {"filename=\"\"", "name=b.zip", "b.zip", 0},
        {"filename*=utf-8''%e3%81%82.zip", NULL, "あ.zip", 0},
        {"filename*=iso-2022-jp'ja'%1B%24B%3B3ED%1B%28B.zip", NULL, "山田.zip", 0},
        {"filename*=shift_jis''%95%5c%8e%a6.zip", NULL, "表示.zip", 0},
        {"filename*0*=utf-8''%e3%81; filename*1*=%82; filename*2=\".zip\"", NULL, "あ.zip", 0},
        {"filename*1=\".zip\"; filename*0=\"a%41\"", NULL, "a%41.zip", 0},
        {"filename*0=\"=?utf-8?B?44GC\"; filename*1=\"?=.zip\"", NULL, "あ.zip", 0},
        {NULL, "name=\"=?utf-8?B?44GC?=.zip\"", "あ.zip", 0},
        {NULL, "name=\"=?utf-8?Q?=E3=81?=\r\n =?utf-8?Q?=82.zip?=\"", "あ.zip", 0},
        {NULL, "name==?utf-8?B?44GCLnppcA==?=", "あ.zip", 0},
        {NULL, "name=\"\x93\xfa\x96\x7b.zip\"", "日本.zip", 0},
        {NULL, "name=\"\x95\x5c.zip\"; x=y", "表.zip", 0},
        {NULL, "name=\"\x1b$B$\"\x1b(B.zip\"", "あ.zip", 0},
        {NULL, "name=\"\xe3\x81\x82.zip\"", "あ.zip", 0},
        {"filename*=%e3%81%82.zip", NULL, "あ.zip", 0},
        /* the usual pair of an ASCII name and the real one */
        {"filename=\"__.zip\"; filename*=utf-8''%e3%81%82.zip", NULL, "あ.zip", 0},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_clean(void)
{
    static const Case CASES[] = {
        {"filename=\"C:\\dir\\a.zip\"", NULL, "a.zip", 0},
        {"filename=\"../../etc/passwd\"", NULL, "passwd", 0},
        {"filename=\"dir/\"", NULL, "dir", 0},
        {"filename=\"/\"", NULL, NULL, 0},
        {"filename=\" a.zip \"", NULL, "a.zip", 0},
        {"filename*=utf-8''a%00b%0d%0a%7f.zip", NULL, "ab.zip", 0},
        {"filename*=utf-8''gpj%e2%80%ae.exe", NULL, "gpj\xe2\x80\xae.exe", 0},
        {"filename*=utf-8''%ff.zip", NULL, "�.zip", 0},
        {"filename*=utf-8''x%2fy.zip", NULL, "y.zip", 0},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_odd(void)
{
    static const Case CASES[] = {
        {"filename=a.txt; filename*=utf-8''a.exe", NULL, "a.exe", SK_MAIL_NAME_DIFFERS},
        {"filename=a.txt", "name=a.exe", "a.txt", SK_MAIL_NAME_DIFFERS},
        {"filename*0=a; filename*2=.exe", NULL, "a", SK_MAIL_NAME_PIECES},
        {"filename*0=a; filename*0=b; filename*1=.zip", NULL, "a.zip", SK_MAIL_NAME_PIECES},
        {"filename*=x-klingon''a.zip", NULL, "a.zip", SK_MAIL_NAME_CHARSET},
        {NULL, "name=\"=?x-klingon?Q?a.zip?=\"", "a.zip", SK_MAIL_NAME_CHARSET},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

/* The extension decides what opens a file: it survives the cut. */
static void
test_long(void)
{
    g_autoptr(GString) value = g_string_new("filename=\"");
    g_autofree char *got = NULL;
    unsigned odd;

    for (int i = 0; i < 10000; i++)
        g_string_append(value, "あ");
    g_string_append(value, ".exe\"");
    got = read_name(value->str, NULL, &odd);
    g_assert_cmpuint(strlen(got), <=, SK_LIMIT_NAME);
    g_assert_true(g_utf8_validate(got, -1, NULL));
    g_assert_true(g_str_has_prefix(got, "ああ") && g_str_has_suffix(got, "あ.exe"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-name/forms", test_forms);
    g_test_add_func("/mail-name/clean", test_clean);
    g_test_add_func("/mail-name/odd", test_odd);
    g_test_add_func("/mail-name/long", test_long);
    return g_test_run();
}
