/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-decode - the transfer encodings: base64, quoted-printable, uuencode
 *
 * Decodes as mail programs do: what is no part of the encoding is skipped, and said. OUT is
 * reserved once, to the most that can come of the input.
 *
 * Limits: that of OUT; output is never larger than input.
 * Errors: none but FULL, when memory is out or OUT's limit is met.
 * Standards: RFC 2045 6.7, 6.8; POSIX uuencode.
 */

#include "base/buffer.h"
#include "base/bytes.h"

typedef enum {
    SK_MAIL_DECODED,         /* all of it */
    SK_MAIL_DECODED_DAMAGED, /* something was skipped, cut, or is read in two ways */
    SK_MAIL_DECODED_FULL,    /* no room: OUT has nothing or the beginning */
} SkMailDecoded;

SkMailDecoded sk_mail_decode_base64(SkBytes text, SkBuffer *out);
SkMailDecoded sk_mail_decode_quoted(SkBytes text, SkBuffer *out);
