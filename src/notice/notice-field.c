/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-field.h"

#include <string.h>

#include "base/text.h"
#include "notice/notice.h"

/* Bytes in one encoded word: with "=?UTF-8?B?" and "?=" 64 letters, which fit the 76 of a line
 * behind "Subject: " (RFC 2047 2). */
#define WORD_BYTES 39
/* Where a line of ASCII is folded, and how long an address or Message-ID may be. */
#define FOLD   76
#define ID_MAX 250

/* The name people see beside our address. */
#define OUR_NAME "sekisho"

void
sk_notice_field(GString *out, const char *name, const char *value)
{
    g_string_append_printf(out, "%s: %s\r\n", name, value);
}

/* The largest number of bytes up to MAX at which TEXT may be cut between characters. */
static size_t
cut(const char *text, size_t max)
{
    size_t n = MIN(strlen(text), max);

    while (text[n] != '\0' && ((uint8_t)text[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void
append_words(GString *out, const char *text)
{
    while (*text != '\0') {
        size_t n = cut(text, WORD_BYTES);
        g_autofree char *coded = g_base64_encode((const guchar *)text, n);

        g_string_append_printf(out, "=?UTF-8?B?%s?=", coded);
        text += n;
        if (*text != '\0')
            g_string_append(out, "\r\n ");
    }
}

/* Folded before a blank, where a line would be too long; LINE is what stands on it. */
static void
append_folded(GString *out, const char *text, size_t line)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        size_t len = strlen(words[i]);
        /* A line of blanks only is no continuation (RFC 5322 4.2). */
        bool fold = i > 0 && len > 0 && line + 1 + len > FOLD;

        if (i > 0)
            g_string_append(out, fold ? "\r\n " : " ");
        g_string_append(out, words[i]);
        line = fold ? 1 + len : line + (i > 0) + len;
    }
}

void
sk_notice_field_text(GString *out, const char *name, const char *text)
{
    g_autofree char *safe = sk_text_safe(sk_bytes(text, strlen(text)), SK_NOTICE_FIELD_TEXT);

    g_strstrip(safe);
    g_string_append_printf(out, "%s: ", name);
    /* What only looks like an encoded word would be read as one. */
    if (g_str_is_ascii(safe) && strstr(safe, "=?") == NULL)
        append_folded(out, safe, strlen(name) + 2);
    else
        append_words(out, safe);
    g_string_append(out, "\r\n");
}

static bool
has_only_graphs(const char *text)
{
    for (; *text != '\0'; text++) {
        if (!g_ascii_isgraph(*text))
            return false;
    }
    return true;
}

/* One id: what is between "<" and the first ">", which is the end. */
static bool
is_id(const char *id)
{
    size_t len = strlen(id);

    return len >= 5 && len <= ID_MAX && id[0] == '<' && strchr(id + 1, '<') == NULL &&
           strchr(id, '>') == id + len - 1 && strchr(id, '@') != NULL && has_only_graphs(id);
}

void
sk_notice_field_id(GString *out, const char *name, const char *id)
{
    if (id != NULL && is_id(id))
        sk_notice_field(out, name, id);
}

void
sk_notice_field_date(GString *out, const char *name, int64_t time_us, GTimeZone *zone)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) at = g_date_time_to_timezone(utc, zone);
    /* Names of days and months are not the locale's (RFC 5322 3.3). */
    g_autofree char *rest = g_date_time_format(at, "%Y %H:%M:%S %z");

    g_string_append_printf(
        out, "%s: %s, %d %s %s\r\n", name, days[g_date_time_get_day_of_week(at) - 1],
        g_date_time_get_day_of_month(at), months[g_date_time_get_month(at) - 1], rest);
}

/* Not what ends an address or a line, begins something else, or is not seen. */
static bool
fits(gunichar c)
{
    if (c < 0x80)
        return g_ascii_isgraph((char)c) && strchr("<>(),;:[]\\\"", (int)c) == NULL;
    return g_unichar_isgraph(c) && g_unichar_type(c) != G_UNICODE_FORMAT;
}

static bool
all_fit(const char *address)
{
    for (; *address != '\0'; address = g_utf8_next_char(address)) {
        if (!fits(g_utf8_get_char(address)))
            return false;
    }
    return true;
}

bool
sk_notice_is_address(const char *address)
{
    const char *at = address != NULL ? strrchr(address, '@') : NULL;

    return at != NULL && at > address && at[1] != '\0' && strlen(address) <= ID_MAX &&
           g_utf8_validate(address, -1, NULL) && strchr(address, '@') == at && all_fit(address);
}

void
sk_notice_field_head(GString *out, const SkNoticeHead *head)
{
    sk_notice_field_date(out, "Date", head->now_us, head->zone);
    g_string_append_printf(out, "From: " OUR_NAME " <%s>\r\nTo: <%s>\r\n", head->from,
                           head->to);
    if (head->reply_to != NULL)
        g_string_append_printf(out, "Reply-To: <%s>\r\n", head->reply_to);
    sk_notice_field_text(out, "Subject", head->subject);
    g_string_append_printf(out, "Message-ID: <%s@%s>\r\n", head->id,
                           sk_text_domain_peek(head->from));
    sk_notice_field_id(out, "In-Reply-To", head->answers);
    sk_notice_field_id(out, "References", head->answers);
    sk_notice_field(out, "Auto-Submitted", head->submitted);
    /* Exchange answers even what is marked as RFC 3834 has it. */
    sk_notice_field(out, "X-Auto-Response-Suppress", "All");
    sk_notice_field(out, "MIME-Version", "1.0");
}
