/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-word - header text with encoded words, to UTF-8
 *
 * Decodes as mail programs do, not as the standard would have it: words inside quoted strings
 * and tokens, words without blanks between, a character split over two words, blanks inside a
 * word, and raw 8-bit or ISO-2022-JP text around them.
 *
 * Limits: that of OUT, at a character.
 * Errors: none.
 * Security: the value is hostile.
 * Standards: RFC 2047, RFC 2231 5, RFC 6532.
 */

#include "mail/mail-charset.h"

/* Appends VALUE, whose folding may still be in it. Returns the worst that a charset met. */
SkMailCharset sk_mail_word_decode(SkBytes value, SkBuffer *out);
/* Length of the encoded word at AT, when it is one without blanks in it; else 0. */
size_t sk_mail_word_length(SkBytes value, size_t at);
