/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-listen - endpoints as an administrator writes them, and their sockets
 *
 * "unix:PATH", "inet:ADDRESS:PORT", "inet:[V6]:PORT". Addresses are numbers: resolving names is
 * nobody's business here.
 *
 * Limits: a path of a UNIX socket has at most 107 bytes (sun_path).
 * Errors: CONFIG when the endpoint is wrong, CONFLICT when somebody answers there already, IO,
 * DENIED or NOT_FOUND when the system refuses; each says what to do.
 * Security: a UNIX socket is made with mode 0660, so that only owner and group (Postfix) speak
 * to us: whoever can connect may say that he is Postfix. Nothing but a socket is ever removed.
 */

#include <glib.h>
#include <stdbool.h>

/* Whether TEXT is an endpoint; opens nothing. */
bool sk_milter_endpoint_check(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Makes the endpoint's listening socket, non-blocking and closed on exec; caller owns it. -1 on
 * error. A UNIX socket belongs to GROUP (NULL: our own); one that was left behind is replaced;
 * its directory is made (mode 0750, same group) if only that is missing. */
int sk_milter_listen(const char *endpoint,
                     const char *group,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A blocking connection to the endpoint; caller owns it. -1 on error. */
int sk_milter_connect(const char *endpoint, GError **error) G_GNUC_WARN_UNUSED_RESULT;
