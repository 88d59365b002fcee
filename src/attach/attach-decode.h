/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-decode - names inside archives, as UTF-8
 *
 * Most archive formats do not say how their names are written, or say it wrongly. UTF-8 if it
 * is valid, else CP932 (Windows in Japan) if it is valid, else bytes beyond ASCII are escaped.
 * Backslashes become slashes, but only afterwards: in CP932 one may be the second half of a
 * character.
 *
 * Limits: SK_LIMIT_NAME bytes; what is longer loses its beginning, for the end has the suffix.
 * Errors: none: a name must neither fail nor hide the file it belongs to.
 * Standards: CP932 as ICU's windows-31j.
 */

#include "base/bytes.h"

/* Up to the first NUL. Caller owns. */
char *sk_attach_decode_name(SkBytes raw);

/* The same of UTF-16LE, to the end. Caller owns. */
char *sk_attach_decode_utf16le(SkBytes raw);

/* ": " and the name in double quotes, for the end of a sentence; "" if RAW is empty. Caller
 * owns. */
char *sk_attach_decode_quoted(SkBytes raw);

/* The last component of NAME, borrowed: what follows the last slash or backslash, since names
 * in messages have not come through here. */
const char *sk_attach_decode_base_peek(const char *name);
