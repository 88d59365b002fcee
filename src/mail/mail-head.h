/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-head - what the header of a part says about its content
 *
 * The fields of a part that decide how its bytes are read, put together as most programs do.
 * What programs do not agree on is told apart, by mail-ambiguity.
 *
 * Limits: values longer than their room here count as not there; ambiguity says so.
 * Errors: none.
 * Standards: RFC 2045 5 and 6, RFC 2046, RFC 2183, RFC 2231.
 */

#include <glib.h>

#include "mail/mail-header.h"
#include "mail/mail-name.h"
#include "mail/mail-type.h"

/* RFC 2046 5.1.1 allows 70; programs take more. */
#define SK_MAIL_BOUNDARY_MAX 512

typedef enum {
    SK_MAIL_ENCODING_NONE, /* 7bit, 8bit, binary, or nothing said */
    SK_MAIL_ENCODING_BASE64,
    SK_MAIL_ENCODING_QUOTED,
    SK_MAIL_ENCODING_UUENCODE,
    SK_MAIL_ENCODING_UNKNOWN,
} SkMailEncoding;

/* Which of several fields of one name, or of several boundaries, counts. */
typedef enum {
    SK_MAIL_HEAD_FIRST = 0,
    SK_MAIL_HEAD_LAST_TYPE = 1 << 0,
    SK_MAIL_HEAD_LAST_ENCODING = 1 << 1,
    SK_MAIL_HEAD_LAST_BOUNDARY = 1 << 2,
    SK_MAIL_HEAD_CHOICES = 1 << 3, /* how many sets of them there are */
} SkMailHeadChoice;

typedef struct {
    char type[SK_MAIL_WORD_MAX];         /* lower case; never empty */
    char boundary[SK_MAIL_BOUNDARY_MAX]; /* as written; "": none */
    char charset[64];                    /* lower case; "": none */
    char protocol[SK_MAIL_WORD_MAX];     /* lower case; "": none */
    char smime_type[64];                 /* lower case; "": none */
    char *name;                          /* UTF-8; NULL: none */
    unsigned name_odd;                   /* of SkMailNameOddity */
    unsigned odd;                        /* of SkMailTypeOddity, of the fields together */
    bool boundary_odd;                   /* in pieces, percent-encoded, or with bare blanks */
    bool attachment;                     /* Content-Disposition: attachment */
    SkMailEncoding encoding;
} SkMailHead;

/* Reads HEADER; FALLBACK is the type of a part that names none. To be cleared. */
void sk_mail_head_read(SkMailHead *head,
                       const SkMailHeader *header,
                       unsigned choice,
                       const char *fallback);
void sk_mail_head_clear(SkMailHead *head);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkMailHead, sk_mail_head_clear)

/* Whether there are several fields of this name with different values. */
bool sk_mail_head_differs(const SkMailHeader *header, const char *name);
/* The choices that lead to different readings of HEADER; a set of SkMailHeadChoice bits. */
unsigned sk_mail_head_choices(const SkMailHeader *header);
/* What a Content-Transfer-Encoding field says; ODD gets bits of SkMailTypeOddity. */
SkMailEncoding sk_mail_head_encoding(SkBytes value, unsigned *odd);
