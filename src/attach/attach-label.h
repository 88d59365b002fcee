/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-label - names out of archives, which rarely say in what charset they are
 *
 * Whatever is there becomes UTF-8: a name must neither fail nor hide the file it belongs to.
 * Backslashes become slashes, except where one is half of a CP932 character.
 *
 * Limits: SK_LIMIT_NAME bytes; what is longer loses its beginning, for the end has the suffix.
 * Errors: none; bytes of no known charset are escaped as \xNN.
 * Standards: CP932 as ICU's windows-31j.
 */

#include "base/bytes.h"

/* UTF-8 if it is that, else CP932 if it is that, else escaped; up to the first NUL. Caller
 * owns. */
char *sk_attach_label_new(SkBytes raw);

/* The same of UTF-16LE. Caller owns. */
char *sk_attach_label_new_utf16le(SkBytes raw);
