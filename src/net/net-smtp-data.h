/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * net-smtp-data - a message as it follows DATA: leading dots doubled, the final dot
 *
 * Nothing else is changed: bytes above 127, lines of any length and lone CRs stay. A dot is
 * doubled behind a lone LF as well: servers that end a line there would otherwise take one dot
 * away, or the end of the message for the middle of it (SMTP smuggling).
 *
 * Errors: none; RET_OUT's limit is the caller's. Standards: RFC 5321 4.5.2.
 */

#include "base/buffer.h"

typedef struct {
    uint8_t last[2]; /* the last two bytes of the message so far */
} SkSmtpData;

void sk_smtp_data_init(SkSmtpData *data);
/* Appends PIECE, at most twice as long, to OUT. */
bool sk_smtp_data_add(SkSmtpData *data, SkBytes piece, SkBuffer *out);
/* The end: a CRLF if the last line has none, dot, CRLF. */
bool sk_smtp_data_end(SkSmtpData *data, SkBuffer *out);
