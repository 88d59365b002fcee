/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-notice-settings.h"

#include <string.h>

#include "base/error.h"
#include "engine/engine-settings.h"

static SkSettings *
parse(const char *lines)
{
    g_autofree char *text =
        g_strdup_printf("[site]\nown_domains = .ours.example\n[notice]\n%s\n", lines);
    g_autoptr(GError) error = NULL;
    SkSettings *settings =
        sk_settings_parse("test", text, strlen(text), sk_engine_setting_tables, &error);

    g_assert_no_error(error);
    return settings;
}

static void
test_defaults(void)
{
    g_autoptr(SkSettings) settings = parse("");
    g_auto(SkNoticeSettings) notice = {0};

    g_assert_true(sk_notice_settings_read(settings, &notice, NULL));
    g_assert_cmpstr(notice.from, ==, "sekisho@ours.example");
    g_assert_null(notice.reply_local);
    g_assert_cmpstr(notice.language, ==, "both");
    g_assert_cmpint(notice.inbound, ==, SK_TELL_AT_ONCE);
    g_assert_cmpint(notice.digest_hour, ==, 8);
    g_assert_cmpint(notice.digest_minute, ==, 0);
}

static void
test_all(void)
{
    g_autoptr(SkSettings) settings =
        parse("from = mail@ours.example\nreply = stop@ours.example\nlanguage = ja\n"
              "inbound = digest\ndigest_at = 17:45\n");
    g_auto(SkNoticeSettings) notice = {0};

    g_assert_true(sk_notice_settings_read(settings, &notice, NULL));
    g_assert_cmpstr(notice.from, ==, "mail@ours.example");
    g_assert_cmpstr(notice.reply_local, ==, "stop");
    g_assert_cmpstr(notice.reply_domain, ==, "ours.example");
    g_assert_cmpstr(notice.language, ==, "ja");
    g_assert_cmpint(notice.inbound, ==, SK_TELL_DIGEST);
    g_assert_cmpint(notice.digest_hour, ==, 17);
    g_assert_cmpint(notice.digest_minute, ==, 45);
}

static void
test_wrong(void)
{
    static const char *const lines[] = {
        "from = mail",
        "from = a b@ours.example",
        "from = <a@ours.example>",
        "from = a@b@c",
        "reply = stop",
        "reply = st+op@ours.example",
        "reply = @ours.example",
        "language = fr",
        "inbound = site",
        "inbound = sometimes",
        "digest_at = 8",
        "digest_at = 24:00",
        "digest_at = 8:60",
        "digest_at = -1:00",
        "digest_at = 8:00:00",
        "digest_at = morning",
        "from = a@ours.example\\nBcc:",
        "reply = stop@",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(SkSettings) settings = parse(lines[i]);
        g_auto(SkNoticeSettings) notice = {0};
        g_autoptr(GError) error = NULL;

        g_test_message("%s", lines[i]);
        g_assert_false(sk_notice_settings_read(settings, &notice, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_true(g_str_has_prefix(error->message, "[notice] "));
        g_assert_null(notice.from);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine-notice-settings/defaults", test_defaults);
    g_test_add_func("/engine-notice-settings/all", test_all);
    g_test_add_func("/engine-notice-settings/wrong", test_wrong);
    return g_test_run();
}
