/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-uuencode - files written as text into text
 *
 * Some mail programs still turn "begin 644 name" in a plain text into an attachment. A begin
 * counts when the line behind it is encoded data; the file goes on to the first line that is
 * none. Base64 in the same frame ("begin-base64") is read too; yEnc and BinHex are found, not
 * opened.
 *
 * Limits: one pass over the text.
 * Errors: none.
 * Standards: POSIX uuencode.
 */

#include "mail/mail-decode.h"

typedef struct {
    SkBytes name;  /* raw, as in the text */
    SkBytes lines; /* the encoded data */
    size_t end;    /* where the text goes on */
    bool base64;
    bool complete; /* the frame was closed */
} SkMailUuencode;

/* The first file at or after FROM. */
bool sk_mail_uuencode_find(SkBytes text, size_t from, SkMailUuencode *ret);
/* Appends the file's content. */
SkMailDecoded sk_mail_uuencode_decode(const SkMailUuencode *file, SkBuffer *out);

/* Whether a line begins with TEXT. */
bool sk_mail_uuencode_has_line(SkBytes bytes, const char *text);
