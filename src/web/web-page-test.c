/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-page.h"

#include "web/web-testing.h"

static void
test_put(void)
{
    static const struct {
        const char *foreign, *want;
    } CASES[] = {
        {"", ""},
        {"plain", "plain"},
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"\"><img src=x onerror='a'>", "&quot;&gt;&lt;img src=x onerror=&#39;a&#39;&gt;"},
        {"&lt;b&gt;", "&amp;lt;b&amp;gt;"},
        {"お見積り<b>", "お見積り&lt;b&gt;"},
        /* what is shown in another order, or not at all */
        {"a\xe2\x80\xae"
         "fdp.exe",
         "a\\u{202e}fdp.exe"},
        {"a\nb\r\tc\x7f", "a\\x0ab\\x0d\\x09c\\x7f"},
        /* no UTF-8: half a character must not swallow what follows */
        {"\xe3\x81<b>", "\\xe3\\x81&lt;b&gt;"},
        {"\xff\xfe<", "\\xff\\xfe&lt;"},
        {"\xc0\xbcscript\xc0\xbe", "\\xc0\\xbcscript\\xc0\\xbe"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autoptr(GString) page = g_string_new(NULL);

        sk_web_put(page, CASES[i].foreign);
        g_assert_cmpstr(page->str, ==, CASES[i].want);
    }
}

/* However long: a page stays a page. */
static void
test_put_long(void)
{
    g_autofree char *foreign = g_strnfill(1000000, '<');
    g_autoptr(GString) page = g_string_new(NULL);

    sk_web_put(page, foreign);
    g_assert_cmpuint(page->len, <, 4 * 4010);
}

static void
test_frame(void)
{
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place =
        sk_web_test_place("https://mail.example.com/sekisho/", &clock);
    g_autoptr(SkWebAnswer) answer = sk_web_page(place, SK_WEB_EN, 200, "<title>", "<p>x</p>");

    g_assert_nonnull(strstr(answer->body, "<html lang=\"en\">"));
    g_assert_nonnull(strstr(answer->body, "<title>&lt;title&gt;</title>"));
    g_assert_nonnull(strstr(answer->body, "href=\"/sekisho/style.css\""));
    g_assert_nonnull(strstr(answer->body, "<main>\n<p>x</p></main>"));
    g_assert_null(strstr(answer->body, "<script"));
    g_assert_cmpuint(answer->len, ==, strlen(answer->body));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-page/put", test_put);
    g_test_add_func("/web-page/put-long", test_put_long);
    g_test_add_func("/web-page/frame", test_frame);
    return g_test_run();
}
