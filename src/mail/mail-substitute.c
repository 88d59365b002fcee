/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-substitute.h"

#include "base/limit.h"
#include "base/text.h"

/* Bytes of a foreign name that a notice shows. */
#define NAME_SHOWN 512
/* Bytes of base64 in a line, RFC 2045 6.8. */
#define LINE 76

static char *
format_size(uint64_t size)
{
    static const char *const units[] = {"kB", "MB", "GB"};
    double value = (double)size / 1000;
    unsigned unit = 0;

    if (size < 1000)
        return g_strdup_printf("%u B", (unsigned)size);
    for (; value >= 999.95 && unit + 1 < G_N_ELEMENTS(units); unit++)
        value /= 1000;
    return g_strdup_printf("%.1f %s", value, units[unit]);
}

/* Where a word stands in the notice that has a value, and which; the end if there is none. */
static size_t
next_word(SkBytes text, size_t from, const char *const *words, unsigned n, unsigned *ret_word)
{
    size_t first = text.len;

    for (unsigned i = 0; i < n; i++) {
        size_t at = sk_bytes_find(text, words[i], strlen(words[i]), from);

        if (at >= first)
            continue;
        first = at;
        *ret_word = i;
    }
    return first;
}

static bool
fill_in(const SkMailSubstitute *substitute, SkBuffer *out)
{
    static const char *const words[] = {"%NAME%", "%SIZE%", "%NUMBER%"};
    g_autofree char *name =
        sk_text_safe(sk_bytes(substitute->name, strlen(substitute->name)), NAME_SHOWN);
    g_autofree char *size = format_size(substitute->size);
    g_autofree char *number = g_strdup_printf("%u", substitute->number);
    const char *values[] = {name, size, number};
    SkBytes text = sk_bytes(substitute->notice, strlen(substitute->notice));
    unsigned word = 0;
    size_t at = 0, next;

    while ((next = next_word(text, at, words, G_N_ELEMENTS(words), &word)) < text.len) {
        (void)sk_buffer_append(out, text.data + at, next - at);
        (void)sk_buffer_append_text(out, values[word]);
        at = next + strlen(words[word]);
    }
    return sk_buffer_append(out, text.data + at, text.len - at) && !out->full;
}

/* Text in base64 has CRLF line ends, RFC 2049 4. */
static bool
to_canonical(SkBytes text, SkBuffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\r')
            continue;
        if (text.data[i] == '\n')
            (void)sk_buffer_append_text(out, "\r");
        (void)sk_buffer_append(out, &text.data[i], 1);
    }
    return !out->full;
}

static bool
encode(SkBytes text, const char *line_end, SkBuffer *out)
{
    g_autofree char *base64 = g_base64_encode(text.data, text.len);
    size_t len = strlen(base64);

    for (size_t at = 0; at < len; at += LINE) {
        if (at > 0)
            (void)sk_buffer_append_text(out, line_end);
        (void)sk_buffer_append(out, base64 + at, MIN(LINE, len - at));
    }
    return !out->full;
}

static bool
is_plain_name(const char *name)
{
    for (; *name != '\0'; name++) {
        if (!g_ascii_isalnum(*name) && strchr("-_. ", *name) == NULL)
            return false;
    }
    return true;
}

/* The file name as a parameter, RFC 2231 unless it is plain ASCII. */
static char *
name_parameter(const char *name, const char *eol)
{
    g_autofree char *escaped = NULL;

    if (name == NULL)
        return g_strdup("");
    if (is_plain_name(name))
        return g_strdup_printf("; filename=\"%s\"", name);
    escaped = g_uri_escape_string(name, NULL, FALSE);
    return g_strdup_printf(";%s filename*=utf-8''%s", eol, escaped);
}

static bool
write_fields(const SkMailSubstitute *substitute, SkBuffer *out)
{
    const char *eol = substitute->line_end;
    g_autofree char *name = name_parameter(substitute->notice_name, eol);
    g_autofree char *fields = g_strdup_printf(
        "Content-Type: text/plain; charset=utf-8%s"
        "Content-Transfer-Encoding: base64%s"
        "Content-Disposition: %s%s%s%s",
        eol, eol, substitute->attached ? "attachment" : "inline", name, eol, eol);

    return sk_buffer_append_text(out, fields);
}

bool
sk_mail_substitute_write(const SkMailSubstitute *substitute, SkBuffer *out)
{
    g_auto(SkBuffer) filled = {0}, text = {0};

    sk_buffer_init(&filled, out->limit);
    sk_buffer_init(&text, out->limit);
    return fill_in(substitute, &filled) && to_canonical(sk_buffer_bytes(&filled), &text) &&
           write_fields(substitute, out) &&
           encode(sk_buffer_bytes(&text), substitute->line_end, out);
}
