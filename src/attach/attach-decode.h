/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-decode - names inside archives, as UTF-8
 *
 * Most archive formats do not say how their names are written, or say it wrongly. UTF-8 if it
 * is valid, else CP932 (Windows in Japan) if it is valid, else bytes beyond ASCII are escaped;
 * never fails. Separators are looked for afterwards: in CP932 a backslash may be the second
 * half of a character.
 *
 * Limits: SK_LIMIT_NAME bytes.
 */

#include "base/bytes.h"

/* Caller owns. */
char *sk_attach_decode_name(SkBytes raw);

/* The same of UTF-16LE; NULL if it is not valid. Caller owns. */
char *sk_attach_decode_utf16(SkBytes raw);

/* ": " and the name in double quotes, for the end of a sentence; "" if RAW is empty. Caller
 * owns. */
char *sk_attach_decode_quoted(SkBytes raw);

/* The last component of NAME, borrowed: what follows the last slash or backslash. */
const char *sk_attach_decode_base_peek(const char *name);
