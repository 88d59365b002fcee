/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-label.h"

#include <glib.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "base/limit.h"
#include "base/text.h"

/* The charsets here shrink to no less than a third when they come from UTF-8, and grow from
 * two bytes to three at most: so many units hold every name that is not cut. */
#define MAX_UNITS SK_LIMIT_NAME

static char *
utf8_of_units(const UChar *units, int32_t n)
{
    char out[3 * MAX_UNITS + 1];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;

    /* U+FFFD for a surrogate without its other half, which no text may hold. */
    u_strToUTF8WithSub(out, sizeof out, &len, units, n, 0xfffd, NULL, &status);
    return U_SUCCESS(status) ? g_strndup(out, (size_t)len) : NULL;
}

/* NULL when the bytes are not CP932. */
static char *
decode_cp932(SkBytes raw)
{
    UChar units[MAX_UNITS + 1];
    UErrorCode status = U_ZERO_ERROR;
    UConverter *cnv = ucnv_open("windows-31j", &status);
    int32_t n = 0;

    if (U_FAILURE(status))
        return NULL;
    ucnv_setToUCallBack(cnv, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    n = ucnv_toUChars(cnv, units, G_N_ELEMENTS(units), (const char *)raw.data, (int32_t)raw.len,
                      &status);
    ucnv_close(cnv);
    return U_SUCCESS(status) ? utf8_of_units(units, n) : NULL;
}

/* TEXT, owned, with folders the one way. */
static char *
with_slashes(char *text)
{
    return g_strdelimit(text, "\\", '/');
}

char *
sk_attach_label_new(SkBytes raw)
{
    size_t len = strnlen((const char *)raw.data, raw.len);
    char *text;

    raw = sk_bytes_slice(raw, len > SK_LIMIT_NAME ? len - SK_LIMIT_NAME : 0,
                         MIN(len, (size_t)SK_LIMIT_NAME));
    if (g_utf8_validate((const char *)raw.data, (gssize)raw.len, NULL))
        return with_slashes(g_strndup((const char *)raw.data, raw.len));
    text = decode_cp932(raw);
    return text != NULL ? with_slashes(text) : sk_text_safe(raw, 4 * SK_LIMIT_NAME);
}

char *
sk_attach_label_new_utf16le(SkBytes raw)
{
    UChar units[MAX_UNITS];
    size_t n = raw.len / 2;
    size_t from = n > MAX_UNITS ? n - MAX_UNITS : 0;
    char *text;

    for (size_t i = from; i < n; i++)
        units[i - from] = sk_bytes_le16(raw, 2 * i);
    text = utf8_of_units(units, (int32_t)(n - from));
    return text != NULL ? with_slashes(text) : g_strdup("?");
}
