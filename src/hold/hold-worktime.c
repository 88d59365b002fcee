/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-worktime.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define SECOND 1000000LL
#define DAY_S  86400LL
/* A longer wait ends here: 80 years, where a settings file asks for a minute's work a day. */
#define DAYS_MAX 30000

static bool
fail(GError **error, const char *key, const char *text, const char *help)
{
    g_autofree char *quoted = sk_text_quote(text);

    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "[hold] %s: %s: %s", key, quoted, help);
    return false;
}

static bool
parse_days(const char *const *days, unsigned *ret_days, GError **error)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    *ret_days = 0;
    for (; *days != NULL; days++) {
        unsigned i = 0;

        while (i < G_N_ELEMENTS(names) && strcmp(names[i], *days) != 0)
            i++;
        if (i == G_N_ELEMENTS(names))
            return fail(error, "work_days", *days, "a day is mon tue wed thu fri sat or sun");
        *ret_days |= 1U << i;
    }
    return *ret_days != 0 || fail(error, "work_days", "", "name one day at least");
}

/* "9:00"; "24:00" is the end of a day. */
static bool
parse_minutes(const char *text, int *ret_minutes)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 3);
    int64_t hours, minutes;

    if (g_strv_length(parts) != 2 || strlen(parts[1]) != 2 ||
        !sk_text_to_int(parts[0], 0, 24, &hours) || !sk_text_to_int(parts[1], 0, 59, &minutes))
        return false;
    *ret_minutes = (int)(60 * hours + minutes);
    return *ret_minutes <= 24 * 60;
}

static bool
parse_hours(const char *hours, SkWorktime *worktime, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(hours, "-", 3);

    if (g_strv_length(parts) != 2 || !parse_minutes(parts[0], &worktime->begin_min) ||
        !parse_minutes(parts[1], &worktime->end_min) ||
        worktime->begin_min >= worktime->end_min)
        return fail(error, "work_hours", hours,
                    "write from when to when of one day, as in 9:00-18:00");
    return true;
}

bool
sk_worktime_parse(const char *const *days,
                  const char *hours,
                  SkWorktime *ret_worktime,
                  GError **error)
{
    SkWorktime worktime = {0};

    if (!parse_days(days, &worktime.days, error) || !parse_hours(hours, &worktime, error))
        return false;
    *ret_worktime = worktime;
    return true;
}

/* The moment at which the wall shows MINUTES after midnight of DATE. Of two such moments the
 * first, for one that is left out the next there is: as GLib has it. */
static int64_t
moment(GTimeZone *zone, const GDate *date, int minutes)
{
    GDate day = *date;
    g_autoptr(GDateTime) time = NULL;

    if (minutes == 24 * 60) {
        g_date_add_days(&day, 1);
        minutes = 0;
    }
    time = g_date_time_new(zone, g_date_get_year(&day), (gint)g_date_get_month(&day),
                           g_date_get_day(&day), minutes / 60, minutes % 60, 0);
    return g_date_time_to_unix(time) * SECOND;
}

static void
find_date(GTimeZone *zone, int64_t at_us, GDate *ret_date)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(at_us / SECOND);
    g_autoptr(GDateTime) time = g_date_time_to_timezone(utc, zone);

    g_date_clear(ret_date, 1);
    g_date_set_dmy(ret_date, (GDateDay)g_date_time_get_day_of_month(time),
                   (GDateMonth)g_date_time_get_month(time),
                   (GDateYear)g_date_time_get_year(time));
}

static bool
is_work_day(const SkWorktime *worktime, const GDate *date)
{
    return (worktime->days & 1U << (g_date_get_weekday(date) - G_DATE_MONDAY)) != 0;
}

int64_t
sk_worktime_add(const SkWorktime *worktime, GTimeZone *zone, int64_t from_us, int64_t seconds)
{
    int64_t left = seconds * SECOND, end = from_us;
    GDate date;

    find_date(zone, from_us, &date);
    for (unsigned i = 0; i < DAYS_MAX; i++, g_date_add_days(&date, 1)) {
        int64_t begin;

        if (!is_work_day(worktime, &date))
            continue;
        begin = MAX(from_us, moment(zone, &date, worktime->begin_min));
        end = moment(zone, &date, worktime->end_min);
        if (begin < end && left <= end - begin)
            return begin + left;
        left -= MAX(end - begin, 0);
    }
    return end;
}

int64_t
sk_worktime_add_span(const SkWorktime *worktime,
                     GTimeZone *zone,
                     int64_t from_us,
                     int64_t span_s)
{
    int64_t day_s = 60LL * (worktime->end_min - worktime->begin_min);

    return sk_worktime_add(worktime, zone, from_us,
                           span_s / DAY_S * day_s + MIN(span_s % DAY_S, day_s));
}
