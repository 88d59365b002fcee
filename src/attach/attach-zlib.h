/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zlib - a DEFLATE stream outside of archives, unpacked whole
 *
 * Limits: the budget; its packed bytes against what comes of them.
 * Errors: false: damaged, or the budget is spent (budget->spent says so). What was unpacked
 * before stays in the buffer.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

typedef enum {
    SK_INFLATE_RAW = -15,
    SK_INFLATE_ZLIB = 15,
} SkInflateWrapper;

bool sk_inflate(SkBytes packed, SkInflateWrapper wrapper, SkBudget *budget, SkBuffer *out);
