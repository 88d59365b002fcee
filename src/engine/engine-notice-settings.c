/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-notice-settings.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

void
sk_notice_settings_clear(SkNoticeSettings *notice)
{
    g_free(notice->from);
    g_free(notice->reply_local);
    g_free(notice->reply_domain);
    *notice = (SkNoticeSettings){0};
}

static bool
complain(const char *key, const char *value, const char *expected, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "[notice] %s: \"%s\" is not %s", key, value,
                expected);
    return false;
}

/* It is written into fields as it stands. */
static bool
is_address(const char *text)
{
    const char *at = strchr(text, '@');

    for (const char *p = text; *p != '\0'; p++) {
        if (!g_ascii_isalnum(*p) && strchr("!#$%&'*+/=?^_`{|}~.-@", *p) == NULL)
            return false;
    }
    return at != NULL && at > text && at[1] != '\0' && strchr(at + 1, '@') == NULL;
}

static bool
read_from(const SkSettings *settings, SkNoticeSettings *notice, GError **error)
{
    const char *from = sk_settings_peek_text(settings, "notice", "from");
    const char *const *domains = sk_settings_peek_list(settings, "site", "own_domains");

    if (*from != '\0' && !is_address(from))
        return complain("from", from, "an address like sekisho@example.com", error);
    if (*from != '\0')
        notice->from = g_strdup(from);
    else if (domains[0] != NULL)
        notice->from = g_strdup_printf("sekisho@%s", domains[0] + (domains[0][0] == '.'));
    return true;
}

/* A "+" of its own would be taken for the one before the token. */
static bool
read_reply(const SkSettings *settings, SkNoticeSettings *notice, GError **error)
{
    const char *reply = sk_settings_peek_text(settings, "notice", "reply");
    const char *at = strchr(reply, '@');

    if (*reply == '\0')
        return true;
    if (!is_address(reply) || strchr(reply, '+') != NULL)
        return complain("reply", reply, "an address like stop@example.com", error);
    notice->reply_local = g_strndup(reply, (gsize)(at - reply));
    notice->reply_domain = g_strdup(at + 1);
    return true;
}

static bool
read_words(const SkSettings *settings, SkNoticeSettings *notice, GError **error)
{
    static const char *const languages[] = {"ja", "en", "both", NULL};
    const char *inbound = sk_settings_peek_text(settings, "notice", "inbound");

    notice->language = sk_settings_peek_text(settings, "notice", "language");
    if (!g_strv_contains(languages, notice->language))
        return complain("language", notice->language, "ja, en or both", error);
    if (!sk_tell_parse(inbound, &notice->inbound) || notice->inbound == SK_TELL_SITE)
        return complain("inbound", inbound, "at-once, digest or never", error);
    return true;
}

static bool
read_time(const SkSettings *settings, SkNoticeSettings *notice, GError **error)
{
    const char *at = sk_settings_peek_text(settings, "notice", "digest_at");
    g_auto(GStrv) parts = g_strsplit(at, ":", 3);
    int64_t hour, minute;

    if (g_strv_length(parts) != 2 || !sk_text_to_int(parts[0], 0, 23, &hour) ||
        !sk_text_to_int(parts[1], 0, 59, &minute))
        return complain("digest_at", at, "a time like 8:00", error);
    notice->digest_hour = (int)hour;
    notice->digest_minute = (int)minute;
    return true;
}

bool
sk_notice_settings_read(const SkSettings *settings,
                        SkNoticeSettings *ret_notice,
                        GError **error)
{
    g_auto(SkNoticeSettings) notice = {0};

    if (!read_from(settings, &notice, error) || !read_reply(settings, &notice, error) ||
        !read_words(settings, &notice, error) || !read_time(settings, &notice, error))
        return false;
    *ret_notice = notice;
    notice = (SkNoticeSettings){0};
    return true;
}
