/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-decode.h"

#include <glib.h>

#include <unicode/ucnv.h>

#include "base/limit.h"
#include "base/text.h"

/* One byte of CP932 is at most one UTF-16 unit. */
#define UNITS SK_LIMIT_NAME

static void
close_converter(UConverter **converter)
{
    ucnv_close(*converter);
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
    if (U_FAILURE(status))
        return NULL;
    return g_utf16_to_utf8(units, n, NULL, NULL, NULL);
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

char *
sk_attach_decode_name(SkBytes raw)
{
    size_t nul = sk_bytes_find(raw, "", 1, 0);
    char *name = NULL;

    raw = sk_bytes_slice(raw, 0, nul);
    if (raw.len > SK_LIMIT_NAME)
        raw = tail(raw);
    if (g_utf8_validate((const char *)raw.data, (gssize)raw.len, NULL))
        return g_strndup((const char *)raw.data, raw.len);
    name = from_cp932(raw);
    return name != NULL ? name : sk_text_safe(raw, SK_LIMIT_NAME * 4);
}

char *
sk_attach_decode_utf16(SkBytes raw)
{
    gunichar2 units[UNITS];
    size_t n = MIN(raw.len / 2, UNITS);

    for (size_t i = 0; i < n; i++)
        units[i] = sk_bytes_le16(raw, 2 * i);
    return g_utf16_to_utf8(units, (glong)n, NULL, NULL, NULL);
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
