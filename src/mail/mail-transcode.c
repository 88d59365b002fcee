/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-transcode.h"

#include <glib.h>

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ucnv_err.h>
#include <unicode/utf8.h>

#define CHUNK 1024

G_DEFINE_AUTOPTR_CLEANUP_FUNC(UConverter, ucnv_close)

/* Notes that something is replaced. ICU's own replacement is a control character for some. */
static void
on_unmapped(const void *context,
            UConverterToUnicodeArgs *args,
            const char *bytes,
            int32_t len,
            UConverterCallbackReason reason,
            UErrorCode *status)
{
    static const UChar REPLACEMENT = 0xfffd;
    bool *lossy = (bool *)context;

    if (reason > UCNV_IRREGULAR)
        return;
    *lossy = true;
    *status = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &REPLACEMENT, 1, 0, status);
}

/* Removes a character that is not all there from the end. */
static void
trim_cut(SkBuffer *out)
{
    size_t lead = out->len;

    while (lead > 0 && U8_IS_TRAIL(out->data[lead - 1]))
        lead--;
    if (lead > 0 && out->len - lead < U8_COUNT_TRAIL_BYTES(out->data[lead - 1]))
        out->len = lead - 1;
}

/* Appends UTF-8, and as many whole characters of it as fit when not all of it does. A chunk of
 * ICU's may begin and end inside a character. */
static bool
append_utf8(SkBuffer *out, const char *text, size_t n)
{
    size_t room = out->limit - out->len;

    if (n <= room)
        return sk_buffer_append(out, text, n);
    (void)sk_buffer_append(out, text, room);
    trim_cut(out);
    out->full = true;
    return false;
}

static SkTranscode
run(UConverter *from, UConverter *to, SkBytes bytes, SkBuffer *out)
{
    const char *source = (const char *)bytes.data, *end = source + bytes.len;
    UChar pivot[CHUNK], *pivot_in = pivot, *pivot_out = pivot;
    UErrorCode status = U_BUFFER_OVERFLOW_ERROR;
    bool first = true;

    while (status == U_BUFFER_OVERFLOW_ERROR) {
        char chunk[CHUNK], *target = chunk;

        status = U_ZERO_ERROR;
        ucnv_convertEx(to, from, &target, chunk + sizeof chunk, &source, end, pivot, &pivot_in,
                       &pivot_out, pivot + CHUNK, first, true, &status);
        first = false;
        if (!append_utf8(out, chunk, (size_t)(target - chunk)))
            return SK_TRANSCODE_FULL;
    }
    return U_SUCCESS(status) ? SK_TRANSCODE_OK : SK_TRANSCODE_LOSSY;
}

SkTranscode
sk_transcode(const char *converter, SkBytes bytes, SkBuffer *out)
{
    UErrorCode status = U_ZERO_ERROR;
    g_autoptr(UConverter) from = ucnv_open(converter, &status);
    g_autoptr(UConverter) to = ucnv_open("UTF-8", &status);
    bool lossy = false;
    SkTranscode result;

    if (U_SUCCESS(status))
        ucnv_setToUCallBack(from, on_unmapped, &lossy, NULL, NULL, &status);
    if (U_FAILURE(status))
        return append_utf8(out, "\xef\xbf\xbd", 3) ? SK_TRANSCODE_LOSSY : SK_TRANSCODE_FULL;
    if (bytes.len == 0)
        return SK_TRANSCODE_OK;
    result = run(from, to, bytes, out);
    return result == SK_TRANSCODE_OK && lossy ? SK_TRANSCODE_LOSSY : result;
}
