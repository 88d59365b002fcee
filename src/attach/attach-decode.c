/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-decode.h"

#include <glib.h>

#include <unicode/ucnv.h>
#include <unicode/ustring.h>

#include "base/limit.h"
#include "base/text.h"

/* One byte of CP932 is at most one UTF-16 unit. */
#define UNITS SK_LIMIT_NAME

static void
close_converter(UConverter **converter)
{
    ucnv_close(*converter);
}

/* U+FFFD for a surrogate without its other half, which no text may hold. */
static char *
from_units(const UChar *units, int32_t n)
{
    char out[3 * UNITS + 1];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;

    u_strToUTF8WithSub(out, sizeof out, &len, units, n, 0xfffd, NULL, &status);
    return g_strndup(out, U_SUCCESS(status) ? (size_t)len : 0);
}

/* UTF-8 of CP932, or NULL if RAW is not valid CP932. */
static char *
from_cp932(SkBytes raw)
{
    __attribute__((cleanup(close_converter))) UConverter *converter = NULL;
    UErrorCode status = U_ZERO_ERROR;
    UChar units[UNITS];
    int32_t n;

    converter = ucnv_open("windows-31j", &status);
    if (U_FAILURE(status))
        return NULL;
    ucnv_setToUCallBack(converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    n = ucnv_toUChars(converter, units, UNITS, (const char *)raw.data, (int32_t)raw.len,
                      &status);
    return U_SUCCESS(status) ? from_units(units, n) : NULL;
}

/* What is shown and run is decided by the end of a name. */
static SkBytes
tail(SkBytes raw)
{
    SkBytes end = sk_bytes_from(raw, raw.len - SK_LIMIT_NAME);

    while (end.len > 0 && (end.data[0] & 0xc0) == 0x80)
        end = sk_bytes_from(end, 1);
    return end;
}

/* Folders the one way. */
static char *
with_slashes(char *text)
{
    return g_strdelimit(text, "\\", '/');
}

char *
sk_attach_decode_name(SkBytes raw)
{
    size_t nul = sk_bytes_find(raw, "", 1, 0);
    char *name = NULL;

    raw = sk_bytes_slice(raw, 0, nul);
    if (raw.len > SK_LIMIT_NAME)
        raw = tail(raw);
    if (g_utf8_validate((const char *)raw.data, (gssize)raw.len, NULL))
        return with_slashes(g_strndup((const char *)raw.data, raw.len));
    name = from_cp932(raw);
    /* The backslashes of escapes stay. */
    return name != NULL ? with_slashes(name) : sk_text_safe(raw, SK_LIMIT_NAME * 4);
}

char *
sk_attach_decode_utf16le(SkBytes raw)
{
    UChar units[UNITS];
    size_t n = raw.len / 2;
    size_t from = n > UNITS ? n - UNITS : 0;

    for (size_t i = from; i < n; i++)
        units[i - from] = sk_bytes_le16(raw, 2 * i);
    return with_slashes(from_units(units, (int32_t)(n - from)));
}

char *
sk_attach_decode_quoted(SkBytes raw)
{
    g_autofree char *name = NULL;

    if (raw.len == 0)
        return g_strdup("");
    name = sk_attach_decode_name(raw);
    return g_strdup_printf(": \"%s\"", name);
}

const char *
sk_attach_decode_base_peek(const char *name)
{
    const char *base = name;

    for (const char *p = name; *p != '\0'; p++) {
        if ((*p == '/' || *p == '\\') && p[1] != '\0')
            base = p + 1;
    }
    return base;
}
