/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-testing - the place that tests have their pages in: Tokyo, at a time of their own
 */

#include <string.h>

#include "engine/engine-settings.h"
#include "web/web-place.h"

/* Monday, 2026-11-23 14:00:00 in Tokyo. */
#define SK_WEB_TEST_NOW INT64_C(1795410000000000)

/* URL may be "". CLOCK has to outlive the place. */
static inline SkWebPlace *
sk_web_test_place(const char *url, SkFakeClock *clock)
{
    g_autofree char *text = g_strdup_printf("[web]\nurl = %s\n"
                                            "[site]\ntime_zone = Asia/Tokyo\n"
                                            "own_networks = 192.0.2.0/24\n",
                                            url);
    g_autoptr(SkSettings) settings =
        sk_settings_parse("test", text, strlen(text), sk_engine_setting_tables, NULL);
    SkWebPlace *place = sk_web_place_new(settings, NULL);

    sk_fake_clock_init(clock, SK_WEB_TEST_NOW);
    if (place != NULL)
        place->clock = &clock->clock;
    return place;
}
