/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-person.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"

static const struct {
    const char *address;
    const char *text;
    const char *as_address; /* with <> in place of his; NULL: it is not there */
    const char *as_free;
} cases[] = {
    {"anna@example.net", "anna@example.net", "<>", "<>"},
    {"Anna@Example.NET", "ANNA@example.net", "<>", "<>"},
    {"anna@example.net", "ben@example.com anna@example.net x", "ben@example.com <> x",
     "ben@example.com <> x"},
    {"anna@example.net", "anna@example.net,anna@example.net", "<>,<>", "<>,<>"},
    {"anna@example.net", "", NULL, NULL},
    /* Others. */
    {"anna@example.net", "joanna@example.net", NULL, NULL},
    {"anna@example.net", "jo.anna@example.net", NULL, NULL},
    {"anna@example.net", "jo-anna@example.net", NULL, NULL},
    {"anna@example.net", "jo+anna@example.net", NULL, NULL},
    {"anna@example.net", "anna@example.net.example", NULL, NULL},
    {"anna@example.net", "anna@example.network", NULL, NULL},
    {"anna@example.net", "anna@example.net-work.example", NULL, NULL},
    {"anna@example.net", "anna@example_net", NULL, NULL},
    {"a_b@example.net", "axb@example.net", NULL, NULL},
    /* Sentences. */
    {"anna@example.net", "write to anna@example.net.", "write to <>.", "write to <>."},
    {"anna@example.net", "<mailto:anna@example.net>", "<mailto:<>>", "<mailto:<>>"},
    {"anna@example.net", "me...anna@example.net", NULL, "me...<>"},
    {"anna@example.net", "-- _anna@example.net_", NULL, "-- _<>_"},
    {"anna@example.net", "宛先anna@example.netへ", NULL, "宛先<>へ"},
    /* Other forms. */
    {"anna@example.net", "\"anna\"@example.net", "<>", "<>"},
    {"\"anna\"@example.net", "anna@example.net", "<>", "<>"},
    {"\"an\\na b\"@example.net", "\"an\\na b\"@example.net", "<>", "<>"},
    {"anna+x@example.net", "ORCPT=rfc822;anna+2Bx@example.net", "ORCPT=rfc822;<>",
     "ORCPT=rfc822;<>"},
    {"anna@example.net", "AUTH=anna+40example.net", "AUTH=<>", "AUTH=<>"},
    {"anna@example.net", "prvs=0815=anna@example.net", "prvs=0815=<>", "prvs=0815=<>"},
    {"anna@example.net", "list-bounces+anna=example.net@example.org",
     "list-bounces+<>@example.org", "list-bounces+<>@example.org"},
    {"anna@bücher.example", "anna@xn--bcher-kva.example", "<>", "<>"},
    {"anna@xn--bcher-kva.example", "anna@bücher.example", "<>", "<>"},
    {"山田@例え.example", "山田@例え.example", "<>", "<>"},
    {"田@例え.example", "山田@例え.example", NULL, "山<>"},
    {"anna@[192.0.2.1]", "anna@[192.0.2.1]", "<>", "<>"},
};

static void
check_kind(const SkMailPerson *person, const char *text, SkPersonText kind, const char *want)
{
    g_autofree char *got = sk_mail_person_replace(person, text, kind, "<>");

    g_assert_cmpstr(got, ==, want);
    g_assert_true(sk_mail_person_in(person, text, kind) == (want != NULL));
}

static void
test_cases(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(SkMailPerson) person = sk_mail_person_new(cases[i].address, &error);

        g_test_message("case %zu", i);
        g_assert_no_error(error);
        check_kind(person, cases[i].text, SK_PERSON_ADDRESS, cases[i].as_address);
        check_kind(person, cases[i].text, SK_PERSON_FREE, cases[i].as_free);
    }
}

/* What LIKE means by "%" and "_", with "\" as its escape. */
static bool
fits(const char *text, const char *pattern)
{
    if (*pattern == '\0')
        return *text == '\0';
    if (*pattern == '%')
        return fits(text, pattern + 1) || (*text != '\0' && fits(text + 1, pattern));
    if (*text == '\0')
        return false;
    if (*pattern == '_')
        return fits(g_utf8_next_char(text), pattern + 1);
    if (*pattern == '\\')
        pattern++;
    return *text == *pattern && fits(text + 1, pattern + 1);
}

/* As json-out writes it. */
static char *
in_json_new(const char *text)
{
    GString *json = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            g_string_append_c(json, '\\');
        g_string_append_c(json, *text);
    }
    return g_string_free(json, FALSE);
}

/* Nothing that has his address in it may be sieved out. */
static void
test_pattern(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkMailPerson) person = sk_mail_person_new(cases[i].address, NULL);
        g_autofree char *lower = g_ascii_strdown(cases[i].text, -1);
        g_autofree char *in_json = in_json_new(lower);

        g_test_message("case %zu: %s", i, sk_mail_person_pattern(person));
        if (cases[i].as_free == NULL)
            continue;
        g_assert_true(fits(lower, sk_mail_person_pattern(person)));
        g_assert_true(fits(in_json, sk_mail_person_pattern(person)));
    }
}

static void
test_pattern_is_narrow(void)
{
    static const struct {
        const char *address, *pattern;
    } patterns[] = {
        {"Anna@Example.net", "%anna%example.net%"},
        {"a_b+c@example.net", "%a\\_b%c%example.net%"},
        {"iris@example.net", "%_r_s%example.net%"},
        {"anna@bücher.example", "%anna%.example%"},
        {"anna@xn--bcher-kva.example", "%anna%.example%"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
        g_autoptr(SkMailPerson) person = sk_mail_person_new(patterns[i].address, NULL);

        g_assert_cmpstr(sk_mail_person_pattern(person), ==, patterns[i].pattern);
    }
}

static void
test_is(void)
{
    static const struct {
        const char *address;
        bool is;
    } addresses[] = {
        {"ANNA@example.net", true},
        {"\"anna\"@example.net", true},
        {"prvs=0815=anna@example.net", true},
        {"joanna@example.net", false},
        {"anna@example.net.example", false},
        {"list-bounces+anna=example.net@example.org", false},
        {"anna=example.net", false},
        {"net", false},
        {"", false},
        {NULL, false},
    };
    g_autoptr(SkMailPerson) person = sk_mail_person_new("anna@example.net", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_test_message("case %zu", i);
        g_assert_true(sk_mail_person_is(person, addresses[i].address) == addresses[i].is);
    }
}

static void
test_refusals(void)
{
    static const char *const wrong[] = {
        "",
        "anna",
        "@example.net",
        "anna@",
        "anna@.",
        "anna@.example",
        "anna@exa mple.net",
        "anna@example.net,",
        "anna\x1b@example.net",
        "anna\xff@example.net",
        "%@%",
    };
    g_autofree char *local = g_strnfill(SK_LIMIT_ADDRESS, 'a');
    g_autofree char *endless = g_strconcat(local, "@example.net", NULL);
    g_autoptr(GError) error = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) why = NULL;

        g_test_message("case %zu", i);
        g_assert_null(sk_mail_person_new(wrong[i], &why));
        g_assert_error(why, SK_ERROR, SK_ERROR_USAGE);
    }
    g_assert_null(sk_mail_person_new(endless, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_USAGE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mail-person/cases", test_cases);
    g_test_add_func("/mail-person/pattern", test_pattern);
    g_test_add_func("/mail-person/pattern-is-narrow", test_pattern_is_narrow);
    g_test_add_func("/mail-person/is", test_is);
    g_test_add_func("/mail-person/refusals", test_refusals);
    return g_test_run();
}
