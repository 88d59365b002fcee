/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-type - Content-Type and Content-Disposition: one word and its parameters
 *
 * Reads what mail programs really write (blanks in unquoted values, missing quotes, comments)
 * and says where they will not agree on it. Ranges borrow from the value that was parsed. What
 * a parameter's text is, in which charset, is left to mail-name.
 *
 * Limits: SK_MAIL_PARAMS parameters, SK_MAIL_WORD_MAX bytes of a type; beyond them MANY is set.
 * Errors: none.
 * Security: the value is hostile; nothing is allocated.
 * Standards: RFC 2045 5.1, RFC 2183, RFC 2231 3, RFC 5322 3.2.2.
 */

#include "base/buffer.h"
#include "base/bytes.h"

/* A file name of SK_LIMIT_NAME bytes in RFC 2231 pieces needs about 60. */
#define SK_MAIL_PARAMS   128
#define SK_MAIL_WORD_MAX 128

typedef struct {
    SkBytes name;  /* "filename" of "filename*1*" */
    SkBytes value; /* without its quotes; escapes and folding are still in it */
    int section;   /* RFC 2231 3; -1: in one piece */
    bool extended; /* RFC 2231 4: percent-encoded */
    bool quoted;
    bool pairs; /* raw Shift_JIS, where the second byte of a character may be a backslash */
} SkMailParam;

typedef enum {
    SK_MAIL_TYPE_INVALID = 1 << 0,   /* no "type/subtype"; "" or not a word */
    SK_MAIL_TYPE_DUPLICATE = 1 << 1, /* a parameter twice, with two values */
    SK_MAIL_TYPE_COMMENT = 1 << 2,   /* comments in comments, or with quotes or ; in them */
    SK_MAIL_TYPE_OPEN = 1 << 3,      /* a quote or comment that does not end */
    SK_MAIL_TYPE_JUNK = 1 << 4,      /* text between a value and the next ; */
    SK_MAIL_TYPE_MANY = 1 << 5,      /* more parameters, or a longer word, than is read */
} SkMailTypeOddity;

typedef struct {
    char word[SK_MAIL_WORD_MAX]; /* lower case: "text/plain", "attachment"; "" when there is
                                    none */
    SkMailParam params[SK_MAIL_PARAMS];
    unsigned n_params;
    unsigned odd; /* of SkMailTypeOddity */
} SkMailType;

/* Parses the value of a Content-Type field. */
void sk_mail_type_parse(SkMailType *type, SkBytes value);
/* Parses the value of a Content-Disposition field: one word without a slash. */
void sk_mail_disposition_parse(SkMailType *type, SkBytes value);

/* The first unextended, unsplit parameter of this name; borrowed, or NULL. */
const SkMailParam *sk_mail_type_peek(const SkMailType *type, const char *name);
/* Its text, escapes and folding undone, in OUT (SIZE bytes, ended by NUL). False and "" when
 * there is none, when it does not fit or has a NUL in it. */
bool sk_mail_type_get(const SkMailType *type, const char *name, char *out, size_t size);
/* The same, in lower case. */
bool sk_mail_type_get_lower(const SkMailType *type, const char *name, char *out, size_t size);
/* Appends a parameter's value to OUT, escapes and folding undone. */
bool sk_mail_param_unquote(const SkMailParam *param, SkBuffer *out);
