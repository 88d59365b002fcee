/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * policy-lex - one line of a policy as tokens
 *
 * What a word means depends on where it stands: that is the parser's to say.
 *
 * Limits: those of the policy; a line has no limit of its own.
 * Errors: the first thing that is no token becomes a token that says what is wrong with it,
 * and the line ends there.
 */

#include <glib.h>

#include "base/bytes.h"

typedef enum {
    SK_TOKEN_END,    /* of the line, or of what comes before a comment */
    SK_TOKEN_WORD,   /* letters, digits, "-", "_", single dots */
    SK_TOKEN_STRING, /* in double quotes */
    SK_TOKEN_MARK,   /* ( ) , .. < <= = >= > */
    SK_TOKEN_BAD,
} SkTokenKind;

typedef struct {
    SkTokenKind kind;
    size_t at, len; /* bytes of the line */
    char *text; /* the word or mark; the string without quotes; BAD: what is wrong, English */
} SkToken;

/* The tokens of LINE, the last one END or BAD; of SkToken. Caller owns. */
GArray *sk_policy_lex(SkBytes line);
