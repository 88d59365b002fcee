/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-cut - which ranges of a message go, and what stands there instead
 *
 * Plain data: whoever opens hostile bytes finds the places, whoever has the message carries it
 * out. All else stays, byte for byte.
 *
 * Limits: SK_CUT_TEXT bytes of new text, SK_CUT_MAX cuts.
 * Errors: none; false for what is over the limits or makes no sense.
 */

#include <glib.h>

#include "base/buffer.h"
#include "base/limit.h"

#define SK_CUT_TEXT (1 * SK_MIB)
/* A message's content fields are a cut each. */
#define SK_CUT_MAX 20000

/* LEN bytes at AT go; a range of the cuts' text stands there instead. */
typedef struct {
    uint64_t at;
    uint64_t len;
    uint64_t text_at;
    uint64_t text_len;
} SkMailCut;

typedef struct {
    SkBuffer list; /* of SkMailCut, in order, none over another */
    SkBuffer text;
} SkMailCuts;

/* Allocates nothing. */
void sk_mail_cuts_init(SkMailCuts *cuts);
void sk_mail_cuts_clear(SkMailCuts *cuts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkMailCuts, sk_mail_cuts_clear)

/* Adds one whose text is what was appended to cuts->text from TEXT_AT on. False: too many, or
 * one that begins before the end of the last. */
bool sk_mail_cuts_add(SkMailCuts *cuts, uint64_t at, uint64_t len, size_t text_at);
size_t sk_mail_cuts_count(const SkMailCuts *cuts);

/* Gives what becomes of BYTES piece by piece. False: a cut lies outside of BYTES, or PUT said
 * so. */
bool sk_mail_cuts_apply(const SkMailCuts *cuts,
                        SkBytes bytes,
                        bool (*put)(SkBytes piece, void *data),
                        void *data);
/* A cut, borrowed, and its text. */
const SkMailCut *sk_mail_cuts_peek(const SkMailCuts *cuts, size_t i, SkBytes *ret_text);
