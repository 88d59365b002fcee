/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-language.h"

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SkWebLanguage language = SK_N_WEB_LANGUAGES;

    if (sk_web_language_accept(sk_bytes(data, size), &language))
        g_assert_cmpint(language, <, SK_N_WEB_LANGUAGES);
    return 0;
}
