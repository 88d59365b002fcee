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
    g_string_append_printf(data, "! %s %s%s%s\n", TROUBLES[what], path != NULL ? path : "-",
                           detail != NULL ? ": " : "", detail != NULL ? detail : "");
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

/* One part in a multipart/mixed, with HEADER and BODY; LF only, as in a file. */
#define PART(header, body)                                                                     \
    "Content-Type: multipart/mixed; boundary=b\n\n--b\n" header "\n\n" body "\n--b--\n"

static void
test_encodings(void)
{
    static const Case CASES[] = {
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: BASE64", "UEsD\nBA =="),
         "1 a/b - A \"PK\\003\\004\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable",
              "P=4B=\n=03=\t\n=04"),
         "1 a/b - A \"PK\\003\\004\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: x-uuencode",
              "begin 644 a.zip\n$4$L#! \n`\nend"),
         "1 a/b - A \"PK\\003\\004\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: x-uuencode", "no data"),
         "! broken 1: the transfer encoding is damaged\n1 a/b - A \"no data\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: base64", "UE*sD"),
         "! broken 1: the transfer encoding is damaged\n1 a/b - A \"PK\\003\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: base64", "UA==UEsD"),
         "! broken 1: the transfer encoding is damaged\n1 a/b - A \"PPK\\003\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: base64", "UEsDB"),
         "! broken 1: the transfer encoding is damaged\n1 a/b - A \"PK\\003\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable", "a=ZZ"),
         "! broken 1: the transfer encoding is damaged\n1 a/b - A \"a=ZZ\"\n"},
        {PART("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable", "a=ZZ"),
         "1 text/plain - T \"a=ZZ\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: x-own", "UEsD"),
         "! ambiguous 1: the transfer encoding is unknown\n1 a/b - A \"UEsD\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: base64 7bit", "UEsD"),
         "! ambiguous 1: a content field has text between its parameters\n1 a/b - A "
         "\"PK\\003\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_messages_in_messages(void)
{
    static const Case CASES[] = {
        {PART("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
              "U3ViamVjdDogeAoKaGkK"),
         "! ambiguous 1: a transfer encoding stands where the standard allows none\n"
         "1.1 text/plain - T \"hi\\n\"\n"},
        {PART("Content-Type: message/global\nContent-Transfer-Encoding: base64",
              "U3ViamVjdDogeAoKaGkK"),
         "1.1 text/plain - T \"hi\\n\"\n"},
        {"Content-Type: message/rfc822\n\nSubject: x\n\nhi\n",
         "1.1 text/plain - T \"hi\\n\"\n"},
        {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\none\n--b\n\n"
         "Subject: y\n\ntwo\n--b--\n",
         "1.1 text/plain - T \"one\"\n2.1 text/plain - T \"two\"\n"},
        {PART("Content-Type: message/partial; id=x; number=1", "Subject: x\n\nhi"),
         "! partial 1\n1 message/partial - A \"Subject: x\\n\\nhi\"\n"},
        {PART("Content-Type: message/external-body; access-type=url", "Content-Type: a/b\n\n"),
         "! external 1\n1 message/external-body - A \"Content-Type: a/b\\n\\n\"\n"},
        /* a notice that quotes only the beginning */
        {PART("Content-Type: message/rfc822", "Subject: x\nContent-Type: multipart/mixed;\n"
                                              " boundary=c\n\n--c\n\nhi"),
         "1.1 text/plain - T \"hi\"\n"},
        {PART("Content-Type: message/rfc822", "Subject: x\nRecei"),
         "1.1 text/plain - T \"\"\n"},
        {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
         "LS1iCgpoaQotLWItLQo=\n",
         "! ambiguous -: a transfer encoding stands where the standard allows none\n"
         "1 text/plain - T \"hi\"\n"},
        {"Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n"
         "--b\n\nhi\n--b--\n",
         "! ambiguous -: a transfer encoding stands where the standard allows none\n"
         "1 text/plain - T \"hi\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_facts_of_a_part(void)
{
    static const Case CASES[] = {
        {PART("Content-Type: text/plain; name=a.txt", "x"), "1 text/plain a.txt A \"x\"\n"},
        {PART("Content-Type: text/html\nContent-Disposition: attachment", "x"),
         "1 text/html - A \"x\"\n"},
        {PART("Content-Type: text/calendar; method=REQUEST", "x"), "1 text/calendar - \"x\"\n"},
        {PART("Content-Type: image/png\nContent-Disposition: inline; filename=\"a.png\"", "x"),
         "1 image/png a.png A \"x\"\n"},
        {PART("Content-Type: text/plain; charset=x-klingon", "x"),
         "! charset 1: the text's charset is unknown\n1 text/plain - T \"x\"\n"},
        {PART("Content-Type: text/plain; charset=utf-8", "\xff"),
         "! charset 1: the text is not in UTF-8\n1 text/plain - T \"\\377\"\n"},
        {PART("Content-Type: a/b; name*=x-klingon''a.zip", "x"),
         "! charset 1: the file name's charset is unknown\n1 a/b a.zip A \"x\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_ambiguous_headers(void)
{
    static const Case CASES[] = {
        /* both readings are shown */
        {"Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
         "Content-Type: a/b\n\nx\n--b--\n",
         "! ambiguous -: there are several Content-Type fields\n"
         "1 text/plain - T \"--b\\nContent-Type: a/b\\n\\nx\\n--b--\\n\"\n1 a/b - A \"x\"\n"},
        {PART("Content-Type: a/b\nContent-Transfer-Encoding: base64\n"
              "Content-Transfer-Encoding: 7bit",
              "UEsD"),
         "! ambiguous 1: there are several Content-Transfer-Encoding fields\n"
         "1 a/b - A \"PK\\003\"\n1 a/b - A \"UEsD\"\n"},
        {PART("Content-Type: a/b\nContent-Disposition: inline; filename=a.txt\n"
              "Content-Disposition: attachment; filename=a.exe",
              "x"),
         "! ambiguous 1: there are several Content-Disposition fields\n1 a/b a.txt A \"x\"\n"},
        {PART("Content-Type: a/b\nContent-Type: a/b", "x"), "1 a/b - A \"x\"\n"},
        {PART("Content-Type: a/b\nno field\nContent-Transfer-Encoding: base64", "UEsD"),
         "! ambiguous 1: the header has a line that is no field\n1 a/b - A \"PK\\003\"\n"},
        {"no field\nContent-Type: a/b\n\nx",
         "! ambiguous -: the header has a line that is no field\n1 a/b - A \"x\"\n"},
        {"From a@example.com Mon Jan  1 00:00:00 2024\nContent-Type: a/b\n\nx",
         "1 a/b - A \"x\"\n"},
        {"Content-Type : a/b\n\nx",
         "! ambiguous -: a content field has blanks before its colon\n1 a/b - A \"x\"\n"},
        {"X : y\n\nx", "1 text/plain - T \"x\"\n"},
        {"Subject: x\n \nContent-Type: a/b\n\nx",
         "! ambiguous -: a line of blanks stands before or in a content field\n1 a/b - A "
         "\"x\"\n"},
        {"Content-Type: a/b\nSubject: x\n \n\nx", "1 a/b - A \"x\"\n"},
        {"Content-Type: a/b\rX: y\n\nx",
         "! ambiguous -: the header has a carriage return that ends no line\n"
         "! ambiguous -: a content field has text between its parameters\n1 a/b - A \"x\"\n"},
        {"Subject: x\r\nContent-Type: a/b\n\r\nx",
         "! ambiguous -: lines of the header end in CRLF and in LF\n1 a/b - A \"x\"\n"},
        {"Content-Type: a/b; x=1; x=2\n\nx",
         "! ambiguous -: a parameter stands twice, with two values\n1 a/b - A \"x\"\n"},
        {"Content-Type: a/b (c (d))\n\nx",
         "! ambiguous -: a comment in a content field has comments or quotes in it\n"
         "1 a/b - A \"x\"\n"},
        {"Content-Type: a/b; x=\"y\n\nx",
         "! ambiguous -: a quote or comment in a content field does not end\n1 a/b - A "
         "\"x\"\n"},
        {"Content-Type: text\n\nx",
         "! ambiguous -: the Content-Type is no type\n1 text/plain - T \"x\"\n"},
        {PART("Content-Type: a/b; name=a.txt\nContent-Disposition: attachment; "
              "filename*=utf-8''a.exe",
              "x"),
         "! ambiguous 1: the file has two names with different extensions\n1 a/b a.exe A "
         "\"x\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_ambiguous_structure(void)
{
    static const Case CASES[] = {
        {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
         "1 text/plain - T \"one\"\n2 text/plain - T \"two\"\n"
         "! ambiguous -: a boundary is used again behind the last part\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bc\ntwo\n--b--\n",
         "1 text/plain - T \"one\\n--bc\\ntwo\"\n"
         "! ambiguous -: a line begins with the boundary and goes on with other text\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\r--b\n\ntwo\n--b--\n",
         "1 text/plain - T \"one\\r--b\\n\\ntwo\"\n"
         "! ambiguous -: a boundary stands behind a carriage return that ends no line\n"},
        {"Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n",
         "! ambiguous -: a multipart names no boundary\n1 text/plain - T \"one\"\n"},
        {"Content-Type: multipart/mixed; boundary*0=b; boundary*1=c\n\n--bc\n\none\n--bc--\n",
         "! ambiguous -: a boundary is written in pieces, or has blanks and no quotes\n"
         "1 text/plain - T \"one\"\n"},
        {"Content-Type: multipart/mixed; boundary=b c\n\n--b c\n\none\n--b c--\n",
         "! ambiguous -: a boundary is written in pieces, or has blanks and no quotes\n"
         "1 text/plain - T \"one\"\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\ntext\n",
         "! ambiguous -: a multipart has none of its boundaries in it\n"
         "1 text/plain - T \"text\\n\"\n"},
        {"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
         "1 text/plain - T \"one\\n\"\n"},
        {"Content-Type: multipart/mixed; boundary=a\n\n--a\n"
         "Content-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--a\n\ntwo\n--a--\n",
         "1.1 text/plain - T \"one\"\n"
         "! ambiguous 1: a multipart does not end where the one around it goes on\n"
         "2 text/plain - T \"two\"\n"},
        {"Content-Type: multipart/mixed; boundary=a\n\n--a\n"
         "Content-Type: multipart/mixed; boundary=aa\n\n--aa\n\none\n--aa--\n--a--\n",
         "! ambiguous 1: a boundary is the beginning of another one around it\n"
         "1.1 text/plain - T \"one\"\n"
         "! ambiguous -: a line begins with the boundary and goes on with other text\n"},
        {"Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\none\n--b\n\n"
         "two\n--b--\n--a--\n",
         "! ambiguous -: a parameter stands twice, with two values\n"
         "1 text/plain - T \"one\\n--b\\n\\ntwo\\n--b--\"\n"
         "1 text/plain - T \"two\"\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_nul(void)
{
    static const char text[] = "Subject: x\n\na\0b";
    static const char header[] = "Subject: x\0y\n\na";
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autofree char *in_text = walk(text, sizeof text - 1, &limits);
    g_autofree char *in_header = walk(header, sizeof header - 1, &limits);

    g_assert_cmpstr(in_text, ==,
                    "! ambiguous 1: a text has NUL bytes\n1 text/plain - T \"a\"\n");
    g_assert_cmpstr(in_header, ==,
                    "! ambiguous -: the header has a NUL byte\n1 text/plain - T \"a\"\n");
}

static void
test_uuencode(void)
{
    static const Case CASES[] = {
        {"Subject: x\n\nhello\nbegin 644 a.zip\n$4$L#! \n`\nend\nbye\n",
         "1 text/plain - T \"hello\\nbegin 644 a.zip\\n$4$L#! "
         "\\n`\\nend\\nbye\\n\"\n"
         "! uuencode 1\n1.1 application/octet-stream a.zip A \"PK\\003\\004\"\n"},
        {"\nbegin 644 a\n$4$L#! \n`\nend\nbegin 600 b\n#4$L#\n",
         "1 text/plain - T \"begin 644 a\\n$4$L#! \\n`\\nend\\nbegin 600 b\\n#4$L#\\n\"\n"
         "! uuencode 1\n1.1 application/octet-stream a A \"PK\\003\\004\"\n"
         "! broken 1: a uuencoded file is cut or damaged\n"
         "1.2 application/octet-stream b A \"PK\\003\"\n"},
        {"\nbegin 644 things to do\nHello world\n",
         "1 text/plain - T \"begin 644 things to do\\nHello world\\n\"\n"},
        {"\n=ybegin line=128 size=3 name=a\nxyz\n=yend size=3\n",
         "1 text/plain - T \"=ybegin line=128 size=3 name=a\\nxyz\\n=yend size=3\\n\"\n"
         "! broken 1: a file in yEnc, which is not opened here\n"},
        {"\n(This file must be converted with BinHex 4.0)\n:abc:\n",
         "1 text/plain - T \"(This file must be converted with BinHex 4.0)\\n:abc:\\n\"\n"
         "! broken 1: a file in BinHex, which is not opened here\n"},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static char *
nest(unsigned levels)
{
    GString *mail = g_string_new("Subject: x\n");

    for (unsigned i = 0; i < levels; i++)
        g_string_append_printf(mail, "Content-Type: multipart/mixed; boundary=b%u_\n\n--b%u_\n",
                               i, i);
    g_string_append(mail, "Content-Type: a/b\n\nx\n");
    return g_string_free(mail, FALSE);
}

static void
test_limits(void)
{
    static const char many[] =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n1\n--b\n\n2\n"
        "--b\n\n3\n--b--";
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autofree char *deep = nest(30), *deeper = nest(31), *few = NULL, *got = NULL;
    g_autofree char *too_deep = NULL;

    got = walk(deep, strlen(deep), &limits);
    g_assert_nonnull(strstr(got, ".1 a/b - A \"x\\n\"\n"));
    g_assert_null(strstr(got, "!"));
    too_deep = walk(deeper, strlen(deeper), &limits);
    g_assert_null(strstr(too_deep, "a/b"));
    g_assert_nonnull(strstr(too_deep, "! limit 1.1.1."));
    limits.parts = 3;
    few = walk(many, sizeof many - 1, &limits);
    g_assert_cmpstr(few, ==,
                    "1 text/plain - T \"1\"\n2 text/plain - T \"2\"\n"
                    "! limit 3: there are more parts than are looked at\n");
}

/* What costs the square of its size if each byte starts a search to the end. Nothing is
 * compared: the test's time limit is the judge. */
static void
test_sizes(void)
{
    static const struct {
        const char *head, *unit, *tail;
    } CASES[] = {
        {"Content-Type: a/b; name=\"", "=?a?Q?", "\"\n\nx"},
        {"Content-Type: a/b; name=\"", "\x1b$", "\"\n\nx"},
        {"Content-Type: a/b; name=\"", "=?a?Q?b?=", "\"\n\nx"},
        {"Content-Type: a/b", ";x=y", "\n\nx"},
        {"Content-Type: a/b", " (", "\n\nx"},
        {"Content-Type: a/b; name=\"", "\x1b$(D0!\x1b$B0!", "\"\n\nx"},
        {"Subject: x\n\n", "begin 644 x\n", ""},
        {"Subject: x\n\n", "begin 644 x\nM\n", ""},
        {"Subject: x\n\n", "begin", ""},
        {"Content-Type: multipart/mixed; boundary=b\n\n", "--b ", ""},
        {"Content-Type: multipart/mixed; boundary=-\n\n", "-", ""},
        {"Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", ""},
        {"Content-Type: a/b\nContent-Transfer-Encoding: quoted-printable\n\n", "= ", ""},
        {"Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n", "A=", ""},
        {"", "Content-Type: a/b\nContent-Type: a/c\n", "\nx"},
        {"", "x\n", "\nx"},
    };
    SkBudgetLimits limits = sk_budget_limits_default();

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GString) mail = g_string_new(CASES[i].head);
        g_autofree char *got = NULL;

        while (mail->len < 400000)
            g_string_append(mail, CASES[i].unit);
        g_string_append(mail, CASES[i].tail);
        got = walk(mail->str, mail->len, &limits);
        g_assert_cmpuint(strlen(got), >, 0);
    }
}

/* A message inside something else: where it lies is said before its own paths. */
static void
test_prefix_and_depth(void)
{
    static const char mail[] = "Subject: x\n\nhi";
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(GString) out = g_string_new(NULL);
    SkMailVisitor visitor = {on_part, on_trouble, out};
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    sk_mail_walk(sk_bytes(mail, sizeof mail - 1), "2.1", 1, &budget, &visitor);
    sk_mail_walk(sk_bytes(mail, sizeof mail - 1), NULL, 31, &budget, &visitor);
    g_assert_cmpstr(out->str, ==,
                    "2.1.1 text/plain - T \"hi\"\n"
                    "! limit -: parts lie in more levels than are looked at\n");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    sk_mail_prime();
    g_test_add_func("/mail-walk/structure", test_structure);
    g_test_add_func("/mail-walk/encodings", test_encodings);
    g_test_add_func("/mail-walk/messages-in-messages", test_messages_in_messages);
    g_test_add_func("/mail-walk/facts-of-a-part", test_facts_of_a_part);
    g_test_add_func("/mail-walk/ambiguous-headers", test_ambiguous_headers);
    g_test_add_func("/mail-walk/ambiguous-structure", test_ambiguous_structure);
    g_test_add_func("/mail-walk/nul", test_nul);
    g_test_add_func("/mail-walk/uuencode", test_uuencode);
    g_test_add_func("/mail-walk/limits", test_limits);
    g_test_add_func("/mail-walk/sizes", test_sizes);
    g_test_add_func("/mail-walk/prefix-and-depth", test_prefix_and_depth);
    return g_test_run();
}
