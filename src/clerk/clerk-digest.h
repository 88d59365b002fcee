/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-digest - when digests are due
 *
 * Errors: none.
 */

#include <glib.h>
#include <stdint.h>

/* The first moment after NOW_US at which clocks in ZONE show HOUR:MINUTE. */
int64_t sk_clerk_digest_next(int hour, int minute, GTimeZone *zone, int64_t now_us);
