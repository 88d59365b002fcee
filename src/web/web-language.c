/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-language.h"

#include <glib.h>

/* Of "*": both. */
#define ANY SK_N_WEB_LANGUAGES
/* Of a language that no range names. */
#define UNSAID (-1)

static const char *const names[SK_N_WEB_LANGUAGES] = {[SK_WEB_JA] = "ja", [SK_WEB_EN] = "en"};

const char *
sk_web_language_name(SkWebLanguage language)
{
    return names[language];
}

bool
sk_web_language_parse(const char *name, SkWebLanguage *ret_language)
{
    for (unsigned i = 0; name != NULL && i < SK_N_WEB_LANGUAGES; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret_language = (SkWebLanguage)i;
            return true;
        }
    }
    return false;
}

static SkBytes
trim(SkBytes text)
{
    while (text.len > 0 && g_ascii_isspace(text.data[0]))
        text = sk_bytes_from(text, 1);
    while (text.len > 0 && g_ascii_isspace(text.data[text.len - 1]))
        text.len--;
    return text;
}

/* What stands before the next SEPARATOR; REST is what stands behind it. */
static SkBytes
cut(SkBytes *rest, char separator)
{
    size_t end = sk_bytes_find(*rest, &separator, 1, 0);
    SkBytes first = sk_bytes_slice(*rest, 0, end);

    *rest = end != SK_BYTES_NONE ? sk_bytes_from(*rest, end + 1) : sk_bytes_slice(*rest, 0, 0);
    return first;
}

/* "0.85" in thousandths; what is no weight counts as none given. */
static int
read_weight(SkBytes text)
{
    int weight = 0, unit = 100;

    if (text.len == 0 || text.len > 5 || (text.data[0] != '0' && text.data[0] != '1') ||
        (text.len > 1 && text.data[1] != '.'))
        return 1000;
    weight = 1000 * (text.data[0] - '0');
    for (size_t i = 2; i < text.len; i++, unit /= 10) {
        if (!g_ascii_isdigit(text.data[i]))
            return 1000;
        weight += unit * (text.data[i] - '0');
    }
    return MIN(weight, 1000);
}

static int
find_weight(SkBytes parameters)
{
    while (parameters.len > 0) {
        SkBytes one = trim(cut(&parameters, ';'));

        if (sk_bytes_is(one, 0, "q=") || sk_bytes_is(one, 0, "Q="))
            return read_weight(sk_bytes_from(one, 2));
    }
    return 1000;
}

/* Of "ja-JP" the first subtag says it. False: a language we do not have. */
static bool
find_language(SkBytes range, unsigned *ret_language)
{
    SkBytes first = trim(cut(&range, '-'));

    if (sk_bytes_equal_nocase(first, "*")) {
        *ret_language = ANY;
        return true;
    }
    for (unsigned i = 0; i < SK_N_WEB_LANGUAGES; i++) {
        if (sk_bytes_equal_nocase(first, names[i])) {
            *ret_language = i;
            return true;
        }
    }
    return false;
}

bool
sk_web_language_accept(SkBytes field, SkWebLanguage *ret_language)
{
    int weights[SK_N_WEB_LANGUAGES + 1] = {UNSAID, UNSAID, UNSAID};
    int ja, en;

    for (unsigned n = 0; field.len > 0 && n < SK_WEB_LANGUAGES; n++) {
        SkBytes parameters = cut(&field, ',');
        SkBytes range = cut(&parameters, ';');
        unsigned language;

        if (find_language(range, &language))
            weights[language] = MAX(weights[language], find_weight(parameters));
    }
    ja = weights[SK_WEB_JA] != UNSAID ? weights[SK_WEB_JA] : weights[ANY];
    en = weights[SK_WEB_EN] != UNSAID ? weights[SK_WEB_EN] : weights[ANY];
    if (MAX(ja, en) <= 0 || ja == en)
        return false;
    *ret_language = ja > en ? SK_WEB_JA : SK_WEB_EN;
    return true;
}
