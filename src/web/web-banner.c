/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-banner.h"

#include <string.h>

#include "verdict/decision.h"

const char *
sk_web_banner_name(SkDeskVerb verb, SkDeskResult result)
{
    static const char *const names[SK_N_DESK_RESULTS] = {
        [SK_DESK_TOO_LATE] = "late",
        [SK_DESK_ENDED] = "ended",
        [SK_DESK_NOT_OPEN] = "not-open",
        [SK_DESK_ASKED] = "asked",
    };

    if (result == SK_DESK_OK)
        return verb == SK_DESK_STOP ? "stopped" : "released";
    return names[result];
}

static bool
set(SkWebBanner *banner, bool so, SkWebText text, bool bad)
{
    if (so)
        *banner = (SkWebBanner){text, bad};
    return so;
}

bool
sk_web_banner_find(const char *name, const SkWebSum *sum, SkWebBanner *ret_banner)
{
    bool rest = (sum->can & (1u << SK_DESK_STOP)) != 0;
    bool waits = sum->waiting > 0;

    if (name == NULL)
        return false;
    if (strcmp(name, "stopped") == 0)
        return set(ret_banner, sum->stopped > 0 && !rest,
                   sum->gone > 0 ? SK_WEB_TEXT_DID_STOP_SOME : SK_WEB_TEXT_DID_STOP, false);
    if (strcmp(name, "late") == 0)
        return set(ret_banner, sum->gone > 0,
                   sum->inbound ? SK_WEB_TEXT_ON_ITS_WAY
                   : rest       ? SK_WEB_TEXT_TOO_LATE_REST
                                : SK_WEB_TEXT_TOO_LATE,
                   !sum->inbound);
    if (strcmp(name, "ended") == 0)
        return set(ret_banner, !waits, SK_WEB_TEXT_ENDED_BEFORE, false);
    if (strcmp(name, "not-open") == 0)
        return set(ret_banner, waits, SK_WEB_TEXT_NOT_OPEN, false);
    if (strcmp(name, "asked") == 0)
        return set(ret_banner, waits, SK_WEB_TEXT_DID_ASK, false);
    return strcmp(name, "released") == 0 &&
           set(ret_banner, sum->gone > 0 || (waits && sum->open == 0), SK_WEB_TEXT_DID_RELEASE,
               false);
}

SkWebBanner
sk_web_banner_password(SkDeskResult result, const SkDeskAnswer *looked)
{
    SkWebSum sum = sk_web_state_sum(looked);

    switch (result) {
    case SK_DESK_OK:
        return (SkWebBanner){sum.waiting > 0 && sum.open != 0 ? SK_WEB_TEXT_PASSWORD_HELD
                                                              : SK_WEB_TEXT_PASSWORD_RIGHT,
                             false};
    case SK_DESK_WRONG:
        return (SkWebBanner){SK_WEB_TEXT_PASSWORD_WRONG, true};
    case SK_DESK_LATER:
        return (SkWebBanner){SK_WEB_TEXT_PASSWORD_LATER, true};
    case SK_DESK_NOT_OPEN:
        return (SkWebBanner){SK_WEB_TEXT_NOT_OPEN, false};
    case SK_DESK_ASKED:
        return (SkWebBanner){SK_WEB_TEXT_PASSWORD_ASKED, false};
    case SK_DESK_REFUSED:
        return (SkWebBanner){SK_WEB_TEXT_PASSWORD_REFUSED, true};
    case SK_DESK_TOO_LATE:
        return (SkWebBanner){SK_WEB_TEXT_ON_ITS_WAY, false};
    default:
        return (SkWebBanner){SK_WEB_TEXT_ENDED_BEFORE, false};
    }
}
