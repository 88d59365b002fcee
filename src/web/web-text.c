/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-text.h"

#include <glib.h>

static const char *const texts[SK_N_WEB_TEXTS][SK_N_WEB_LANGUAGES] = {
#define SK_WEB_TEXT(name, ja, en) [SK_WEB_TEXT_##name] = {[SK_WEB_JA] = ja, [SK_WEB_EN] = en},
#include "web/web-text.def"
#undef SK_WEB_TEXT
};

const char *
sk_web_text(SkWebLanguage language, SkWebText text)
{
    return texts[text][language];
}

char *
sk_web_text_fill(SkWebLanguage language, SkWebText text, const char *one, const char *two)
{
    const char *places[] = {one, two};
    GString *out = g_string_new(NULL);

    for (const char *p = texts[text][language]; *p != '\0'; p++) {
        if (p[0] == '{' && (p[1] == '1' || p[1] == '2') && p[2] == '}') {
            const char *value = places[p[1] - '1'];

            g_string_append(out, value != NULL ? value : "");
            p += 2;
        } else {
            g_string_append_c(out, *p);
        }
    }
    return g_string_free(out, FALSE);
}
