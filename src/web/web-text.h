/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-text - what the pages say, in each language
 */

#include "web/web-language.h"

typedef enum {
#define SK_WEB_TEXT(name, ja, en) SK_WEB_TEXT_##name,
#include "web/web-text.def"
#undef SK_WEB_TEXT
    SK_N_WEB_TEXTS
} SkWebText;

/* Static. */
const char *sk_web_text(SkWebLanguage language, SkWebText text);
/* With ONE and TWO (may be NULL) in the places of {1} and {2}. Plain text, to be escaped like
 * any other. Caller owns. */
char *sk_web_text_fill(SkWebLanguage language,
                       SkWebText text,
                       const char *one,
                       const char *two);
