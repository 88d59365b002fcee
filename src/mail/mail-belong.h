/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-belong - which parts with the look of attachments belong to the text of a message
 *
 * What is left in place when all attachments are taken away. A claim is not believed: a picture
 * must begin as one, since a program under that name would stay.
 *
 * Limits: SK_BELONG_SHOWN names that texts show; what is shown behind them counts as not shown.
 * Errors: none.
 * Standards: RFC 2392 (cid:), RFC 5545, RFC 8551.
 */

#include <glib.h>

#include "mail/mail-walk.h"

#define SK_BELONG_SHOWN 1000

/* Adds the Content-IDs that HTML shows to SHOWN, a set of texts that owns its keys. */
void sk_mail_belong_gather(SkBytes html, GHashTable *shown);

/* The Content-ID of PART if it is a picture that could be shown by it; else NULL. Caller owns.
 */
char *sk_mail_belong_picture_dup(const SkMailPart *part);
/* Whether it is an invitation, or the signature of what it stands in. */
bool sk_mail_belong_is_companion(const SkMailPart *part);
