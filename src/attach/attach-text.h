/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-text - whether bytes are text, and text reduced to what its patterns are looked for in
 *
 * Leaves to attach-script what the text does.
 *
 * Limits: judges the first SK_ATTACH_TEXT_LOOK bytes.
 * Errors: none.
 */

#include "base/bytes.h"

#define SK_ATTACH_TEXT_LOOK 16384

typedef enum {
    SK_ATTACH_TEXT_NONE, /* not text */
    SK_ATTACH_TEXT_8BIT, /* ASCII, UTF-8, ISO-2022-JP, CP932, EUC, Latin … */
    SK_ATTACH_TEXT_UTF16LE,
    SK_ATTACH_TEXT_UTF16BE,
} SkAttachTextKind;

SkAttachTextKind sk_attach_text_kind(SkBytes bytes);

/* The beginning in lower-case ASCII, anything beyond ASCII as byte 0x7f, without byte order
 * mark and leading blanks, NUL at the end. Returns the length; at most SIZE - 1. */
size_t sk_attach_text_fold(SkBytes bytes, SkAttachTextKind kind, char *out, size_t size);
