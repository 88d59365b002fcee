/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice-words - findings in the words of those who never read findings.def
 */

#include "verdict/finding.h"

/* Static. */
const char *sk_notice_words_ja(SkFindingId id);
const char *sk_notice_words_en(SkFindingId id);
/* Whether people should know: not that a mail has an attachment, or that something was in
 * order. */
bool sk_notice_words_matter(SkFindingId id);
