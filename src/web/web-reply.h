/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-reply - an answer as HTTP, with the header fields that all answers have
 *
 * Security: no script, no frame, no form elsewhere, nothing from elsewhere (Content Security
 * Policy Level 3); the token in the address is told to nobody (Referrer-Policy) and kept
 * nowhere (Cache-Control).
 */

#include <microhttpd.h>
#include <stdbool.h>

#include "web/web-page.h"

/* Takes the body of ANSWER. False: there was no memory for it. */
bool sk_web_reply(struct MHD_Connection *connection, SkWebAnswer *answer, bool tls);
