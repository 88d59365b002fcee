/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-leaf - one leaf of a message, and the files hidden in it
 *
 * Undoes the transfer encoding, shows the leaf to the visitor, and opens what is no MIME: TNEF,
 * uuencoded files in text. Belongs to mail-walk, which finds the leaves.
 *
 * Limits: the budget's parts; bytes only for what was decoded out of something decoded: the
 * encodings of the message itself are bounded by its size.
 * Errors: none; trouble is told to the visitor.
 * Security: bytes are hostile. Content is decoded once and freed when the visitor returns.
 */

#include "base/buffer.h"
#include "mail/mail-head.h"
#include "mail/mail-walk.h"

/* SK_LIMIT_MIME_DEPTH numbers of up to four digits, and a caller's prefix. */
#define SK_MAIL_PATH_MAX 512

typedef struct {
    SkBudget *budget;
    const SkMailVisitor *visitor;
    bool over; /* a limit ended the walk, and was told */
} SkMailWalk;

/* Where a leaf stands. */
typedef struct {
    const char *path;
    const char *protocol; /* or NULL */
    uint32_t level;
    const SkMailSource *source;
    bool decoded; /* its bytes came of decoding something: more decoding counts */
} SkMailPlace;

void sk_mail_leaf_tell(SkMailWalk *walk,
                       SkMailTrouble what,
                       const char *path,
                       const char *detail);
/* Takes one part from the budget; false: the walk is over, as was told. */
bool sk_mail_leaf_enter(SkMailWalk *walk, const char *path, uint32_t level);
/* The path of the N-th part under PATH, in OUT of SK_MAIL_PATH_MAX bytes. */
void sk_mail_leaf_path(char *out, const char *path, unsigned n);

/* BODY without its transfer encoding: itself, or what was decoded into OUT, which is the
 * caller's to clear. */
SkBytes sk_mail_leaf_decode(SkMailWalk *walk,
                            SkBytes body,
                            const SkMailHead *head,
                            const SkMailPlace *place,
                            SkBuffer *out);
void sk_mail_leaf_show(SkMailWalk *walk,
                       SkBytes body,
                       const SkMailHead *head,
                       const SkMailPlace *place);
