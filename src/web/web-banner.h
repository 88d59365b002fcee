/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-banner - what came of a form, said above the page that follows it
 *
 * After a form the browser is sent back to the page, with the outcome's name in the address
 * ("?r=stopped"), so that loading it again repeats nothing. Anybody can write such an address:
 * a banner is shown only where the mail's state agrees with it.
 *
 * Errors: none.
 */

#include "web/web-state.h"

typedef struct {
    SkWebText text;
    bool bad; /* to be known at once */
} SkWebBanner;

/* The name for what came of VERB; NULL: nothing to say. Static. */
const char *sk_web_banner_name(SkDeskVerb verb, SkDeskResult result);
/* False: NAME (NULL: none) is none of ours, or not so. */
bool sk_web_banner_find(const char *name, const SkWebSum *sum, SkWebBanner *ret_banner);
/* What came of a password, when LOOKED (its result may be UNKNOWN) is how it stands now. */
SkWebBanner sk_web_banner_password(SkDeskResult result, const SkDeskAnswer *looked);
