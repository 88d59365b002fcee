/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-view - the page of a token: which mail, where it stands, what can still be done
 *
 * Made of the clerk's answer to LOOK alone, which has only what this person may see.
 *
 * Errors: none.
 */

#include "hold/hold-desk.h"
#include "web/web-banner.h"

/* BANNER: or NULL. */
SkWebAnswer *sk_web_view(const SkWebPlace *place,
                         SkWebLanguage language,
                         const SkDeskAnswer *looked,
                         const SkWebBanner *banner);
