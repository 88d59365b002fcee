/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-listen - what has to be opened before the program is nobody in particular: the socket,
 * certificate and key
 *
 * Errors: CONFIG for an address that is none, files that are none or a key that anybody may
 * read; IO, DENIED, NOT_FOUND.
 */

#include <glib.h>
#include <stdbool.h>

/* ENDPOINT: "ADDRESS:PORT", "[ADDRESS]:PORT". Caller owns the descriptor; -1 with ERROR. */
int sk_web_listen(const char *endpoint, GError **error);

/* A PEM file. SECRET: nobody but its owner and group may read it. Caller owns. */
char *sk_web_read_pem(const char *path, bool secret, GError **error);
