/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-digest - when digests are due
 *
 * Errors: CONFIG for what is no time of day.
 */

#include <glib.h>
#include <stdbool.h>

/* The first moment after NOW_US at which clocks in ZONE show AT, "8:00". */
bool sk_clerk_digest_next(const char *at,
                          GTimeZone *zone,
                          int64_t now_us,
                          int64_t *ret_us,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
