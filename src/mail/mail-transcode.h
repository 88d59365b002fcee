/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-transcode - one run of bytes through one of ICU's converters, into UTF-8
 *
 * A converter is opened for each use (0.2 us; nothing is cached, nothing is shared).
 *
 * Limits: that of OUT, at a character.
 * Errors: none: a converter that ICU does not have counts as one that has no character.
 */

#include "base/buffer.h"
#include "base/bytes.h"

/* windows-31j: Shift_JIS with ①㈱髙. "windows-31j" and "Shift_JIS" are aliases of it. */
#define SK_ICU_CP932 "ibm-943_P15A-2003"
/* EUC-JP with NEC's extensions and JIS X 0212 in three bytes; IBM's only through mail-eucjp. */
#define SK_ICU_EUC_JP "euc-jp-2007"
/* What programs mean by ISO-8859-1. */
#define SK_ICU_LATIN "windows-1252"

typedef enum {
    SK_TRANSCODE_OK,
    SK_TRANSCODE_LOSSY, /* something became U+FFFD */
    SK_TRANSCODE_FULL,
} SkTranscode;

SkTranscode sk_transcode(const char *converter, SkBytes bytes, SkBuffer *out);
