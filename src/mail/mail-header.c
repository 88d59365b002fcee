/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-header.h"

#include "base/limit.h"

/* RFC 5322 2.1.1, without the line end. */
#define LINE_MAX_BYTES 998
/* What the first read allocates at once: enough for most mail. */
#define FIRST_FIELDS 48

void
sk_mail_header_init(SkMailHeader *header)
{
    *header = (SkMailHeader){0};
    sk_buffer_init(&header->fields, SK_LIMIT_HEADER_FIELDS * sizeof(SkMailField));
}

void
sk_mail_header_clear(SkMailHeader *header)
{
    sk_buffer_clear(&header->fields);
}

static bool
is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Behind the line that starts at AT. */
static size_t
next_line(SkBytes bytes, size_t at)
{
    SkBytes rest = sk_bytes_from(bytes, at);
    const uint8_t *lf = rest.len > 0 ? memchr(rest.data, '\n', rest.len) : NULL;

    return lf != NULL ? at + (size_t)(lf - rest.data) + 1 : bytes.len;
}

/* Length of the empty line at AT: 0 when there is none. */
static size_t
empty_line(SkBytes bytes, size_t at)
{
    if (sk_bytes_u8(bytes, at) == '\n')
        return 1;
    return sk_bytes_is(bytes, at, "\r\n") ? 2 : 0;
}

size_t
sk_mail_header_end(SkBytes bytes)
{
    size_t at = 0;

    while (at < bytes.len) {
        size_t empty = empty_line(bytes, at);

        if (empty > 0)
            return at + empty;
        at = next_line(bytes, at);
    }
    return bytes.len;
}

/* The line without its end; says which end it was. */
static SkBytes
strip_end(SkBytes line, bool *ret_crlf)
{
    size_t len = line.len;

    if (len > 0 && line.data[len - 1] == '\n')
        len--;
    *ret_crlf = len > 0 && len < line.len && line.data[len - 1] == '\r';
    return sk_bytes_slice(line, 0, *ret_crlf ? len - 1 : len);
}

static bool
is_8bit(SkBytes text)
{
    uint8_t all = 0;

    for (size_t i = 0; i < text.len; i++)
        all |= text.data[i];
    return all >= 0x80;
}

static bool
is_all_blank(SkBytes text)
{
    size_t i = 0;

    while (i < text.len && is_blank(text.data[i]))
        i++;
    return i == text.len;
}

/* What is odd about one line, and how lines end in this section. */
static unsigned
judge_line(SkBytes line, bool first, unsigned *ends)
{
    bool crlf;
    SkBytes text = strip_end(line, &crlf);
    unsigned odd = 0;

    if (text.len < line.len)
        *ends |= crlf ? 1 : 2;
    if (text.len == 0)
        return 0;
    if (text.len > LINE_MAX_BYTES)
        odd |= SK_MAIL_ODD_LONG;
    if (is_8bit(text))
        odd |= SK_MAIL_ODD_8BIT;
    if (memchr(text.data, '\r', text.len) != NULL)
        odd |= SK_MAIL_ODD_BARE_CR;
    if (memchr(text.data, '\0', text.len) != NULL)
        odd |= SK_MAIL_ODD_NUL;
    if (!first && is_all_blank(text))
        odd |= SK_MAIL_ODD_BLANK_FOLD;
    return odd;
}

/* The whole field at AT: its line and those that continue it. */
static SkBytes
take_lines(SkBytes bytes, size_t at, unsigned *odd, unsigned *ends)
{
    size_t start = at;

    do {
        size_t next = next_line(bytes, at);

        *odd |= judge_line(sk_bytes_slice(bytes, at, next - at), at == start, ends);
        at = next;
    } while (is_blank(sk_bytes_u8(bytes, at)));
    return sk_bytes_slice(bytes, start, at - start);
}

static unsigned
judge_name(SkBytes name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] <= ' ' || name.data[i] >= 0x7f)
            return SK_MAIL_ODD_NAME;
    return name.len == 0 ? SK_MAIL_ODD_NAME : 0;
}

static void
split_field(SkMailField *field)
{
    bool crlf;
    SkBytes text = strip_end(field->raw, &crlf);
    size_t first = MIN(next_line(text, 0), text.len);
    const uint8_t *colon = first > 0 ? memchr(text.data, ':', first) : NULL;
    size_t at = colon != NULL ? (size_t)(colon - text.data) : 0, len = at;

    while (len > 0 && is_blank(text.data[len - 1]))
        len--;
    if (colon == NULL || len == 0) {
        field->odd |= SK_MAIL_ODD_NO_COLON;
        field->value = text;
        return;
    }
    if (len < at)
        field->odd |= SK_MAIL_ODD_BLANK_COLON;
    field->name = sk_bytes_slice(text, 0, len);
    field->value = sk_bytes_from(text, at + 1);
    field->odd |= judge_name(field->name);
}

static void
parse_field(SkMailField *field, bool first)
{
    field->name = sk_bytes_slice(field->raw, 0, 0);
    if (first && sk_bytes_is(field->raw, 0, "From ")) {
        field->odd |= SK_MAIL_ODD_MBOX_FROM;
        field->value = field->raw;
    } else if (is_blank(sk_bytes_u8(field->raw, 0))) {
        field->odd |= SK_MAIL_ODD_ORPHAN | SK_MAIL_ODD_NO_COLON;
        field->value = field->raw;
    } else {
        split_field(field);
    }
}

static bool
keep_field(SkMailHeader *header, const SkMailField *field, size_t end)
{
    header->odd |= field->odd;
    header->cut |= end > SK_LIMIT_HEADER;
    header->cut = header->cut || !sk_buffer_append(&header->fields, field, sizeof *field);
    return !header->cut;
}

void
sk_mail_header_read(SkMailHeader *header, SkBytes bytes)
{
    unsigned ends = 0;
    size_t at = 0;

    sk_buffer_reset(&header->fields, header->fields.limit);
    (void)sk_buffer_reserve(&header->fields, FIRST_FIELDS * sizeof(SkMailField));
    header->odd = 0;
    header->cut = false;
    while (at < bytes.len && empty_line(bytes, at) == 0) {
        SkMailField field = {0};

        field.raw = take_lines(bytes, at, &field.odd, &ends);
        parse_field(&field, at == 0);
        at += field.raw.len;
        if (!keep_field(header, &field, at))
            break;
    }
    header->end = at + sk_mail_header_end(sk_bytes_from(bytes, at));
    header->complete = at < bytes.len;
    header->mixed_ends = ends == 3;
}

guint
sk_mail_header_count(const SkMailHeader *header)
{
    return (guint)(header->fields.len / sizeof(SkMailField));
}

const SkMailField *
sk_mail_header_get(const SkMailHeader *header, guint i)
{
    g_assert(i < sk_mail_header_count(header));
    return (const SkMailField *)(const void *)header->fields.data + i;
}

static bool
has_name(const SkMailField *field, const char *name, size_t len)
{
    return field->name.len == len && sk_bytes_equal_nocase(field->name, name);
}

const SkMailField *
sk_mail_header_peek(const SkMailHeader *header, const char *name, guint n)
{
    guint count = sk_mail_header_count(header);
    size_t len = strlen(name);

    for (guint i = 0; i < count; i++) {
        const SkMailField *field = sk_mail_header_get(header, i);

        if (has_name(field, name, len) && n-- == 0)
            return field;
    }
    return NULL;
}

guint
sk_mail_header_count_name(const SkMailHeader *header, const char *name)
{
    guint count = sk_mail_header_count(header), n = 0;
    size_t len = strlen(name);

    for (guint i = 0; i < count; i++)
        n += has_name(sk_mail_header_get(header, i), name, len);
    return n;
}

static bool
is_space(uint8_t c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}

bool
sk_mail_header_unfold(SkBytes value, SkBuffer *out)
{
    size_t from = 0, to = value.len;

    while (from < to && is_space(value.data[from]))
        from++;
    while (to > from && is_space(value.data[to - 1]))
        to--;
    value = sk_bytes_slice(value, from, to - from);
    for (size_t at = 0; at < value.len;) {
        size_t next = next_line(value, at);
        bool crlf;
        SkBytes line = strip_end(sk_bytes_slice(value, at, next - at), &crlf);

        if (!sk_buffer_append(out, line.data, line.len))
            return false;
        at = next;
    }
    return true;
}
