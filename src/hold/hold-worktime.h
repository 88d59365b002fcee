/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-worktime - how long people had to answer: time that counts only while they work
 *
 * The same hours on each working day, as the clock on the wall shows them: where it is put
 * forward in the night, nobody has worked an hour less. Holidays are not known.
 *
 * Errors: CONFIG for days and hours that are none.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    unsigned days; /* 1 << 0: Monday … 1 << 6: Sunday */
    int begin_min, end_min;
} SkWorktime;

/* DAYS: "mon" … "sun", NULL-terminated; HOURS: "9:00-18:00", up to "24:00". */
bool sk_worktime_parse(const char *const *days,
                       const char *hours,
                       SkWorktime *ret_worktime,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* When SECONDS of working time have passed since FROM_US; with none, the first moment of
 * working time not before it. */
int64_t sk_worktime_add(const SkWorktime *worktime,
                        GTimeZone *zone,
                        int64_t from_us,
                        int64_t seconds);
/* The same for a time as it is written in the settings: each whole day of SPAN_S is a day's
 * working hours, what is left is working time. */
int64_t sk_worktime_add_span(const SkWorktime *worktime,
                             GTimeZone *zone,
                             int64_t from_us,
                             int64_t span_s);
