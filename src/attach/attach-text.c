/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-text.h"

#include <glib.h>

/* How many control characters a text may have: one in this many. */
#define CONTROLS_ONE_IN 512

typedef struct {
    size_t controls;
    size_t high;
    bool nul;
} Census;

/* Tab, line ends, form feed, backspace, bell, ISO-2022's escape and shifts, DOS's end of file
 * are what texts have. */
static bool
is_control(uint8_t c)
{
    return c < 0x20 && (0x0c00ff80u >> c & 1) == 0;
}

static Census
count(SkBytes b)
{
    Census census = {0};

    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.data[i];

        if (c >= 0x80)
            census.high++;
        else if (is_control(c))
            census.controls++;
        census.nul |= c == 0;
    }
    return census;
}

/* UTF-8, of which the last character may be cut by the end of the sample. */
static bool
is_utf8(SkBytes b)
{
    const char *end = NULL;

    if (g_utf8_validate((const char *)b.data, (gssize)b.len, &end))
        return true;
    return (size_t)((const char *)b.data + b.len - end) < 4 &&
           g_utf8_get_char_validated(end, (const char *)b.data + b.len - end) == (gunichar)-2;
}

static bool
is_cp932(SkBytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.data[i], next = sk_bytes_u8(b, i + 1);

        if (c < 0x80 || (c >= 0xa1 && c <= 0xdf))
            continue;
        if (c == 0x80 || c == 0xa0 || c > 0xfc || next < 0x40 || next == 0x7f || next > 0xfc)
            return i + 1 == b.len;
        i++;
    }
    return true;
}

static bool
is_euc(SkBytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.data[i];

        if (c < 0x80)
            continue;
        if ((c < 0xa1 && c != 0x8e && c != 0x8f) || sk_bytes_u8(b, i + 1) < 0xa1)
            return i + 1 == b.len;
        i++;
    }
    return true;
}

static SkAttachTextKind
kind_of_8bit(SkBytes b)
{
    Census census = count(b);

    if (census.nul || census.controls > b.len / CONTROLS_ONE_IN)
        return SK_ATTACH_TEXT_NONE;
    if (census.high == 0 || is_utf8(b) || is_cp932(b) || is_euc(b))
        return SK_ATTACH_TEXT_8BIT;
    return census.high < b.len / 2 ? SK_ATTACH_TEXT_8BIT : SK_ATTACH_TEXT_NONE;
}

/* UTF-16 of mostly Western text without byte order mark: every other byte is zero. */
static SkAttachTextKind
kind_of_wide(SkBytes b)
{
    size_t zeros[2] = {0, 0}, pairs = b.len / 2;

    for (size_t i = 0; i < pairs * 2; i++)
        zeros[i & 1] += b.data[i] == 0;
    if (pairs < 4)
        return SK_ATTACH_TEXT_NONE;
    if (zeros[0] == 0 && zeros[1] >= pairs - pairs / 8)
        return SK_ATTACH_TEXT_UTF16LE;
    if (zeros[1] == 0 && zeros[0] >= pairs - pairs / 8)
        return SK_ATTACH_TEXT_UTF16BE;
    return SK_ATTACH_TEXT_NONE;
}

/* A byte order mark can be chance; no text has NUL characters behind it. */
static bool
has_wide_nul(SkBytes b)
{
    for (size_t i = 2; i + 1 < b.len && i < 512; i += 2) {
        if (b.data[i] == 0 && b.data[i + 1] == 0)
            return true;
    }
    return false;
}

SkAttachTextKind
sk_attach_text_kind(SkBytes bytes)
{
    SkBytes b = sk_bytes_slice(bytes, 0, SK_ATTACH_TEXT_LOOK);
    SkAttachTextKind kind;

    if (sk_bytes_is(b, 0, "\xff\xfe") && !has_wide_nul(b))
        return SK_ATTACH_TEXT_UTF16LE;
    if (sk_bytes_is(b, 0, "\xfe\xff") && !has_wide_nul(b))
        return SK_ATTACH_TEXT_UTF16BE;
    kind = kind_of_8bit(b);
    return kind != SK_ATTACH_TEXT_NONE ? kind : kind_of_wide(b);
}

static char
fold(uint16_t c)
{
    if (c >= 0x7f)
        return 0x7f;
    return c == 0 ? ' ' : g_ascii_tolower((char)c);
}

/* Length of the byte order mark. */
static size_t
mark_length(SkBytes b)
{
    if (sk_bytes_is(b, 0, "\xef\xbb\xbf"))
        return 3;
    return sk_bytes_is(b, 0, "\xff\xfe") || sk_bytes_is(b, 0, "\xfe\xff") ? 2 : 0;
}

size_t
sk_attach_text_fold(SkBytes b, SkAttachTextKind kind, char *out, size_t size)
{
    bool wide = kind == SK_ATTACH_TEXT_UTF16LE || kind == SK_ATTACH_TEXT_UTF16BE;
    size_t n = 0;

    for (size_t at = mark_length(b); at < b.len && n + 1 < size; at += wide ? 2 : 1) {
        uint16_t unit = b.data[at];

        if (wide)
            unit = kind == SK_ATTACH_TEXT_UTF16LE ? sk_bytes_le16(b, at) : sk_bytes_be16(b, at);
        if (n > 0 || fold(unit) > ' ')
            out[n++] = fold(unit);
    }
    out[n] = '\0';
    return n;
}
