/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-words.h"

#include <string.h>

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)

static void
test_count(void)
{
    static const struct {
        int64_t n;
        const char *what, *said;
    } cases[] = {
        {0, "passages", "0 passages"},
        {1, "passages", "1 passage"},
        {2, "passages", "2 passages"},
        {1, "stored files", "1 stored file"},
        {1, "mail", "1 mail"},
        {1, "", "1 "},
        {INT64_MAX, "rows", "9223372036854775807 rows"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = sk_cli_count(cases[i].n, cases[i].what);

        g_assert_cmpstr(said, ==, cases[i].said);
    }
}

static void
test_time(void)
{
    g_autofree char *time = sk_cli_time(INT64_C(1800000000) * G_USEC_PER_SEC);
    g_autofree char *never = sk_cli_time(INT64_MAX);

    g_assert_cmpstr(time, ==, "2027-01-15 08:00:00");
    g_assert_cmpstr(never, !=, NULL);
}

static void
test_age(void)
{
    static const struct {
        int64_t ago_us;
        const char *said;
    } cases[] = {
        {-DAY_US, "today"}, /* by another host's clock */
        {0, "today"},          {DAY_US - 1, "today"},
        {DAY_US, "1 day ago"}, {40 * DAY_US, "40 days ago"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = sk_cli_age(100 * DAY_US, 100 * DAY_US + cases[i].ago_us);

        g_assert_cmpstr(said, ==, cases[i].said);
    }
}

int
main(int argc, char **argv)
{
    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/words/count", test_count);
    g_test_add_func("/words/time", test_time);
    g_test_add_func("/words/age", test_age);
    return g_test_run();
}
