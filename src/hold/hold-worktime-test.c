/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-worktime.h"

#include "base/error.h"

#define HOUR 3600

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", NULL};
static const char *const sundays[] = {"sun", NULL};
static const char *const all_days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};

static int64_t
read_time(GTimeZone *zone, const char *text)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, zone);

    g_assert_nonnull(time);
    return g_date_time_to_unix(time) * 1000000;
}

static char *
show_time(GTimeZone *zone, int64_t us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(us / 1000000);
    g_autoptr(GDateTime) time = g_date_time_to_timezone(utc, zone);

    return g_date_time_format(time, "%Y-%m-%dT%H:%M:%S%z");
}

/* 2027-01-01 is a Friday. */
static void
test_add(void)
{
    static const struct {
        const char *zone;
        const char *const *days;
        const char *hours, *from;
        int64_t seconds;
        const char *expected;
    } cases[] = {
        /* within a day, to its very end, before and after its hours */
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T10:00:00", 1800,
         "2027-01-04T10:30:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T17:30:00", 1800,
         "2027-01-04T18:00:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T07:00:00", 1800,
         "2027-01-04T09:30:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T18:00:00", 1,
         "2027-01-05T09:00:01+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T23:59:59", 60,
         "2027-01-05T09:01:00+0900"},
        /* over a night, over a weekend, begun on one */
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T17:45:00", 1800,
         "2027-01-05T09:15:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-01T17:45:00", 1800,
         "2027-01-04T09:15:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-02T12:00:00", 1800,
         "2027-01-04T09:30:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-03T23:30:00", 0,
         "2027-01-04T09:00:00+0900"},
        /* several days, a whole week, a year's end */
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T09:00:00", 27 * HOUR,
         "2027-01-06T18:00:00+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2027-01-04T09:00:00", 45 * HOUR + 1,
         "2027-01-11T09:00:01+0900"},
        {"Asia/Tokyo", weekdays, "9:00-18:00", "2026-12-31T17:00:00", 2 * HOUR,
         "2027-01-01T10:00:00+0900"},
        /* each day and hour counts: plain time */
        {"Asia/Tokyo", all_days, "0:00-24:00", "2027-01-02T23:00:00", 49 * HOUR,
         "2027-01-05T00:00:00+0900"},
        /* the date is the site's, not Greenwich's */
        {"Pacific/Auckland", weekdays, "9:00-18:00", "2027-01-04T08:00:00", 60,
         "2027-01-04T09:01:00+1300"},
        /* clocks go forward on Sunday, 2027-03-28, and back on 2027-10-31 */
        {"Europe/Berlin", weekdays, "9:00-18:00", "2027-03-26T17:00:00", 2 * HOUR,
         "2027-03-29T10:00:00+0200"},
        {"Europe/Berlin", weekdays, "9:00-18:00", "2027-10-29T17:00:00", 2 * HOUR,
         "2027-11-01T10:00:00+0100"},
        /* in the middle of working hours: that day has one hour less, or more */
        {"Europe/Berlin", all_days, "0:00-24:00", "2027-03-28T00:00:00", 23 * HOUR,
         "2027-03-29T00:00:00+0200"},
        {"Europe/Berlin", all_days, "0:00-24:00", "2027-10-31T00:00:00", 25 * HOUR,
         "2027-11-01T00:00:00+0100"},
        /* the hour that is left out is no working time */
        {"Europe/Berlin", all_days, "2:00-3:00", "2027-03-27T12:00:00", HOUR,
         "2027-03-29T03:00:00+0200"},
        /* one day a week */
        {"UTC", sundays, "22:00-24:00", "2027-01-01T00:00:00", 3 * HOUR,
         "2027-01-10T23:00:00+0000"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(cases[i].zone);
        g_autofree char *shown = NULL;
        SkWorktime worktime;

        g_assert_true(sk_worktime_parse(cases[i].days, cases[i].hours, &worktime, NULL));
        shown = show_time(zone, sk_worktime_add(&worktime, zone, read_time(zone, cases[i].from),
                                                cases[i].seconds));
        g_test_message("%s + %" G_GINT64_FORMAT, cases[i].from, cases[i].seconds);
        g_assert_cmpstr(shown, ==, cases[i].expected);
    }
}

static void
test_add_span(void)
{
    static const struct {
        int64_t span_s;
        const char *expected;
    } cases[] = {
        {1800, "2027-01-04T10:30:00+0000"},      {86400, "2027-01-05T10:00:00+0000"},
        {3 * 86400, "2027-01-07T10:00:00+0000"}, {86400 + HOUR, "2027-01-05T11:00:00+0000"},
        {12 * HOUR, "2027-01-05T10:00:00+0000"}, /* more than a day has */
        {7 * 86400, "2027-01-13T10:00:00+0000"},
    };
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    SkWorktime worktime;

    g_assert_true(sk_worktime_parse(weekdays, "9:00-18:00", &worktime, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *shown = show_time(
            zone, sk_worktime_add_span(&worktime, zone, read_time(zone, "2027-01-04T10:00:00"),
                                       cases[i].span_s));

        g_assert_cmpstr(shown, ==, cases[i].expected);
    }
}

/* What nobody would write ends some day. */
static void
test_endless(void)
{
    g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
    int64_t from = read_time(zone, "2027-01-04T10:00:00"), end;
    SkWorktime worktime;

    g_assert_true(
        sk_worktime_parse((const char *const[]){"mon", NULL}, "9:00-9:01", &worktime, NULL));
    end = sk_worktime_add(&worktime, zone, from, 90 * 86400);
    g_assert_cmpint(end, >, from);
}

static void
test_parse(void)
{
    static const struct {
        const char *day, *hours;
    } bad[] = {
        {"monday", "9:00-18:00"},
        {NULL, "9:00-18:00"},
        {"mon", ""},
        {"mon", "9-18"},
        {"mon", "9:00"},
        {"mon", "18:00-9:00"},
        {"mon", "9:00-9:00"},
        {"mon", "9:00-24:01"},
        {"mon", "9:60-18:00"},
        {"mon", "9:0-18:00"},
        {"mon", "9:00-18:00-20:00"},
    };
    SkWorktime worktime;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        g_assert_false(sk_worktime_parse((const char *const[]){bad[i].day, NULL}, bad[i].hours,
                                         &worktime, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    }
    g_assert_true(sk_worktime_parse(all_days, "08:30-17:15", &worktime, NULL));
    g_assert_cmpuint(worktime.days, ==, 0x7f);
    g_assert_cmpint(worktime.begin_min, ==, 510);
    g_assert_cmpint(worktime.end_min, ==, 1035);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hold/worktime/add", test_add);
    g_test_add_func("/hold/worktime/add-span", test_add_span);
    g_test_add_func("/hold/worktime/endless", test_endless);
    g_test_add_func("/hold/worktime/parse", test_parse);
    return g_test_run();
}
