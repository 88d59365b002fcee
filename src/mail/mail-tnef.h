/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-tnef - the attachments in Outlook's winmail.dat
 *
 * Shows each attachment with its content as a range of the bytes; an embedded message is itself
 * TNEF, and shown as such. The body of the message and its other properties are not read.
 *
 * Limits: one pass; the caller's callback ends it by saying false.
 * Errors: none; what is cut or lies about its length is flagged.
 * Security: bytes are hostile.
 * Standards: [MS-OXTNEF] 2.1, [MS-OXPROPS].
 */

#include "base/bytes.h"

#define SK_MAIL_TNEF_SIGNATURE "\x78\x9f\x3e\x22"

typedef struct {
    const char *name; /* clean UTF-8, or NULL */
    const char *type; /* what PidTagAttachMimeTag claims, lower case, or NULL */
    SkBytes content;
} SkMailTnefFile;

typedef bool (*SkMailTnefFunc)(const SkMailTnefFile *file, void *data);

static inline bool
sk_mail_tnef_is(SkBytes bytes)
{
    return sk_bytes_is(bytes, 0, SK_MAIL_TNEF_SIGNATURE);
}

/* Calls FUNC for each attachment. False: not all could be read. */
bool sk_mail_tnef_read(SkBytes bytes, SkMailTnefFunc func, void *data);
