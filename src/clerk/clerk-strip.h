/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-strip - a held message without the parts that its decision takes away
 *
 * Errors: those of process-edit and of the original; RET_AT says where. DENIED: it cannot be
 * done to this message, and why.
 */

#include "base/settings.h"
#include "clerk/clerk-original.h"
#include "ledger/passage.h"

/* A memfd, the caller's; -1: an error. */
int sk_clerk_strip(const SkSettings *settings,
                   SkClerkOriginal *original,
                   const SkPassage *passage,
                   const SkHeldCopy *copy,
                   SkClerkNeed *ret_at,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
