/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-post - sends one notice through the release listener, to one recipient, from <>
 *
 * Blocking, on a connection of its own; from any thread. A call that failed may have sent it:
 * the caller sends the same bytes again, with the same Message-ID.
 *
 * Errors: NOT_FOUND, IO, TIMEOUT, PROTOCOL: not now, later may work (TIMEOUT as well for an
 * answer that says so); DENIED: refused for good, the text is the answer; CONFIG: no release
 * key.
 * Security: the message carries a ticket that only gate and clerk can write.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/settings.h"

/* ID: of the notice, up to 31 letters, digits, "-" and "." (a passage id, a job's digest …);
 * for logs and tickets. MESSAGE: header and body with CRLF line ends. */
bool sk_clerk_post(const SkSettings *settings,
                   const char *id,
                   const char *recipient,
                   GBytes *message,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
