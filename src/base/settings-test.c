/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

#include <string.h>

static const SkSettingSpec table[] = {
    {"site", "name", SK_SETTING_TEXT, "here", 0, 0, ""},
    {"site", "domains", SK_SETTING_LIST, "", 0, 0, ""},
    {"gate", "limit", SK_SETTING_SIZE, "10M", 1024, 100 << 20, ""},
    {"gate", "wait", SK_SETTING_TIME, "30s", 1, 600, ""},
    {"gate", "threads", SK_SETTING_INT, "2", 1, 64, ""},
    {"gate", "on", SK_SETTING_BOOL, "yes", 0, 0, ""},
    {0},
};
static const SkSettingSpec *const tables[] = {table, NULL};

static void
test_values(void)
{
    static const char text[] = "# a comment\n[site]\ndomains = example.com, example.jp\n\n"
                               "[gate]\nlimit=5M\nwait =  2m\non = no\n";
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSettings) s = sk_settings_parse("t", text, strlen(text), tables, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(sk_settings_peek_text(s, "site", "name"), ==, "here");
    g_assert_cmpstr(sk_settings_peek_list(s, "site", "domains")[1], ==, "example.jp");
    g_assert_null(sk_settings_peek_list(s, "site", "domains")[2]);
    g_assert_cmpint(sk_settings_get_int(s, "gate", "limit"), ==, 5 << 20);
    g_assert_cmpint(sk_settings_get_int(s, "gate", "wait"), ==, 120);
    g_assert_cmpint(sk_settings_get_int(s, "gate", "threads"), ==, 2);
    g_assert_false(sk_settings_get_bool(s, "gate", "on"));
}

static void
test_errors(void)
{
    static const struct {
        const char *text;
        const char *want;
    } cases[] = {
        {"[site]\nnmae = x\n", "t:2:1: unknown key \"nmae\" in section [site]"},
        {"[stie]\n", "t:1:2: unknown section \"stie\""},
        {"name = x\n", "t:1:1: a key before the first [section]"},
        {"[gate]\nlimit = 5X\n",
         "t:2:9: limit must be a size like 10M (1024 to 104857600), not \"5X\""},
        {"[gate]\nthreads = 99\n",
         "t:2:11: threads must be a value in range (1 to 64), not \"99\""},
        {"[gate]\non = true\n", "t:2:6: on must be yes or no, not \"true\""},
        {"[gate]\non = yes\non = no\n", "t:3:1: \"on\" was already set in line 2"},
        {"[gate]\njunk\n", "t:2:1: expected \"key = value\" or \"[section]\""},
        {"[gate\n", "t:1:6: a section is written [name]"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_null(
            sk_settings_parse("t", cases[i].text, strlen(cases[i].text), tables, &error));
        g_assert_cmpstr(error->message, ==, cases[i].want);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settings/values", test_values);
    g_test_add_func("/settings/errors", test_errors);
    return g_test_run();
}
