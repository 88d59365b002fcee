/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-name - the file name of a part
 *
 * Takes the parameters filename and name in every form they are sent in: RFC 2231 in pieces and
 * percent-encoded, encoded words in quotes, both mixed, raw 8-bit and raw ISO-2022-JP. What
 * comes out is UTF-8 without controls, the last component of a path, in at most SK_LIMIT_NAME
 * bytes; a longer one is cut in its middle, so that its extension stays. Characters that change
 * the direction of text are kept: to find them is the attachment check's business.
 *
 * Limits: SK_LIMIT_NAME.
 * Errors: none.
 * Security: the parameters are hostile.
 * Standards: RFC 2183 2.3, RFC 2231, RFC 2047.
 */

#include "mail/mail-charset.h"
#include "mail/mail-type.h"

typedef enum {
    SK_MAIL_NAME_DIFFERS = 1 << 0, /* forms of the name end in different extensions */
    SK_MAIL_NAME_PIECES = 1 << 1,  /* a piece of it is missing or there twice */
    SK_MAIL_NAME_CHARSET = 1 << 2, /* in an unknown charset */
} SkMailNameOddity;

/* The name in Content-Disposition, or that in Content-Type; either may be NULL. Returns NULL
 * when there is none; caller owns. ODD gets bits of SkMailNameOddity. */
char *sk_mail_name_read(const SkMailType *disposition, const SkMailType *type, unsigned *odd);

/* A name that comes without parameters around it, in CHARSET; or NULL. */
char *sk_mail_name_clean(const char *charset, SkBytes raw);

/* One parameter in all its forms, joined and decoded but not cleaned; false when there is none.
 */
bool sk_mail_name_join(const SkMailType *type, const char *name, SkBuffer *out, unsigned *odd);
