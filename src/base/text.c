/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>

/* U+061C, U+200E..200F, U+202A..202E, U+2066..2069: they change the order in which text is
 * shown. U+2028 and U+2029 end lines. */
static bool
is_unsafe(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static size_t
append_one(GString *out, const char *p, size_t left)
{
    gunichar c = g_utf8_get_char_validated(p, (gssize)left);

    if (c == (gunichar)-1 || c == (gunichar)-2 || c == 0) {
        g_string_append_printf(out, "\\x%02x", (uint8_t)*p);
        return 1;
    }
    if (c < 0x80 && is_unsafe(c))
        g_string_append_printf(out, "\\x%02x", c);
    else if (is_unsafe(c))
        g_string_append_printf(out, "\\u{%04x}", c);
    else
        g_string_append_unichar(out, c);
    return (size_t)(g_utf8_next_char(p) - p);
}

/* Most texts are of these only; a look at each by itself would cost more than all the rest. */
static size_t
count_printable(const char *p, size_t max)
{
    size_t n = 0;

    while (n < max && p[n] >= 0x20 && p[n] < 0x7f)
        n++;
    return n;
}

char *
sk_text_safe(SkBytes foreign, size_t max)
{
    GString *out = g_string_sized_new(MIN(foreign.len, max) + 8);
    const char *p = (const char *)foreign.data;

    for (size_t at = 0; at < foreign.len;) {
        size_t n = count_printable(p + at, MIN(foreign.len - at, max - out->len));
        size_t before;

        g_string_append_len(out, p + at, (gssize)n);
        at += n;
        before = out->len;
        if (at < foreign.len)
            at += append_one(out, p + at, foreign.len - at);
        if (out->len > max) {
            g_string_truncate(out, before);
            g_string_append(out, "…");
            break;
        }
    }
    return g_string_free(out, FALSE);
}

char *
sk_text_ascii(const char *foreign, size_t max)
{
    GString *out = g_string_new(NULL);
    const char *text = foreign;

    while (*text != '\0' && out->len < max) {
        gunichar c = g_utf8_get_char_validated(text, -1);
        bool valid = c != (gunichar)-1 && c != (gunichar)-2;

        g_string_append_c(out, c >= 0x20 && c < 0x7f ? (char)c : '?');
        /* What is no UTF-8 may promise bytes that lie behind the end. */
        text = valid ? g_utf8_next_char(text) : text + 1;
    }
    return g_string_free(out, FALSE);
}

char *
sk_text_quote(const char *foreign)
{
    g_autofree char *safe = sk_text_safe(sk_bytes(foreign, strlen(foreign)), 4096);
    GString *out = g_string_new("\"");

    for (const char *p = safe; *p != '\0'; p++) {
        /* A backslash of our own escapes stays single: \x1b reads as it is meant. */
        if (*p == '"' || (*p == '\\' && p[1] != 'x' && p[1] != 'u'))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
    return g_string_free(out, FALSE);
}

char *
sk_text_hex(const uint8_t *data, size_t n)
{
    static const char DIGITS[] = "0123456789abcdef";
    char *out = g_malloc(2 * n + 1);

    for (size_t i = 0; i < n; i++) {
        out[2 * i] = DIGITS[data[i] >> 4];
        out[2 * i + 1] = DIGITS[data[i] & 15];
    }
    out[2 * n] = '\0';
    return out;
}

const char *
sk_text_domain_peek(const char *address)
{
    const char *at = strrchr(address, '@');

    return at != NULL && at[1] != '\0' ? at + 1 : NULL;
}

/* Reads digits only: strtoull alone would take blanks and signs. */
static bool
read_digits(const char *text, uint64_t *ret_value, const char **ret_rest)
{
    char *end = NULL;
    uint64_t value;

    if (!g_ascii_isdigit(*text))
        return false;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    *ret_value = value;
    *ret_rest = end;
    return true;
}

bool
sk_text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    uint64_t value;
    const char *rest;

    if (!read_digits(text, &value, &rest) || *rest != '\0' || value > INT64_MAX)
        return false;
    if ((int64_t)value < min || (int64_t)value > max)
        return false;
    *ret_value = (int64_t)value;
    return true;
}

static bool
scaled(const char *text, const char *units, const uint64_t *factors, uint64_t *ret_value)
{
    uint64_t value;
    const char *rest, *unit;

    if (!read_digits(text, &value, &rest) || *rest == '\0' || rest[1] != '\0')
        return false;
    unit = strchr(units, *rest);
    if (unit == NULL || value > INT64_MAX / factors[unit - units])
        return false;
    *ret_value = value * factors[unit - units];
    return true;
}

bool
sk_text_to_seconds(const char *text, int64_t *ret_seconds)
{
    static const uint64_t factors[] = {1, 60, 3600, 86400};
    uint64_t value;

    if (!scaled(text, "smhd", factors, &value))
        return false;
    *ret_seconds = (int64_t)value;
    return true;
}

bool
sk_text_to_size(const char *text, uint64_t *ret_bytes)
{
    static const uint64_t factors[] = {1ULL << 10, 1ULL << 20, 1ULL << 30};
    int64_t plain;

    if (sk_text_to_int(text, 0, INT64_MAX, &plain)) {
        *ret_bytes = (uint64_t)plain;
        return true;
    }
    return scaled(text, "kMG", factors, ret_bytes);
}
