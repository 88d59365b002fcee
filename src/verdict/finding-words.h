/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * finding-words - findings in the words of the people they are told to
 */

#include "verdict/finding.h"

/* What ID says, as part of a list: in Japanese for "ja", else in English. Static. */
const char *sk_finding_words(SkFindingId id, const char *language);
