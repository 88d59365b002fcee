/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-walk.h"

#include <glib.h>

static const char *const TROUBLES[] = {"ambiguous", "broken",   "partial", "external",
                                       "tnef",      "uuencode", "charset", "limit"};

static void
on_part(const SkMailPart *part, void *data)
{
    g_autofree char *content = g_strndup((const char *)part->content.data, part->content.len);
    g_autofree char *escaped = g_strescape(content, NULL);

    g_string_append_printf(data, "%s %s %s%s%s \"%s\"\n", part->path, part->type,
                           part->name != NULL ? part->name : "-",
                           part->is_attachment ? " A" : "", part->is_text ? " T" : "", escaped);
}

static void
on_trouble(SkMailTrouble what, const char *path, const char *detail, void *data)
{
    g_string_append_printf(data, "! %s %s\n", TROUBLES[what], path != NULL ? path : "-");
}

static char *
walk(const char *bytes, size_t len, const SkBudgetLimits *limits)
{
    g_autofree char *exact = g_memdup2(bytes, len);
    GString *out = g_string_new(NULL);
    SkMailVisitor visitor = {on_part, on_trouble, out};
    SkBudget budget;

    sk_budget_init(&budget, limits);
    sk_mail_walk(sk_bytes(exact, len), NULL, 0, &budget, &visitor);
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *mail;
    const char *dump;
} Case;

static void
check(const Case *cases, size_t n)
{
    SkBudgetLimits limits = sk_budget_limits_default();

    for (size_t i = 0; i < n; i++) {
        g_autofree char *got = walk(cases[i].mail, strlen(cases[i].mail), &limits);

        g_assert_cmpstr(got, ==, cases[i].dump);
    }
}

static void
test_structure(void)
{
    static const Case CASES[] = {
        {"Subject: x\r\n\r\nhello\r\n", "1 text/plain - T \"hello\\r\\n\"\n"},
        {"Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\npre\r\n--b\r\n\r\none\r\n--b  "
         "\r\n"
         "Content-Type: text/html\r\n\r\ntwo\r\n\r\n--b--\r\nepilogue\r\n",
         "1 text/plain - T \"one\"\n2 text/html - T \"two\\r\\n\"\n"},
        {"Content-Type: multipart/mixed; boundary=a\n\n--a\n"
         "Content-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n\n"
         "--a\nContent-Type: Application/ZIP; name=\"x.zip\"\n"
         "Content-Transfer-Encoding: base64\n\nUEsDBA==\n--a--\n",
         "1.1 text/plain - T \"one\"\n1.2 text/plain - T \"two\"\n"
         "2 application/zip x.zip A \"PK\\003\\004\"\n"},
        {"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n"
         "Subject: inner\n\nhey\n--a\nContent-Type: message/rfc822\n"
         "\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nthree\n--c--\n--a--\n",
         "1.1 text/plain - T \"hey\"\n2.1 text/plain - T \"three\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-walk/structure", test_structure);
    return g_test_run();
}
