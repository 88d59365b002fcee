/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-endpoint - where a service near us listens: "unix:PATH", "inet:ADDRESS:PORT" or
 * "inet:[V6]:PORT", addresses in digits
 *
 * Errors: CONFIG: the text is no endpoint; NOT_FOUND, IO, TIMEOUT: nobody answers there.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

bool sk_net_endpoint_check(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A stream that does not block and sends at once what is written; -1: an error. Waits at most
 * WAIT_MS. */
int sk_net_endpoint_connect(const char *text,
                            int64_t wait_ms,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same without waiting. RET_UNDER_WAY: it is there, or not, when it can be written to. */
int sk_net_endpoint_begin(const char *text,
                          bool *ret_under_way,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* What has become of it then: 0, or an errno. */
int sk_net_endpoint_outcome(int fd);
