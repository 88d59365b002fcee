/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-split - the parts of a multipart body, as ranges of it
 *
 * A delimiter is a line of "--", the boundary, perhaps "--", perhaps blanks (RFC 2046 5.1.1). A
 * delimiter behind the closing one starts a part again: some programs read on there, so what
 * they would show is shown here.
 *
 * Limits: none of its own: one pass over the body.
 * Errors: none; what programs will read in different ways is flagged.
 */

#include "base/bytes.h"

typedef struct {
    SkBytes body;
    SkBytes boundary; /* borrowed; never empty */
    size_t at;        /* where the next part begins; SK_BYTES_NONE: all were told */
    size_t preamble;  /* its length; that of the body when there was no delimiter */
    size_t epilogue;  /* where it begins; SK_BYTES_NONE: never closed */
    bool in_part;     /* the last delimiter was not a closing one */
    bool found;       /* there was a delimiter */
    bool closed;      /* there was a closing one */
    bool reopened;    /* a delimiter came behind the closing one */
    bool loose;       /* a line begins with the delimiter and goes on with other text */
    bool bare_cr;     /* a delimiter stands behind a bare CR: a line for some */
} SkMailSplit;

void sk_mail_split_init(SkMailSplit *split, SkBytes body, SkBytes boundary);
/* The next part, without the line end that belongs to the delimiter behind it. False: no more;
 * the flags are complete then. */
bool sk_mail_split_next(SkMailSplit *split, SkBytes *ret_part);

/* What stands behind "--" in the first line that begins so: a guess at a boundary nobody named.
 * Empty when there is none. */
SkBytes sk_mail_split_guess(SkBytes body);
