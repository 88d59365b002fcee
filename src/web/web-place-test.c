/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-place.h"

#include "web/web-testing.h"

static void
test_url(void)
{
    static const struct {
        const char *url, *prefix, *origin; /* prefix NULL: refused */
    } CASES[] = {
        {"", "", NULL},
        {"https://mail.example.com", "", "https://mail.example.com"},
        {"https://mail.example.com/", "", "https://mail.example.com"},
        {"https://mail.example.com/sekisho", "/sekisho", "https://mail.example.com"},
        {"https://mail.example.com:443/a/b//", "/a/b", "https://mail.example.com"},
        {"HTTPS://Mail.Example.com:8443/", "", "https://mail.example.com:8443"},
        {"http://[2001:db8::1]:80/", "", "http://[2001:db8::1]"},
        {"mail.example.com", NULL, NULL},
        {"ftp://mail.example.com/", NULL, NULL},
        {"https://", NULL, NULL},
        {"https://a@mail.example.com/", NULL, NULL},
        {"https://mail.example.com/?a", NULL, NULL},
        {"https://mail.example.com/#a", NULL, NULL},
        {"https://mail.example.com/\"><script>", NULL, NULL},
        {"https://mail.example.com/a b", NULL, NULL},
        {"javascript:alert(1)", NULL, NULL},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        SkFakeClock clock;
        g_autoptr(SkWebPlace) place = sk_web_test_place(CASES[i].url, &clock);

        g_test_message("%s", CASES[i].url);
        g_assert_cmpstr(place != NULL ? place->prefix : NULL, ==, CASES[i].prefix);
        g_assert_cmpstr(place != NULL ? place->origin : NULL, ==, CASES[i].origin);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-place/url", test_url);
    return g_test_run();
}
