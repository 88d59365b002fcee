/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-language.h"

#include <glib.h>

static void
test_accept(void)
{
    static const struct {
        const char *field;
        const char *want; /* NULL: no preference */
    } CASES[] = {
        {"", NULL},
        {"ja", "ja"},
        {"JA-jp", "ja"},
        {"en-US,en;q=0.9,ja;q=0.8", "en"},
        {"ja,en-US;q=0.9,en;q=0.8", "ja"},
        {"fr-FR, ja ; q=0.3 , en; q=0.2", "ja"},
        {"en;q=0.001,ja;q=0", "en"},
        {"*;q=0.5,en;q=0.4", "ja"},
        {"*;q=0.5,en", "en"},
        {"ja;q=0,*", "en"},
        {"de,*;q=0.1", NULL},
        {"de,fr", NULL},
        {"ja;q=0", NULL},
        {"ja,en", NULL},
        {"japanese,en;q=0.1", "en"},
        {"ja;q=1.5,en;q=0.9", "ja"},
        {"ja;q=abc,en;q=0.9", "ja"},
        {"ja;level=1;q=0.1,en;q=0.2", "en"},
        {",,,;;;,ja", "ja"},
        {"ja;q=0.12345678901,en;q=0.5", "ja"},
        {"-ja", NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        size_t len = strlen(CASES[i].field);
        g_autofree char *exact = g_memdup2(CASES[i].field, len);
        SkWebLanguage language = SK_N_WEB_LANGUAGES;
        bool any = sk_web_language_accept(sk_bytes(exact, len), &language);

        g_test_message("%s", CASES[i].field);
        g_assert_cmpstr(any ? sk_web_language_name(language) : NULL, ==, CASES[i].want);
    }
}

/* A field of a megabyte costs no more than one of a few ranges. */
static void
test_limit(void)
{
    g_autoptr(GString) field = g_string_new(NULL);
    SkWebLanguage language;

    for (unsigned i = 0; i < SK_WEB_LANGUAGES; i++)
        g_string_append(field, "de,");
    g_string_append(field, "ja");
    g_assert_false(sk_web_language_accept(sk_bytes(field->str, field->len), &language));
    g_assert_true(sk_web_language_accept(sk_bytes(field->str + 3, field->len - 3), &language));
}

static void
test_parse(void)
{
    SkWebLanguage language = SK_N_WEB_LANGUAGES;

    g_assert_true(sk_web_language_parse("en", &language));
    g_assert_cmpint(language, ==, SK_WEB_EN);
    g_assert_false(sk_web_language_parse("EN", &language));
    g_assert_false(sk_web_language_parse("", &language));
    g_assert_false(sk_web_language_parse(NULL, &language));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-language/accept", test_accept);
    g_test_add_func("/web-language/limit", test_limit);
    g_test_add_func("/web-language/parse", test_parse);
    return g_test_run();
}
