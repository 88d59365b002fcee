/* SPDX-License-Identifier: Apache-2.0 */
#include "notice/notice-page.h"

#include <string.h>

#include "base/text.h"

/* Bytes of a foreign text in the body: some 130 letters of Japanese. */
#define FOREIGN_MAX 400
#define PERSON_MAX  120

#define MINUTE (60 * (int64_t)G_USEC_PER_SEC)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void say(SkNoticePage *page, unsigned language, const char *format, va_list args)
    G_GNUC_PRINTF(3, 0);

static void
say(SkNoticePage *page, unsigned language, const char *format, va_list args)
{
    if ((page->languages & language) == 0)
        return;
    g_string_append_vprintf(page->text, format, args);
    g_string_append_c(page->text, '\n');
}

void
sk_notice_say(SkNoticePage *page, const char *ja, const char *en, ...)
{
    va_list args;

    va_start(args, en);
    say(page, SK_LANGUAGE_JA, ja, args);
    va_end(args);
    va_start(args, en);
    say(page, SK_LANGUAGE_EN, en, args);
    va_end(args);
}

void
sk_notice_gap(SkNoticePage *page)
{
    if (page->text->len > 0 && !g_str_has_suffix(page->text->str, "\n\n"))
        g_string_append_c(page->text, '\n');
}

static void
append_label(SkNoticePage *page, const char *ja, const char *en)
{
    if (page->languages & SK_LANGUAGE_JA)
        g_string_append(page->text, ja);
    if (page->languages == (SK_LANGUAGE_JA | SK_LANGUAGE_EN))
        g_string_append(page->text, " / ");
    if (page->languages & SK_LANGUAGE_EN)
        g_string_append(page->text, en);
    g_string_append_c(page->text, ':');
}

void
sk_notice_plain(SkNoticePage *page, const char *ja, const char *en, const char *ours)
{
    append_label(page, ja, en);
    g_string_append_printf(page->text, "%s%s\n", *ours != '\0' ? " " : "", ours);
}

void
sk_notice_line(SkNoticePage *page, const char *ja, const char *en, const char *foreign)
{
    g_autofree char *quoted = NULL;

    if (foreign == NULL || *foreign == '\0')
        return;
    quoted = sk_notice_quote(page->languages, foreign, FOREIGN_MAX);
    sk_notice_plain(page, ja, en, quoted);
}

void
sk_notice_link(SkNoticePage *page, const char *url)
{
    g_string_append_printf(page->text, "%s\n", url);
}

/* What mail programs make a link of is not one any more, and can still be read. */
static char *
make_harmless(const char *foreign, size_t max)
{
    g_autofree char *safe = sk_text_safe(sk_bytes(foreign, strlen(foreign)), max);
    g_autoptr(GString) out = g_string_new(NULL);

    for (const char *p = safe; *p != '\0'; p++) {
        bool colon = g_str_has_prefix(p, "://");
        /* The dot behind three letters, of any case. */
        bool dot = *p == '.' && p - safe >= 3 && g_ascii_strncasecmp(p - 3, "www", 3) == 0;

        if (colon || dot)
            g_string_append_printf(out, "[%c]", *p);
        else
            g_string_append_c(out, *p);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *
replace(const char *text, const char *what, const char *by)
{
    g_auto(GStrv) pieces = g_strsplit(text, what, -1);

    return g_strjoinv(by, pieces);
}

/* Where the quotation ends is ours to say. */
char *
sk_notice_quote(unsigned languages, const char *foreign, size_t max)
{
    g_autofree char *harmless = make_harmless(foreign, max);
    bool ja = languages & SK_LANGUAGE_JA;
    g_autofree char *inner = replace(harmless, ja ? "」" : "\"", ja ? "』" : "'");

    return g_strdup_printf(ja ? "「%s」" : "\"%s\"", inner);
}

char *
sk_notice_person(const char *address)
{
    return make_harmless(address, PERSON_MAX);
}

static GDateTime *
local_time(const SkNoticePage *page, int64_t time_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);

    return g_date_time_to_timezone(utc, page->zone);
}

/* How long that is from now, rounded, as a number and its unit. */
static int64_t
count_left(int64_t left_us, int *ret_unit)
{
    static const int64_t units[] = {MINUTE, HOUR, DAY};
    static const int64_t up_to[] = {120 * MINUTE, 48 * HOUR, INT64_MAX};
    int i = 0;

    while (left_us >= up_to[i])
        i++;
    *ret_unit = i;
    return MAX(1, (left_us + units[i] / 2) / units[i]);
}

/* "11月22日(日) 15:42（あと約9分）". Caller owns. */
static char *
write_when_ja(const SkNoticePage *page, int64_t time_us)
{
    static const char *const days[] = {"月", "火", "水", "木", "金", "土", "日"};
    static const char *const units[] = {"分", "時間", "日"};
    g_autoptr(GDateTime) at = local_time(page, time_us);
    g_autoptr(GString) text = g_string_new(NULL);
    int unit;
    int64_t left = count_left(time_us - page->now_us, &unit);

    g_string_printf(text, "%d月%d日(%s) %d:%02d", g_date_time_get_month(at),
                    g_date_time_get_day_of_month(at), days[g_date_time_get_day_of_week(at) - 1],
                    g_date_time_get_hour(at), g_date_time_get_minute(at));
    if (time_us > page->now_us)
        g_string_append_printf(text, "（あと約%d%s）", (int)left, units[unit]);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* "15:42 JST on Sun 22 Nov (in about 9 minutes)". Caller owns. */
static char *
write_when_en(const SkNoticePage *page, int64_t time_us)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    static const char *const units[] = {"minute", "hour", "day"};
    g_autoptr(GDateTime) at = local_time(page, time_us);
    g_autoptr(GString) text = g_string_new(NULL);
    int unit;
    int64_t left = count_left(time_us - page->now_us, &unit);

    g_string_printf(text, "%d:%02d %s on %s %d %s", g_date_time_get_hour(at),
                    g_date_time_get_minute(at), g_date_time_get_timezone_abbreviation(at),
                    days[g_date_time_get_day_of_week(at) - 1], g_date_time_get_day_of_month(at),
                    months[g_date_time_get_month(at) - 1]);
    if (time_us > page->now_us)
        g_string_append_printf(text, " (in about %d %s%s)", (int)left, units[unit],
                               left == 1 ? "" : "s");
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void say_time(SkNoticePage *page, const char *format, char *when) G_GNUC_PRINTF(2, 0);

/* Takes WHEN. */
/* Takes WHEN. */
static void
say_time(SkNoticePage *page, const char *sentence, char *when)
{
    g_autofree char *said = replace(sentence, "%s", when);

    g_string_append_printf(page->text, "%s\n", said);
    g_free(when);
}

void
sk_notice_say_when(SkNoticePage *page, const char *ja, const char *en, int64_t time_us)
{
    if (time_us != 0 && page->languages & SK_LANGUAGE_JA)
        say_time(page, ja, write_when_ja(page, time_us));
    if (time_us != 0 && page->languages & SK_LANGUAGE_EN)
        say_time(page, en, write_when_en(page, time_us));
}
