/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-name.h"

#include <glib.h>

#include "base/limit.h"
#include "mail/mail-word.h"

/* Bytes of a name before it is cleaned, in UTF-8: any of which may be its extension. */
#define RAW_MAX (3 * SK_LIMIT_HEADER)

typedef struct {
    const SkMailType *type;
    const char *name;
    unsigned *odd;
} Wanted;

static void
note_charset(const Wanted *wanted, SkMailCharset result)
{
    if (result == SK_MAIL_CHARSET_UNKNOWN)
        *wanted->odd |= SK_MAIL_NAME_CHARSET;
}

static const SkMailParam *
find_piece(const Wanted *wanted, int section)
{
    for (unsigned i = 0; i < wanted->type->n_params; i++) {
        const SkMailParam *param = &wanted->type->params[i];

        if (param->section == section && sk_bytes_equal_nocase(param->name, wanted->name) &&
            (section >= 0 || param->extended))
            return param;
    }
    return NULL;
}

static unsigned
count_pieces(const Wanted *wanted)
{
    unsigned n = 0;

    for (unsigned i = 0; i < wanted->type->n_params; i++)
        n += wanted->type->params[i].section >= 0 &&
             sk_bytes_equal_nocase(wanted->type->params[i].name, wanted->name);
    return n;
}

static void
append_percent(SkBytes text, SkBuffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        int high = g_ascii_xdigit_value((char)sk_bytes_u8(text, i + 1));
        int low = g_ascii_xdigit_value((char)sk_bytes_u8(text, i + 2));

        if (c == '%' && high >= 0 && low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        (void)sk_buffer_append(out, &c, 1);
    }
}

/* Splits "charset'language'text"; without two quotes all of it is text. */
static SkBytes
take_label(SkBytes value, char *label, size_t size)
{
    size_t first = sk_bytes_find(value, "'", 1, 0);
    size_t second = first == SK_BYTES_NONE ? first : sk_bytes_find(value, "'", 1, first + 1);

    label[0] = '\0';
    if (second == SK_BYTES_NONE)
        return value;
    g_strlcpy(label, "?", size); /* too long to be a charset: no label either */
    if (first < size) {
        memcpy(label, value.data, first);
        label[first] = '\0';
    }
    return sk_bytes_from(value, second + 1);
}

static void
append_piece(const SkMailParam *param, SkBuffer *out)
{
    if (param->extended)
        append_percent(param->value, out);
    else
        (void)sk_mail_param_unquote(param, out);
}

static void
convert(const Wanted *wanted, bool labelled, const char *label, SkBytes raw, SkBuffer *out)
{
    note_charset(wanted, labelled ? sk_mail_charset_decode(label, raw, out)
                                  : sk_mail_word_decode(raw, out));
}

/* RFC 2231: in one extended piece, or in numbered ones. */
static bool
read_extended(const Wanted *wanted, SkBuffer *out)
{
    const SkMailParam *param = find_piece(wanted, -1);
    bool numbered = param == NULL;
    int section = find_piece(wanted, 0) != NULL ? 0 : 1;
    g_auto(SkBuffer) raw = {0};
    char label[64] = "";
    SkMailParam first;
    unsigned used = 0;

    sk_buffer_init(&raw, RAW_MAX);
    if (numbered)
        param = find_piece(wanted, section);
    if (param == NULL)
        return false;
    first = *param;
    if (first.extended)
        first.value = take_label(first.value, label, sizeof label);
    append_piece(&first, &raw);
    for (used = 1; numbered && (param = find_piece(wanted, ++section)) != NULL; used++)
        append_piece(param, &raw);
    if (numbered && used != count_pieces(wanted))
        *wanted->odd |= SK_MAIL_NAME_PIECES;
    convert(wanted, first.extended, label, sk_buffer_bytes(&raw), out);
    return true;
}

static bool
read_plain(const Wanted *wanted, SkBuffer *out)
{
    const SkMailParam *param = sk_mail_type_peek(wanted->type, wanted->name);
    g_auto(SkBuffer) raw = {0};

    sk_buffer_init(&raw, RAW_MAX);
    if (param == NULL)
        return false;
    (void)sk_mail_param_unquote(param, &raw);
    convert(wanted, false, NULL, sk_buffer_bytes(&raw), out);
    return true;
}

static bool
is_dropped(gunichar c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff;
}

/* In place: what is left is never longer. */
static void
drop_controls(SkBuffer *utf8)
{
    size_t kept = 0;

    for (size_t at = 0; at < utf8->len;) {
        const char *p = (const char *)utf8->data + at;
        size_t n = (size_t)(g_utf8_next_char(p) - p);

        if (!is_dropped(g_utf8_get_char(p))) {
            memmove(utf8->data + kept, p, n);
            kept += n;
        }
        at += n;
    }
    utf8->len = kept;
}

static bool
is_separator(uint8_t c)
{
    return c == '/' || c == '\\';
}

/* What stands behind the last separator that is not at the end, without blanks around it. */
static SkBytes
last_component(SkBytes path)
{
    size_t start, end = path.len;

    while (end > 0 && (path.data[end - 1] == ' ' || is_separator(path.data[end - 1])))
        end--;
    start = end;
    while (start > 0 && !is_separator(path.data[start - 1]))
        start--;
    while (start < end && path.data[start] == ' ')
        start++;
    return sk_bytes_slice(path, start, end - start);
}

static bool
is_inside_char(uint8_t c)
{
    return (c & 0xc0) == 0x80;
}

/* At most SK_LIMIT_NAME bytes: the beginning, "…", the end. */
static char *
shorten(SkBytes name)
{
    size_t head = SK_LIMIT_NAME / 2, tail = name.len - SK_LIMIT_NAME / 2 + 3;

    if (name.len <= SK_LIMIT_NAME)
        return g_strndup((const char *)name.data, name.len);
    while (is_inside_char(name.data[head]))
        head--;
    while (is_inside_char(name.data[tail]))
        tail++;
    return g_strdup_printf("%.*s…%.*s", (int)head, (const char *)name.data,
                           (int)(name.len - tail), (const char *)name.data + tail);
}

static char *
clean(SkBuffer *utf8)
{
    SkBytes name;

    drop_controls(utf8);
    name = last_component(sk_buffer_bytes(utf8));
    return name.len > 0 ? shorten(name) : NULL;
}

/* The parameter in one of its two forms, or NULL. */
static char *
read_form(const Wanted *wanted, bool (*form)(const Wanted *, SkBuffer *))
{
    g_auto(SkBuffer) text = {0};

    sk_buffer_init(&text, RAW_MAX);
    return form(wanted, &text) ? clean(&text) : NULL;
}

static const char *
extension(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL ? dot : "";
}

/* A second name beside the first. Another stem is usual: an ASCII version for old programs. */
static char *
merge(char *name, char *other, unsigned *odd)
{
    g_autofree char *owned = other;

    if (name == NULL)
        return g_steal_pointer(&owned);
    if (other != NULL && g_ascii_strcasecmp(extension(name), extension(other)) != 0)
        *odd |= SK_MAIL_NAME_DIFFERS;
    return name;
}

char *
sk_mail_name_clean(const char *charset, SkBytes raw)
{
    g_auto(SkBuffer) text = {0};

    sk_buffer_init(&text, RAW_MAX);
    (void)sk_mail_charset_decode(charset, raw, &text);
    return clean(&text);
}

bool
sk_mail_name_join(const SkMailType *type, const char *name, SkBuffer *out, unsigned *odd)
{
    Wanted wanted = {type, name, odd};

    return read_extended(&wanted, out) || read_plain(&wanted, out);
}

static char *
read_param(const SkMailType *type, const char *name, unsigned *odd)
{
    Wanted wanted = {type, name, odd};
    char *found = read_form(&wanted, read_extended);

    return merge(found, read_form(&wanted, read_plain), odd);
}

char *
sk_mail_name_read(const SkMailType *disposition, const SkMailType *type, unsigned *odd)
{
    char *name = NULL;

    if (disposition != NULL)
        name = read_param(disposition, "filename", odd);
    if (type != NULL)
        name = merge(name, read_param(type, "name", odd), odd);
    return name;
}
