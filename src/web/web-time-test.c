/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-time.h"

#include "web/web-testing.h"

#define S INT64_C(1000000)

static void
test_time(void)
{
    static const struct {
        int64_t after_s;
        const char *ja, *en;
    } CASES[] = {
        {0, "14:00", "14:00"},
        {-4 * 3600 - 55 * 60, "9:05", "9:05"},
        {10 * 3600 - 1, "23:59", "23:59"},
        {10 * 3600, "11月24日(火) 0:00", "Tue 24 Nov 0:00"},
        {-86400, "11月22日(日) 14:00", "Sun 22 Nov 14:00"},
        {39 * 86400, "2027年1月1日(金) 14:00", "Fri 1 Jan 2027 14:00"},
        {-365 * 86400, "2025年11月23日(日) 14:00", "Sun 23 Nov 2025 14:00"},
    };
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place = sk_web_test_place("", &clock);

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        int64_t at = SK_WEB_TEST_NOW + CASES[i].after_s * S;
        g_autofree char *ja = sk_web_time(SK_WEB_JA, place->zone, at, SK_WEB_TEST_NOW);
        g_autofree char *en = sk_web_time(SK_WEB_EN, place->zone, at, SK_WEB_TEST_NOW);

        g_assert_cmpstr(ja, ==, CASES[i].ja);
        g_assert_cmpstr(en, ==, CASES[i].en);
    }
}

/* A time that no calendar has comes from somewhere broken; it must not be our end. */
static void
test_no_time(void)
{
    SkFakeClock clock;
    g_autoptr(SkWebPlace) place = sk_web_test_place("", &clock);
    g_autofree char *far = sk_web_time(SK_WEB_JA, place->zone, INT64_MAX, SK_WEB_TEST_NOW);
    g_autofree char *past = sk_web_time(SK_WEB_EN, place->zone, INT64_MIN, SK_WEB_TEST_NOW);

    g_assert_cmpstr(far, ==, "?");
    g_assert_cmpstr(past, ==, "?");
}

static void
test_left(void)
{
    static const struct {
        int64_t left_us;
        const char *ja, *en;
    } CASES[] = {
        {-5 * S, "0 秒", "0 seconds"},
        {0, "0 秒", "0 seconds"},
        {S, "1 秒", "1 second"},
        {119 * S, "119 秒", "119 seconds"},
        {120 * S, "2 分", "2 minutes"},
        {599 * S, "9 分", "9 minutes"},
        {7199 * S, "119 分", "119 minutes"},
        {7200 * S, "2 時間", "2 hours"},
        {172799 * S, "47 時間", "47 hours"},
        {172800 * S, "2 日", "2 days"},
        {14 * 86400 * S, "14 日", "14 days"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CASES); i++) {
        g_autofree char *ja = sk_web_time_left(SK_WEB_JA, CASES[i].left_us);
        g_autofree char *en = sk_web_time_left(SK_WEB_EN, CASES[i].left_us);

        g_assert_cmpstr(ja, ==, CASES[i].ja);
        g_assert_cmpstr(en, ==, CASES[i].en);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web-time/time", test_time);
    g_test_add_func("/web-time/no-time", test_no_time);
    g_test_add_func("/web-time/left", test_left);
    return g_test_run();
}
