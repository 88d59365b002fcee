/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-site.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "engine/engine-settings.h"

static SkSite *
make_site(const char *text, GError **error)
{
    g_autoptr(SkSettings) settings =
        sk_settings_parse("t", text, strlen(text), sk_engine_setting_tables, error);

    return settings != NULL ? sk_site_new(settings, error) : NULL;
}

static void
test_domains(void)
{
    g_autoptr(SkSite) site =
        make_site("[site]\nown_domains = Example.com, .example.jp\n", NULL);
    static const struct {
        const char *address;
        bool ours;
    } cases[] = {
        {"taro@example.com", true},
        {"taro@EXAMPLE.COM", true},
        {"taro@example.com.", true},
        {"taro@sub.example.com", false},
        {"taro@example.jp", false},
        {"taro@a.example.jp", true},
        {"taro@b.a.example.jp", true},
        {"taro@notexample.com", false},
        {"\"a@b\"@example.com", true},
        {"taro@example.com@evil.example", false},
        {"taro", false},
        {"taro@", false},
        {"", false},
        {NULL, false},
        {"taro@.", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("case %zu", i);
        g_assert_cmpint(sk_site_is_ours(site, cases[i].address), ==, cases[i].ours);
    }
}

static void
test_wrong_domains(void)
{
    static const char *const cases[] = {
        "taro@example.com",     "@example.com", "*.example.com", "https://example.com",
        "example..com",         "example.com.", "..example.com", ".",
        "\xe4\xbe\x8b.example",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strdup_printf("[site]\nown_domains = %s\n", cases[i]);
        g_autoptr(GError) error = NULL;

        g_test_message("%s", cases[i]);
        g_assert_null(make_site(text, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, cases[i]));
    }
}

static void
test_networks(void)
{
    g_autoptr(SkSite) site =
        make_site("[site]\nown_networks = 192.0.2.0/24 2001:db8::/32\n", NULL);

    g_assert_true(sk_site_is_own_network(site, "192.0.2.77"));
    g_assert_false(sk_site_is_own_network(site, "192.0.3.77"));
    g_assert_true(sk_site_is_own_network(site, "2001:db8::5"));
    g_assert_false(sk_site_is_own_network(site, "no address"));
    g_assert_false(sk_site_is_own_network(site, NULL));
}

static void
test_today(void)
{
    g_autoptr(SkSite) tokyo = make_site("[site]\ntime_zone = Asia/Tokyo\n", NULL);
    g_autoptr(SkSite) utc = make_site("[site]\ntime_zone = UTC\n", NULL);
    /* 2027-03-31 20:00 UTC is already April in Tokyo. */
    int64_t evening = 1806523200LL * G_USEC_PER_SEC;
    g_autofree char *there = sk_site_today(tokyo, evening);
    g_autofree char *here = sk_site_today(utc, evening);

    g_assert_cmpstr(here, ==, "2027-03-31");
    g_assert_cmpstr(there, ==, "2027-04-01");
}

static void
test_errors(void)
{
    g_autoptr(GError) network = NULL;
    g_autoptr(GError) zone = NULL;
    g_autoptr(GError) blank = NULL;
    g_autoptr(GError) length = NULL;
    g_autofree char *long_path = g_strnfill(SK_LIMIT_HELP_URL, 'x');
    g_autofree char *long_url =
        g_strdup_printf("[site]\nhelp_url = https://h.example/%s\n", long_path);

    g_assert_null(make_site("[site]\nhelp_url = https://h.example/メール\n", &blank));
    g_assert_nonnull(strstr(blank->message, "only ASCII without blanks"));
    g_assert_null(make_site(long_url, &length));
    g_assert_nonnull(strstr(length->message, "has room for 120 characters"));
    g_assert_null(make_site("[site]\nown_networks = 192.0.2.0/99\n", &network));
    g_assert_cmpstr(network->message, ==,
                    "[site] own_networks: \"192.0.2.0/99\" is not a network like 192.0.2.0/24");
    g_assert_null(make_site("[site]\ntime_zone = Mars/Base\n", &zone));
    g_assert_cmpstr(zone->message, ==,
                    "[site] time_zone: there is no \"Mars/Base\" in /usr/share/zoneinfo");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/site/domains", test_domains);
    g_test_add_func("/site/wrong-domains", test_wrong_domains);
    g_test_add_func("/site/networks", test_networks);
    g_test_add_func("/site/today", test_today);
    g_test_add_func("/site/errors", test_errors);
    return g_test_run();
}
