/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-time - times as people say them, in the site's time zone
 */

#include <glib.h>
#include <stdint.h>

#include "web/web-language.h"

/* "14:35" on the day of NOW_US, else "11月23日(月) 14:35", "Mon 23 Nov 14:35"; with the year
 * when that is another. Caller owns. */
char *sk_web_time(SkWebLanguage language, GTimeZone *zone, int64_t at_us, int64_t now_us);
/* "2026-11-23T14:35:00+09:00", for machines. Caller owns. */
char *sk_web_time_iso(GTimeZone *zone, int64_t at_us);
/* "9 minutes": never more than there is; 0 seconds at the least. Caller owns. */
char *sk_web_time_left(SkWebLanguage language, int64_t left_us);
