/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-words.h"

#include <inttypes.h>
#include <string.h>

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)

char *
sk_cli_count(int64_t n, const char *what)
{
    size_t len = strlen(what);

    if (n == 1 && g_str_has_suffix(what, "s"))
        len--;
    return g_strdup_printf("%" PRId64 " %.*s", n, (int)len, what);
}

char *
sk_cli_time(int64_t us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(us / G_USEC_PER_SEC);

    return time != NULL ? g_date_time_format(time, "%Y-%m-%d %H:%M:%S") : g_strdup("?");
}

char *
sk_cli_age(int64_t us, int64_t now_us)
{
    int64_t days = MAX(now_us - us, 0) / DAY_US;
    g_autofree char *count = sk_cli_count(days, "days");

    return days == 0 ? g_strdup("today") : g_strdup_printf("%s ago", count);
}
