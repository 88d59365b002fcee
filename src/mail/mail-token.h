/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-token - the words of a structured header field
 *
 * Skips blanks and comments, and keeps encoded words and raw Japanese whole, whose bytes may be
 * any of the characters that structure the field.
 *
 * Errors: none.
 * Standards: RFC 5322 3.2.
 */

#include "base/bytes.h"

typedef enum {
    SK_MAIL_TOKEN_END,
    SK_MAIL_TOKEN_WORD,    /* atoms and dots, as written */
    SK_MAIL_TOKEN_QUOTED,  /* what stands between the quotes, escapes still in it */
    SK_MAIL_TOKEN_LITERAL, /* "[192.0.2.1]" with its brackets */
    SK_MAIL_TOKEN_SPECIAL, /* one of <>@,;: and of what cannot stand alone */
} SkMailTokenKind;

typedef struct {
    SkMailTokenKind kind;
    SkBytes text;
    bool spaced; /* blanks or a comment before it */
} SkMailToken;

typedef struct {
    SkBytes value;
    size_t at;
    bool pairs;      /* 8-bit text that is no UTF-8 */
    bool open;       /* a quote, comment or literal did not end */
    SkBytes comment; /* what stands in the last comment that was passed; empty: none */
} SkMailTokens;

void sk_mail_token_init(SkMailTokens *tokens, SkBytes value);
SkMailToken sk_mail_token_next(SkMailTokens *tokens);
