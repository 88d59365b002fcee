/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-inflate - zlib streams inside documents, unpacked within the budget
 *
 * Limits: the budget's bytes, ratio and time. Errors: false for damaged data and for a budget
 * that ran out; what was unpacked before that is kept.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

/* OUT is initialised by the callee. */
bool sk_attach_inflate(SkBudget *budget, SkBytes packed, SkBuffer *out);
