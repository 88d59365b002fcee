/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-header - the fields of a header section, in order, each with its original bytes
 *
 * Nothing is an error and nothing is dropped: a line that is no field is kept as a field
 * without a name, and what is odd about it is flagged. All ranges borrow from the bytes that
 * were read. What values mean is left to mail-type, mail-word and mail-address.
 *
 * Limits: SK_LIMIT_HEADER bytes and SK_LIMIT_HEADER_FIELDS fields; beyond them `cut` is set.
 * Errors: none.
 * Security: bytes are hostile. One array is allocated, nothing for each field.
 * Standards: RFC 5322 2.2, 3.6, 4.1; RFC 6532 3.2.
 */

#include "base/buffer.h"
#include "base/bytes.h"

typedef enum {
    SK_MAIL_ODD_NO_COLON = 1 << 0,    /* no field at all; its name is empty */
    SK_MAIL_ODD_BLANK_COLON = 1 << 1, /* blanks between name and colon (RFC 5322 4.5) */
    SK_MAIL_ODD_NAME = 1 << 2,        /* a name with blanks, controls or 8-bit bytes in it */
    SK_MAIL_ODD_NUL = 1 << 3,
    SK_MAIL_ODD_8BIT = 1 << 4,
    SK_MAIL_ODD_LONG = 1 << 5,      /* a line above 998 bytes */
    SK_MAIL_ODD_BARE_CR = 1 << 6,   /* some programs end a line there */
    SK_MAIL_ODD_MBOX_FROM = 1 << 7, /* the first line is "From " of an mbox file */
    SK_MAIL_ODD_BLANK_FOLD =
        1 << 8,                  /* a continuation of blanks only: some end the header there */
    SK_MAIL_ODD_ORPHAN = 1 << 9, /* the first line is a continuation, of nothing */
} SkMailOddity;

typedef struct {
    SkBytes raw;   /* all of it, with folding and the last line end */
    SkBytes name;  /* as written; empty: no field */
    SkBytes value; /* behind the colon, folding included, without the last line end */
    unsigned odd;  /* of SkMailOddity */
} SkMailField;

typedef struct {
    SkBuffer fields; /* of SkMailField */
    size_t end;      /* where the body begins: behind the empty line */
    unsigned odd;    /* of all fields together */
    bool cut;        /* a limit was met: fields are missing */
    bool complete;   /* an empty line ends it */
    bool mixed_ends; /* lines end in CRLF and in LF */
} SkMailHeader;

/* To be cleared by the caller; may be read into again and again, and keeps its memory. */
void sk_mail_header_init(SkMailHeader *header);
void sk_mail_header_clear(SkMailHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkMailHeader, sk_mail_header_clear)

/* Reads the section at the start of BYTES, which may go on with a body. */
void sk_mail_header_read(SkMailHeader *header, SkBytes bytes);
/* Where the header section ends and the body begins, without reading fields; the length of
 * BYTES when there is no empty line. */
size_t sk_mail_header_end(SkBytes bytes);

guint sk_mail_header_count(const SkMailHeader *header);
/* Borrowed, until the next read. */
const SkMailField *sk_mail_header_get(const SkMailHeader *header, guint i);
/* The N-th (from 0) field of this name, ASCII letters without case; or NULL. */
const SkMailField *sk_mail_header_peek(const SkMailHeader *header, const char *name, guint n);
/* How many fields have this name. */
guint sk_mail_header_count_name(const SkMailHeader *header, const char *name);

/* Appends VALUE with its folding undone and the blanks around it removed; false when OUT is
 * full. */
bool sk_mail_header_unfold(SkBytes value, SkBuffer *out);
