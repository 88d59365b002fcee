/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-charset - bytes and the charset they claim to be in, to UTF-8
 *
 * Reads what mail programs send under a label rather than what the label means: ISO-2022-JP
 * with the characters of Windows (CP50221), Shift_JIS as windows-31j, EUC-JP as eucJP-ms,
 * GB2312 as GB18030, ISO-8859-1 as windows-1252; and guesses where there is no label or an
 * untrue one. ICU's converters only: iconv refuses ①㈱髙, corrupts half-width kana, and loads
 * files.
 *
 * Limits: that of OUT, at a character.
 * Errors: none: bytes that the charset does not have become U+FFFD.
 * Security: label and bytes are hostile; a label never becomes a file name.
 * Standards: RFC 1468, RFC 1554, RFC 2781 4.3; Encoding Standard 4.2 for labels.
 */

#include "base/buffer.h"
#include "base/bytes.h"

typedef enum {
    SK_MAIL_CHARSET_OK,
    SK_MAIL_CHARSET_GUESSED, /* no label; what the bytes probably are */
    SK_MAIL_CHARSET_UNTRUE,  /* bytes that this charset does not have */
    SK_MAIL_CHARSET_UNKNOWN, /* nobody knows this label; guessed */
    SK_MAIL_CHARSET_FULL,    /* OUT is full: the end is missing */
} SkMailCharset;

/* Appends BYTES as UTF-8. LABEL NULL or "": none. */
SkMailCharset sk_mail_charset_decode(const char *label, SkBytes bytes, SkBuffer *out);
/* Whether text under this label can be read. No label is known. */
bool sk_mail_charset_is_known(const char *label);
/* Strictly valid UTF-8 (RFC 3629). */
bool sk_mail_charset_is_utf8(SkBytes bytes);
/* Length of raw Japanese text at AT in which quotes, backslashes and brackets are halves of
 * characters: a pair of Shift_JIS (only looked for with PAIRS: the text is no UTF-8), or all
 * between the escapes of ISO-2022-JP. 0: none. */
size_t sk_mail_charset_opaque(SkBytes text, size_t at, bool pairs);
/* Opens each converter once, for sk_mail_prime(). */
void sk_mail_charset_prime(void);
