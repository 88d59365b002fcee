/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-body - text and attached original, as MIME that nothing on its way has to change
 *
 * Errors: LIMIT: OUT is full.
 * Standards: RFC 2045, 2046, 3676 4.3 (signature line).
 */

#include "base/buffer.h"

/* Behind the fields of a head: Content-Type and what follows. TEXT is UTF-8, lines end in LF;
 * ORIGINAL, a mail, is attached if there is one; ID makes the boundary. */
bool sk_notice_body(SkBuffer *out,
                    const char *id,
                    const char *text,
                    SkBytes original,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Pieces of it, for a report. */
/* A text part: its fields, an empty line, its lines. */
void sk_notice_body_text(SkBuffer *out, const char *text);
/* Data as base64, in lines. */
void sk_notice_body_base64(SkBuffer *out, SkBytes data);
/* Whether DATA can go as it is: ASCII without NUL, lines up to 998 that end in CRLF. */
bool sk_notice_body_is_plain(SkBytes data);
/* A part that is a mail. */
void sk_notice_body_mail(SkBuffer *out, SkBytes mail);
/* True unless OUT is full. */
bool sk_notice_body_check(const SkBuffer *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
