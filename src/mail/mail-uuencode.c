/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-uuencode.h"

static size_t
next_line(SkBytes text, size_t at)
{
    size_t lf = sk_bytes_find(text, "\n", 1, at);

    return lf == SK_BYTES_NONE ? text.len : lf + 1;
}

/* The line at AT without its end. */
static SkBytes
line_at(SkBytes text, size_t at)
{
    SkBytes line = sk_bytes_slice(text, at, next_line(text, at) - at);

    while (line.len > 0 && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
        line.len--;
    return line;
}

static bool
is_line(SkBytes line, const char *word)
{
    return line.len == strlen(word) && sk_bytes_at(line, 0, word, line.len);
}

/* Characters that a line needs behind its first one, which counts the bytes. */
static size_t
digits_needed(SkBytes line)
{
    return ((line.data[0] - 0x20U) & 63U) == 0 ? 0
                                               : (((line.data[0] - 0x20U) & 63U) + 2) / 3 * 4;
}

/* Whether the line is encoded data. Blanks at its end may have been lost on the way, and some
 * encoders add a check character or two. */
static bool
is_data(SkBytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] < 0x20 || line.data[i] > 0x60)
            return false;
    return line.len > 0 && line.len <= digits_needed(line) + 3;
}

/* The first line of data must be whole, but for blanks lost from its last group: prose behind a
 * "begin" is not to count. */
static bool
is_first_data(SkBytes line)
{
    return is_line(line, "end") ||
           (is_data(line) && (line.len == 1 || line.len + 3 > digits_needed(line)));
}

static bool
is_base64_data(SkBytes line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!g_ascii_isalnum(line.data[i]) && strchr("+/=", line.data[i]) == NULL)
            return false;
    return line.len > 0;
}

/* What stands behind "begin 644 " or "begin-base64 644 "; empty when the line is neither. */
static SkBytes
read_begin(SkBytes line, bool *ret_base64)
{
    size_t at = 5, digits = 0;

    *ret_base64 = sk_bytes_is(line, at, "-base64");
    at += *ret_base64 ? 7 : 0;
    if (sk_bytes_u8(line, at) != ' ')
        return sk_bytes_slice(line, 0, 0);
    while (sk_bytes_u8(line, at) == ' ')
        at++;
    for (; sk_bytes_u8(line, at) >= '0' && sk_bytes_u8(line, at) <= '7'; at++)
        digits++;
    if (digits < 3 || digits > 6 || sk_bytes_u8(line, at) != ' ')
        return sk_bytes_slice(line, 0, 0);
    while (sk_bytes_u8(line, at) == ' ')
        at++;
    return sk_bytes_from(line, at);
}

/* Runs over the lines of data from AT on. */
static void
take_lines(SkBytes text, size_t at, SkMailUuencode *ret)
{
    size_t start = at;
    SkBytes line = line_at(text, at);

    while (at < text.len && !is_line(line, ret->base64 ? "====" : "end") &&
           (ret->base64 ? is_base64_data(line) : is_data(line))) {
        at = next_line(text, at);
        line = line_at(text, at);
    }
    /* An empty line is how a lost blank before "end" looks: zero bytes. */
    if (at < text.len && line.len == 0 && !ret->base64) {
        at = next_line(text, at);
        line = line_at(text, at);
    }
    ret->lines = sk_bytes_slice(text, start, at - start);
    ret->complete = at < text.len && is_line(line, ret->base64 ? "====" : "end");
    ret->end = ret->complete ? next_line(text, at) : at;
}

bool
sk_mail_uuencode_find(SkBytes text, size_t from, SkMailUuencode *ret)
{
    for (size_t at = sk_bytes_find(text, "begin", 5, from); at != SK_BYTES_NONE;
         at = sk_bytes_find(text, "begin", 5, at + 5)) {
        size_t data;
        SkBytes first;

        if (at > 0 && text.data[at - 1] != '\n')
            continue;
        ret->name = read_begin(line_at(text, at), &ret->base64);
        data = next_line(text, at);
        first = line_at(text, data);
        if (ret->name.len == 0 || !(ret->base64 ? is_base64_data(first) : is_first_data(first)))
            continue;
        take_lines(text, data, ret);
        return true;
    }
    return false;
}

static uint8_t
digit(SkBytes line, size_t at)
{
    return at < line.len ? (line.data[at] - 0x20) & 63 : 0;
}

/* A line that counts more bytes than its digits can hold is cut to them: it is damaged, and
 * must not make much of little. */
static bool
decode_line(SkBytes line, SkBuffer *out)
{
    size_t counted = (line.data[0] - 0x20U) & 63U, held = (line.len - 1 + 3) / 4 * 3;
    size_t left = MIN(counted, held);

    for (size_t at = 1; left > 0; at += 4) {
        uint8_t a = digit(line, at), b = digit(line, at + 1), c = digit(line, at + 2);
        const uint8_t bytes[3] = {(uint8_t)(a << 2 | b >> 4), (uint8_t)(b << 4 | c >> 2),
                                  (uint8_t)(c << 6 | digit(line, at + 3))};
        size_t n = MIN(left, 3U);

        (void)sk_buffer_append(out, bytes, n);
        left -= n;
    }
    return counted <= held;
}

static bool
decode_lines(SkBytes lines, SkBuffer *out)
{
    bool good = true;

    for (size_t at = 0; at < lines.len && !out->full; at = next_line(lines, at)) {
        SkBytes line = line_at(lines, at);

        good &= line.len == 0 || decode_line(line, out);
    }
    return good;
}

SkMailDecoded
sk_mail_uuencode_decode(const SkMailUuencode *file, SkBuffer *out)
{
    bool good = file->complete;

    if (file->base64)
        good &= sk_mail_decode_base64(file->lines, out) == SK_MAIL_DECODED;
    else
        good &= decode_lines(file->lines, out);
    if (out->full)
        return SK_MAIL_DECODED_FULL;
    return good ? SK_MAIL_DECODED : SK_MAIL_DECODED_DAMAGED;
}

bool
sk_mail_uuencode_has_line(SkBytes bytes, const char *text)
{
    size_t n = strlen(text), at = sk_bytes_find(bytes, text, n, 0);

    while (at != SK_BYTES_NONE && at > 0 && bytes.data[at - 1] != '\n')
        at = sk_bytes_find(bytes, text, n, at + n);
    return at != SK_BYTES_NONE;
}
