/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-address.h"

#include <glib.h>

#include "base/limit.h"

typedef struct {
    const char *value;
    const char
        *dump; /* name|address|comment|group for each, "!" when malformed; "-" for NULL */
    bool malformed;
} Case;

static const char *
or_dash(const char *text)
{
    return text != NULL ? text : "-";
}

static char *
dump(const SkMailAddresses *list)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < list->boxes->len; i++) {
        const SkMailbox *box = sk_mail_address_peek(list, i);

        g_string_append_printf(out, "%s|%s", or_dash(box->name), box->address);
        if (box->comment != NULL || box->group != NULL)
            g_string_append_printf(out, "|%s|%s", or_dash(box->comment), or_dash(box->group));
        g_string_append(out, box->malformed ? "!\n" : "\n");
    }
    return g_string_free(out, FALSE);
}

static void
check(const Case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(cases[i].value);
        g_autofree char *exact = g_memdup2(cases[i].value, len);
        g_autoptr(SkMailAddresses) list = sk_mail_address_parse(sk_bytes(exact, len));
        g_autofree char *got = dump(list);

        g_assert_cmpstr(got, ==, cases[i].dump);
        g_assert_cmpint(list->malformed, ==, cases[i].malformed);
        g_assert_false(list->cut);
    }
}

/* RFC 5322 A.1, A.5, A.6 and RFC 2047 8, with example domains. */
static void
test_by_the_book(void)
{
    static const Case CASES[] = {
        {"", "", false},
        {" john@example.com", "-|john@example.com\n", false},
        {"John Doe <jdoe@Machine.Example>", "John Doe|jdoe@machine.example\n", false},
        {"\"Joe Q. Public\" <john.q@example.com>", "Joe Q. Public|john.q@example.com\n", false},
        {"Mary Smith <mary@x.test>, jdoe@example.org,\r\n Who? <one@y.test>",
         "Mary Smith|mary@x.test\n-|jdoe@example.org\nWho?|one@y.test\n", false},
        {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <s@example.net>",
         "-|boss@nil.test\nGiant; \"Big\" Box|s@example.net\n", false},
        {"A Group:Ed Jones <c@a.test>,joe@where.test;",
         "Ed Jones|c@a.test|-|A Group\n-|joe@where.test|-|A Group\n", false},
        {"Undisclosed recipients:;", "", false},
        {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
         "Pete|pete@silly.test|his host|-\n", false},
        {"john@example.com (John Doe)", "-|john@example.com|John Doe|-\n", false},
        {"Mary <@node.test,@x.test:mary@example.net>, , j . d @ example . org",
         "Mary|mary@example.net\n-|j.d@example.org\n", false},
        {"\"john doe\"@example.com", "-|\"john doe\"@example.com\n", false},
        {"<\"a@b\"@example.com>", "-|\"a@b\"@example.com\n", false},
        {"a@[192.0.2.1]", "-|a@[192.0.2.1]\n", false},
        {"=?US-ASCII?Q?Keith_Moore?= <moore@cs.test>", "Keith Moore|moore@cs.test\n", false},
        {"\xe5\xb1\xb1\xe7\x94\xb0 <\xe5\xb1\xb1@\xe4\xbe\x8b.test>", "山田|山@例.test\n",
         false},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_as_it_is_sent(void)
{
    static const Case CASES[] = {
        {"\"=?utf-8?B?5bGx55Sw?=\" <a@example.jp>", "山田|a@example.jp\n", false},
        {"=?utf-8?Q?Doe,_John?= <a@example.com>", "Doe, John|a@example.com\n", false},
        {"=?utf-8?B?5bGx?= =?utf-8?B?55Sw?= <a@example.jp>", "山田|a@example.jp\n", false},
        {"\x1b$B;3ED\x1b(B <a@example.jp>", "山田|a@example.jp\n", false},
        {"\"\x1b$B$\"$\"\x1b(B\" <a@example.jp>", "ああ|a@example.jp\n", false},
        {"\x95\x5c\x8e\xa6 <a@example.jp>", "表示|a@example.jp\n", false},
        {"\"a@example.com\" <a@example.com>", "a@example.com|a@example.com\n", false},
        /* given out by Japanese carriers */
        {"a..b.@docomo.example", "-|a..b.@docomo.example\n", false},
        {"a_b@ex_ample.com", "-|a_b@ex_ample.com\n", false},
        {"a@example.com (=?utf-8?B?5bGx55Sw?=)", "-|a@example.com|山田|-\n", false},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_malformed(void)
{
    static const Case CASES[] = {
        {"john", "john|!\n", true},
        {"Doe, John <a@example.com>", "Doe|!\nJohn|a@example.com\n", true},
        {"<>", "-|!\n", true},
        {"John <>", "John|!\n", true},
        {"John <a@example.com", "John|a@example.com!\n", true},
        {"<a@example.com> <b@example.net>", "-|a@example.com!\n-|b@example.net!\n", true},
        {"<a@example.com> tail", "-|a@example.com!\n", true},
        {"a@example.com <b@example.net>", "a@example.com|b@example.net!\n", true},
        {"a@b@example.com", "-|\"a@b\"@example.com!\n", true},
        {"a b@example.com", "-|ab@example.com!\n", true},
        {"@example.com", "-|\"\"@example.com!\n", true},
        {"a@", "-|a@!\n", true},
        {"a@.example.com", "-|a@.example.com!\n", true},
        {"a@exam..ple.com", "-|a@exam..ple.com!\n", true},
        {"a@exa mple.com", "-|a@example.com!\n", true},
        {"a@example.com; b@example.com", "-|a@example.com\n-|b@example.com\n", true},
        {"\"open <a@example.com>", "open <a@example.com>|!\n", true},
        {"a@example.com (open", "-|a@example.com|open|-!\n", true},
        {"Group: a@example.com", "-|a@example.com|-|Group\n", true},
        {"a@ex\xff.com", "-|a@ex�.com!\n", true},
        {"a\x01@example.com", "-|a?@example.com!\n", true},
    };

    check(CASES, G_N_ELEMENTS(CASES));
}

static void
test_limits(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(SkMailAddresses) many = NULL, longer = NULL;

    for (int i = 0; i <= SK_LIMIT_ADDRESSES; i++)
        g_string_append_printf(text, "a%d@example.com,", i);
    many = sk_mail_address_parse(sk_bytes(text->str, text->len));
    g_assert_true(many->cut);
    g_assert_cmpuint(many->boxes->len, ==, SK_LIMIT_ADDRESSES);
    g_string_assign(text, "\"");
    for (int i = 0; i < 2000; i++)
        g_string_append(text, "あ");
    g_string_append(text, "\" <");
    for (int i = 0; i < 2000; i++)
        g_string_append(text, "a");
    g_string_append(text, "@example.com>");
    longer = sk_mail_address_parse(sk_bytes(text->str, text->len));
    g_assert_cmpuint(longer->boxes->len, ==, 1);
    g_assert_true(sk_mail_address_peek(longer, 0)->malformed);
    g_assert_cmpuint(strlen(sk_mail_address_peek(longer, 0)->name), <=, SK_LIMIT_NAME);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-address/by-the-book", test_by_the_book);
    g_test_add_func("/mail-address/as-it-is-sent", test_as_it_is_sent);
    g_test_add_func("/mail-address/malformed", test_malformed);
    g_test_add_func("/mail-address/limits", test_limits);
    return g_test_run();
}
