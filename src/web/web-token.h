/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-token - /t/TOKEN: asks the clerk, and makes a page of its answer
 *
 * Blocking: for a thread that may wait.
 *
 * Errors: none: whatever happens is a page.
 * Security: tokens that are none, old or used are answered with one page, after the same
 * question to the clerk.
 */

#include "web/web-page.h"

/* The one page for what does not exist; STRANGER: a token was tried. */
SkWebAnswer *sk_web_unknown(const SkWebPlace *place,
                            const SkWebRequest *request,
                            bool stranger);
/* REQUEST: of route SK_WEB_TOKEN. GET changes nothing; POST does what the form says. */
SkWebAnswer *sk_web_token(const SkWebPlace *place, const SkWebRequest *request);
