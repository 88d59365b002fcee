/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-iso2022.h"

#include <glib.h>

#define ESC 0x1b
#define SO  0x0e
#define SI  0x0f

typedef enum {
    SET_ASCII,
    SET_KANA,
    SET_0208,
    SET_0212
} Set;

typedef struct {
    SkBuffer run; /* of CP932, or of EUC-JP when it holds JIS X 0212 */
    bool run_is_0212;
    Set set;
    bool shifted; /* behind SO: kana */
    SkTranscode result;
    SkBuffer *out;
} Decoder;

/* RFC 1468; the older and the newer sets count as the one that all programs read. */
static const struct {
    const char *escape; /* without the ESC */
    Set set;
} ESCAPES[] = {
    {"(B", SET_ASCII}, {"(J", SET_ASCII}, {"(H", SET_ASCII}, {"(I", SET_KANA},
    {"$@", SET_0208},  {"$B", SET_0208},  {"$(@", SET_0208}, {"$(B", SET_0208},
    {"$(O", SET_0208}, {"$(Q", SET_0208}, {"$(D", SET_0212},
};

static void
flush(Decoder *d)
{
    SkTranscode result;

    if (d->run.len == 0 || d->result == SK_TRANSCODE_FULL)
        return;
    result = sk_transcode(d->run_is_0212 ? SK_ICU_EUC_JP : SK_ICU_CP932,
                          sk_buffer_bytes(&d->run), d->out);
    d->run.len = 0;
    d->result = MAX(d->result, result);
}

static void
put(Decoder *d, bool is_0212, const uint8_t *bytes, size_t n)
{
    if (d->run_is_0212 != is_0212)
        flush(d);
    d->run_is_0212 = is_0212;
    if (!sk_buffer_append(&d->run, bytes, n))
        d->result = SK_TRANSCODE_FULL;
}

/* Row and cell of JIS X 0208 as CP932 writes them. */
static void
put_0208(Decoder *d, uint8_t row, uint8_t cell)
{
    uint8_t out[2];

    out[0] = (uint8_t)(((row + 1) >> 1) + (row <= 0x5e ? 0x70 : 0xb0));
    if ((row & 1) == 0)
        out[1] = (uint8_t)(cell + 0x7e);
    else
        out[1] = (uint8_t)(cell + (cell <= 0x5f ? 0x1f : 0x20));
    put(d, false, out, 2);
}

static void
put_0212(Decoder *d, uint8_t row, uint8_t cell)
{
    const uint8_t out[3] = {0x8f, row | 0x80, cell | 0x80};

    put(d, true, out, 3);
}

/* Length of the escape at AT, or 0. */
static size_t
take_escape(Decoder *d, SkBytes bytes, size_t at)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ESCAPES); i++) {
        size_t n = strlen(ESCAPES[i].escape);

        if (!sk_bytes_at(bytes, at + 1, ESCAPES[i].escape, n))
            continue;
        d->set = ESCAPES[i].set;
        return n + 1;
    }
    return 0;
}

/* A control; a line end leaves every set, whether the writer said so or not (RFC 1468). */
static size_t
take_control(Decoder *d, SkBytes bytes, size_t at)
{
    uint8_t c = bytes.data[at];
    size_t escape = c == ESC ? take_escape(d, bytes, at) : 0;

    if (escape > 0)
        return escape;
    if (c == SO || c == SI) {
        d->shifted = c == SO;
        return 1;
    }
    if (c == '\n' || c == '\r') {
        d->set = SET_ASCII;
        d->shifted = false;
    }
    put(d, false, &c, 1);
    return 1;
}

static bool
is_graphic(uint8_t c)
{
    return c > 0x20 && c < 0x7f;
}

static size_t
take_char(Decoder *d, SkBytes bytes, size_t at)
{
    uint8_t c = bytes.data[at], next = sk_bytes_u8(bytes, at + 1), kana = c | 0x80;

    if ((d->shifted || d->set == SET_KANA) && c > 0x20 && c <= 0x5f) {
        put(d, false, &kana, 1);
        return 1;
    }
    if (d->set < SET_0208 || !is_graphic(c) || !is_graphic(next)) {
        put(d, false, &c, 1); /* 8-bit kana and plain Shift_JIS are CP932 already */
        return 1;
    }
    if (d->set == SET_0208)
        put_0208(d, c, next);
    else
        put_0212(d, c, next);
    return 2;
}

/* ISO-2022-JP-2 (RFC 1554) has Chinese, Korean, Latin and Greek: those ICU knows. */
static bool
is_jp2(SkBytes bytes)
{
    return sk_bytes_find(bytes, "\x1b$A", 3, 0) != SK_BYTES_NONE ||
           sk_bytes_find(bytes, "\x1b$(C", 4, 0) != SK_BYTES_NONE ||
           sk_bytes_find(bytes, "\x1b.", 2, 0) != SK_BYTES_NONE;
}

SkTranscode
sk_mail_iso2022_decode(SkBytes bytes, SkBuffer *out)
{
    Decoder d = {.out = out, .result = SK_TRANSCODE_OK};

    if (is_jp2(bytes))
        return sk_transcode("ISO-2022-JP-2", bytes, out);
    /* Two bytes become two, or three in JIS X 0212. */
    sk_buffer_init(&d.run, bytes.len / 2 * 3 + 3);
    for (size_t at = 0; at < bytes.len && d.result != SK_TRANSCODE_FULL;)
        at += bytes.data[at] < 0x20 ? take_control(&d, bytes, at) : take_char(&d, bytes, at);
    flush(&d);
    sk_buffer_clear(&d.run);
    return d.result;
}
