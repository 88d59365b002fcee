/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-request.h"

#include "web/web-testing.h"

#define TOKEN "0123456789abcdefghjkmnpqrs"

static void
test_routes(void)
{
    static const struct {
        const char *uri;
        SkWebRoute route;
        const char *lang; /* in the query; NULL: none */
    } CASES[] = {
        {"/t/" TOKEN, SK_WEB_TOKEN, NULL},
        {"/t/" TOKEN "?lang=en", SK_WEB_TOKEN, "en"},
        {"/t/" TOKEN "?lang=en&lang=ja", SK_WEB_TOKEN, NULL},
        {"/sekisho/t/" TOKEN, SK_WEB_TOKEN, NULL},
        {"/t/" TOKEN "/", SK_WEB_NO_TOKEN, NULL},
        {"/t/" TOKEN "x", SK_WEB_NO_TOKEN, NULL},
        {"/t/0123456789ABCDEFGHJKMNPQRS", SK_WEB_NO_TOKEN, NULL},
        {"/t/%30123456789abcdefghjkmnpqrs", SK_WEB_NO_TOKEN, NULL},
        {"/t/9123456789abcdefghjkmnpqrs", SK_WEB_NO_TOKEN, NULL}, /* beyond 128 bits */
        {"/t/", SK_WEB_NO_TOKEN, NULL},
        {"/t", SK_WEB_NOWHERE, NULL},
        {"/style.css", SK_WEB_STYLE, NULL},
        {"/style.css?v=1", SK_WEB_STYLE, NULL},
        {"/sekisho/style.css", SK_WEB_STYLE, NULL},
        {"/sekishostyle.css", SK_WEB_NOWHERE, NULL},
        {"/sekisho/sekisho/healthz", SK_WEB_NOWHERE, NULL},
        {"/healthz", SK_WEB_HEALTH, NULL},
        {"/favicon.ico", SK_WEB_ICON, NULL},
        {"/", SK_WEB_NOWHERE, NULL},
        {"", SK_WEB_NOWHERE, NULL},
        {"*", SK_WEB_NOWHERE, NULL},
        {"?lang=ja", SK_WEB_NOWHERE, "ja"},
        {"//style.css", SK_WEB_NOWHERE, NULL},
        {"/../healthz", SK_WEB_NOWHERE, NULL},
        {"http://mail.example.com/healthz", SK_WEB_NOWHERE, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_auto(SkWebRequest) request = {0};
        SkWebLanguage lang = SK_N_WEB_LANGUAGES;
        bool said;

        g_test_message("%s", CASES[i].uri);
        sk_web_request_init(&request, CASES[i].uri, "/sekisho");
        said = sk_web_request_lang(&request, &lang);
        g_assert_cmpint(request.route, ==, CASES[i].route);
        g_assert_cmpstr(request.token, ==, request.route == SK_WEB_TOKEN ? TOKEN : NULL);
        g_assert_cmpstr(said ? sk_web_language_name(lang) : NULL, ==, CASES[i].lang);
    }
}

static void
test_limits(void)
{
    g_auto(SkWebRequest) request = {0};
    g_autofree char *uri = g_strnfill(SK_WEB_URI_MAX + 1, '/');
    g_autofree char *body = g_strnfill(SK_WEB_BODY_MAX, 'x');

    sk_web_request_init(&request, uri, "");
    g_assert_true(request.too_long);
    g_assert_cmpint(request.route, ==, SK_WEB_NOWHERE);
    sk_web_request_clear(&request);
    sk_web_request_init(&request, uri + 1, "");
    g_assert_false(request.too_long);
    sk_web_request_take(&request, sk_bytes(body, SK_WEB_BODY_MAX));
    g_assert_false(request.too_large);
    sk_web_request_take(&request, sk_bytes(body, 1));
    g_assert_true(request.too_large);
    g_assert_cmpuint(request.body.len, ==, SK_WEB_BODY_MAX);
}

static void
test_form_type(void)
{
    static const struct {
        const char *type;
        bool form;
    } CASES[] = {
        {NULL, false},
        {"", false},
        {"application/x-www-form-urlencoded", true},
        {"Application/X-WWW-Form-Urlencoded; charset=UTF-8", true},
        {"application/x-www-form-urlencodedx", false},
        {"text/plain", false},
        {"multipart/form-data; boundary=x", false},
        {"application/json", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        SkWebRequest request = {.content_type = (char *)CASES[i].type};

        g_assert_cmpint(sk_web_request_is_form(&request), ==, CASES[i].form);
    }
}

static void
test_own(void)
{
    static const struct {
        const char *site, *origin, *host;
        bool own;
    } CASES[] = {
        {NULL, NULL, "127.0.0.1:8480", true}, /* no browser, or an old one */
        {"same-origin", "null", "127.0.0.1:8480", true},
        {"none", NULL, NULL, true},
        {"cross-site", "null", "127.0.0.1:8480", false},
        {"same-site", "https://www.example.com", "mail.example.com", false},
        {"cross-site", "https://mail.example.com", "mail.example.com", false},
        {"", "https://mail.example.com", "mail.example.com", false},
        {NULL, "https://mail.example.com", "127.0.0.1:8480", true}, /* [web] url */
        {NULL, "https://MAIL.example.com", "127.0.0.1:8480", true},
        {NULL, "http://mail.example.com", "127.0.0.1:8480", false},
        {NULL, "https://mail.example.com:8443", "127.0.0.1:8480", false},
        {NULL, "https://mail.example.com.evil.example", "127.0.0.1:8480", false},
        {NULL, "http://127.0.0.1:8480", "127.0.0.1:8480", true},
        {NULL, "https://evil.example", "127.0.0.1:8480", false},
        {NULL, "https://evil.example", NULL, false},
        {NULL, "", "127.0.0.1:8480", false},
        {NULL, "null", "127.0.0.1:8480", true},
    };
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place = sk_web_test_place("https://mail.example.com/sekisho", &clock);

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        const SkWebRequest request = {
            .fetch_site = (char *)CASES[i].site,
            .origin = (char *)CASES[i].origin,
            .host = (char *)CASES[i].host,
        };

        g_test_message("case %zu", i);
        g_assert_cmpint(sk_web_request_is_own(&request, place), ==, CASES[i].own);
    }
}

/* What is nearer to the reader counts more. */
static void
test_language(void)
{
    static const struct {
        const char *uri, *person, *accept;
        SkWebLanguage want;
    } CASES[] = {
        {"/", NULL, NULL, SK_WEB_JA},         {"/", NULL, "en", SK_WEB_EN},
        {"/", NULL, "fr", SK_WEB_JA},         {"/", "en", "ja", SK_WEB_EN},
        {"/", "fr", "en", SK_WEB_EN},         {"/?lang=ja", "en", "en", SK_WEB_JA},
        {"/?lang=fr", "en", "ja", SK_WEB_EN},
    };
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place = sk_web_test_place("", &clock);

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_auto(SkWebRequest) request = {0};

        g_test_message("case %zu", i);
        sk_web_request_init(&request, CASES[i].uri, "");
        request.accept_language = g_strdup(CASES[i].accept);
        g_assert_cmpint(sk_web_request_language(&request, place, CASES[i].person), ==,
                        CASES[i].want);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-request/routes", test_routes);
    g_test_add_func("/web-request/limits", test_limits);
    g_test_add_func("/web-request/form-type", test_form_type);
    g_test_add_func("/web-request/own", test_own);
    g_test_add_func("/web-request/language", test_language);
    return g_test_run();
}
