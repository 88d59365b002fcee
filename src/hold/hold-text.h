/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-text - foreign text in a database, byte for byte
 *
 * Addresses, ESMTP arguments and ids of messages are whatever a client sent, and a database
 * takes UTF-8 only. What is not, what is a control and the backslash become \xNN; all else, and
 * so nearly every address, stays as it is.
 *
 * Errors: none; what was never escaped is read as it stands.
 */

#include <glib.h>

/* NULL for NULL. Caller owns. */
char *sk_hold_escape(const char *foreign);
char *sk_hold_unescape(const char *text);

/* Octets of a key; longer addresses than RFC 5321 knows are cut, since an index has a limit. */
#define SK_HOLD_KEY_MAX 320
/* By which an address is looked up: escaped, ASCII letters in lower case. "" for NULL. Caller
 * owns. */
char *sk_hold_key(const char *address);

/* An array of SkRecipient as one text, a line each, and back into TO, which is emptied before.
 * Caller owns. */
char *sk_hold_recipients_write(const GPtrArray *recipients);
void sk_hold_recipients_read(const char *text, GPtrArray *to);
