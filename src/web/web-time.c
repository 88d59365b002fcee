/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-time.h"

#include "web/web-text.h"

#define MINUTE INT64_C(60)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static const char *const days_ja[] = {"月", "火", "水", "木", "金", "土", "日"};
static const char *const days_en[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const months_en[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* NULL: no calendar has that time. */
static GDateTime *
local_time(GTimeZone *zone, int64_t at_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at_us / G_USEC_PER_SEC);

    return utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
}

static char *
format_day(SkWebLanguage language, GDateTime *at, bool with_year)
{
    int year = g_date_time_get_year(at), month = g_date_time_get_month(at);
    int day = g_date_time_get_day_of_month(at), weekday = g_date_time_get_day_of_week(at) - 1;
    g_autofree char *shown = with_year && language == SK_WEB_JA ? g_strdup_printf("%d年", year)
                             : with_year                        ? g_strdup_printf(" %d", year)
                                                                : g_strdup("");

    if (language == SK_WEB_JA)
        return g_strdup_printf("%s%d月%d日(%s) ", shown, month, day, days_ja[weekday]);
    return g_strdup_printf("%s %d %s%s ", days_en[weekday], day, months_en[month - 1], shown);
}

char *
sk_web_time(SkWebLanguage language, GTimeZone *zone, int64_t at_us, int64_t now_us)
{
    g_autoptr(GDateTime) at = local_time(zone, at_us);
    g_autoptr(GDateTime) now = local_time(zone, now_us);
    g_autofree char *day = NULL;
    bool same_year;

    if (at == NULL || now == NULL)
        return g_strdup("?");
    same_year = g_date_time_get_year(at) == g_date_time_get_year(now);
    if (!same_year || g_date_time_get_day_of_year(at) != g_date_time_get_day_of_year(now))
        day = format_day(language, at, !same_year);
    return g_strdup_printf("%s%d:%02d", day != NULL ? day : "", g_date_time_get_hour(at),
                           g_date_time_get_minute(at));
}

char *
sk_web_time_iso(GTimeZone *zone, int64_t at_us)
{
    g_autoptr(GDateTime) at = local_time(zone, at_us);

    return at != NULL ? g_date_time_format(at, "%Y-%m-%dT%H:%M:%S%:z") : g_strdup("");
}

char *
sk_web_time_left(SkWebLanguage language, int64_t left_us)
{
    static const struct {
        int64_t from_s, unit_s; /* the unit is taken when two of it are left */
        SkWebText text;
    } units[] = {
        {2 * DAY, DAY, SK_WEB_TEXT_DAYS},
        {2 * HOUR, HOUR, SK_WEB_TEXT_HOURS},
        {2 * MINUTE, MINUTE, SK_WEB_TEXT_MINUTES},
        {0, 1, SK_WEB_TEXT_SECONDS},
    };
    int64_t left_s = MAX(left_us, 0) / G_USEC_PER_SEC;
    g_autofree char *number = NULL;
    unsigned i = 0;

    while (left_s < units[i].from_s)
        i++;
    number = g_strdup_printf("%" G_GINT64_FORMAT, left_s / units[i].unit_s);
    return sk_web_text_fill(language, left_s == 1 ? SK_WEB_TEXT_SECOND : units[i].text, number,
                            NULL);
}
