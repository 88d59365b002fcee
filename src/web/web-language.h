/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * web-language - which of our languages a reader wants
 *
 * Limits: SK_WEB_LANGUAGES ranges of a field are read.
 * Standards: RFC 9110 12.5.4, RFC 4647 3.3.1.
 */

#include <stdbool.h>

#include "base/bytes.h"

#define SK_WEB_LANGUAGES 50

typedef enum {
    SK_WEB_JA,
    SK_WEB_EN,
    SK_N_WEB_LANGUAGES
} SkWebLanguage;

/* "ja", "en". Static. */
const char *sk_web_language_name(SkWebLanguage language);
/* NAME may be NULL, which is none. */
bool sk_web_language_parse(const char *name, SkWebLanguage *ret_language);
/* The language of ours that an Accept-Language field likes best; false: none, or none more than
 * the other. */
bool sk_web_language_accept(SkBytes field, SkWebLanguage *ret_language);
