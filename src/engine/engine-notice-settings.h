/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * engine-notice-settings - section [notice], checked
 *
 * Errors: CONFIG for what is no address, language, choice or time of day.
 */

#include "base/settings.h"
#include "hold/hold-person.h"

typedef struct {
    char *from; /* NULL: there is none, since there are no own domains either */
    char *reply_local, *reply_domain; /* of the address that stops when it is answered; or NULL
                                       */
    const char *language;             /* "ja", "en", "both"; borrowed from the settings */
    SkTell inbound;                   /* never SITE */
    int digest_hour, digest_minute;
} SkNoticeSettings;

void sk_notice_settings_clear(SkNoticeSettings *notice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkNoticeSettings, sk_notice_settings_clear)
bool sk_notice_settings_read(const SkSettings *settings,
                             SkNoticeSettings *ret_notice,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
