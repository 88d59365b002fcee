/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cli-words - numbers and times as people read them
 */

#include <glib.h>
#include <stdint.h>

/* "1 passage", "2 passages", "1 stored file": WHAT is the plural, which ends in "s". Caller
 * owns. */
char *sk_cli_count(int64_t n, const char *what);
/* "2027-01-02 10:00:00", here; "?" for what is no time. Caller owns. */
char *sk_cli_time(int64_t us);
/* "today", "1 day ago", "30 days ago", of a time at NOW_US. Caller owns. */
char *sk_cli_age(int64_t us, int64_t now_us);
