/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-type.h"

#include <glib.h>

#include "mail/mail-charset.h"

typedef struct {
    SkBytes text;
    size_t at;
    bool pairs; /* 8-bit text that is no UTF-8 */
    unsigned odd;
} Cursor;

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_end(const Cursor *c)
{
    return c->at >= c->text.len;
}

static uint8_t
peek(const Cursor *c)
{
    return sk_bytes_u8(c->text, c->at);
}

/* Behind the ")" of the comment that starts here. */
static void
skip_comment(Cursor *c)
{
    unsigned depth = 0;

    for (; !is_end(c); c->at++) {
        uint8_t b = peek(c);

        if (b == '\\') {
            c->at++;
        } else if (b == '(') {
            if (depth++ > 0)
                c->odd |= SK_MAIL_TYPE_COMMENT;
        } else if (b == '"' || b == ';') {
            c->odd |= SK_MAIL_TYPE_COMMENT;
        } else if (b == ')' && --depth == 0) {
            c->at++;
            return;
        }
    }
    c->odd |= SK_MAIL_TYPE_OPEN;
}

static void
skip_blanks(Cursor *c)
{
    while (!is_end(c)) {
        if (peek(c) == '(')
            skip_comment(c);
        else if (is_space(peek(c)))
            c->at++;
        else
            return;
    }
}

/* To the next ";", or the end; comments on the way are skipped, other text is junk. */
static void
skip_to_semicolon(Cursor *c)
{
    for (skip_blanks(c); !is_end(c) && peek(c) != ';'; skip_blanks(c)) {
        c->odd |= SK_MAIL_TYPE_JUNK;
        c->at++;
    }
}

static SkBytes
trim_right(SkBytes text)
{
    size_t len = text.len;

    while (len > 0 && is_space(text.data[len - 1]))
        len--;
    return sk_bytes_slice(text, 0, len);
}

/* Up to one of STOPS, blanks at its end removed. */
static SkBytes
take_until(Cursor *c, const char *stops)
{
    size_t start = c->at;

    while (!is_end(c) && (peek(c) == '\0' || strchr(stops, peek(c)) == NULL))
        c->at++;
    return trim_right(sk_bytes_slice(c->text, start, c->at - start));
}

/* A backslash is an escape only where one is needed: "C:\dir\file" is sent as it is. */
static bool
is_escape(SkBytes text, size_t at)
{
    uint8_t next = sk_bytes_u8(text, at + 1);

    return sk_bytes_u8(text, at) == '\\' && (next == '"' || next == '\\');
}

/* What is between the quotes; the cursor stands on the first. */
static SkBytes
take_quoted(Cursor *c)
{
    size_t start = ++c->at, end;

    while (!is_end(c) && peek(c) != '"') {
        size_t opaque = sk_mail_charset_opaque(c->text, c->at, c->pairs);

        c->at += opaque > 0 ? opaque : is_escape(c->text, c->at) ? 2 : 1;
    }
    end = MIN(c->at, c->text.len);
    if (is_end(c))
        c->odd |= SK_MAIL_TYPE_OPEN;
    c->at++;
    return sk_bytes_slice(c->text, start, end - start);
}

/* Splits "filename*1*" into name, section and whether it is extended (RFC 2231 3 and 4). */
static void
split_name(SkMailParam *param, SkBytes name)
{
    size_t at = 0, digits;
    int section = 0;

    if (name.len > 1 && name.data[name.len - 1] == '*') {
        param->extended = true;
        name = sk_bytes_slice(name, 0, name.len - 1);
    }
    param->name = name;
    param->section = -1;
    while (at < name.len && name.data[at] != '*')
        at++;
    digits = at + 1;
    while (g_ascii_isdigit(sk_bytes_u8(name, digits)) && section < SK_MAIL_PARAMS)
        section = section * 10 + (name.data[digits++] - '0');
    if (digits == at + 1 || digits != name.len || section >= SK_MAIL_PARAMS)
        return;
    param->name = sk_bytes_slice(name, 0, at);
    param->section = section;
}

static bool
is_same_name(SkBytes a, SkBytes b)
{
    return a.len == b.len &&
           g_ascii_strncasecmp((const char *)a.data, (const char *)b.data, a.len) == 0;
}

/* Whether a parameter of this name and place was there before, with another value. */
static bool
is_contradiction(const SkMailType *type, const SkMailParam *param)
{
    for (unsigned i = 0; i < type->n_params; i++) {
        const SkMailParam *old = &type->params[i];

        if (old->section != param->section || !is_same_name(old->name, param->name))
            continue;
        if (param->section < 0 && old->extended != param->extended)
            continue;
        if (!(old->value.len == param->value.len &&
              sk_bytes_at(old->value, 0, param->value.data, param->value.len)))
            return true;
    }
    return false;
}

static void
keep_param(SkMailType *type, const SkMailParam *param)
{
    if (type->n_params == SK_MAIL_PARAMS) {
        type->odd |= SK_MAIL_TYPE_MANY;
        return;
    }
    if (is_contradiction(type, param))
        type->odd |= SK_MAIL_TYPE_DUPLICATE;
    type->params[type->n_params++] = *param;
}

/* One "name=value"; the cursor ends on ";" or at the end. */
static void
parse_param(SkMailType *type, Cursor *c)
{
    SkMailParam param = {0};
    SkBytes name = take_until(c, "=;(");

    skip_blanks(c);
    if (peek(c) != '=') {
        /* "; format" without a value: harmless, but text behind it is not. */
        skip_to_semicolon(c);
        return;
    }
    c->at++;
    skip_blanks(c);
    split_name(&param, name);
    param.pairs = c->pairs;
    param.quoted = peek(c) == '"';
    param.value = param.quoted ? take_quoted(c) : take_until(c, ";");
    skip_to_semicolon(c);
    if (name.len > 0)
        keep_param(type, &param);
}

static void
set_word(SkMailType *type, SkBytes word)
{
    size_t n = 0;

    if (word.len >= SK_MAIL_WORD_MAX)
        type->odd |= SK_MAIL_TYPE_MANY | SK_MAIL_TYPE_INVALID;
    for (; n < word.len && n < SK_MAIL_WORD_MAX - 1; n++) {
        if (word.data[n] <= ' ' || word.data[n] >= 0x7f)
            type->odd |= SK_MAIL_TYPE_INVALID;
        type->word[n] = g_ascii_tolower((char)word.data[n]);
    }
    type->word[n] = '\0';
    if (n == 0 || (type->odd & SK_MAIL_TYPE_INVALID) != 0) {
        type->word[0] = '\0';
        type->odd |= SK_MAIL_TYPE_INVALID;
    }
}

static void
parse(SkMailType *type, SkBytes value)
{
    Cursor c = {.text = value, .pairs = !sk_mail_charset_is_utf8(value)};

    type->n_params = 0;
    type->odd = 0;
    skip_blanks(&c);
    set_word(type, take_until(&c, ";( \t\r\n"));
    skip_to_semicolon(&c);
    while (!is_end(&c)) {
        c.at++;
        skip_blanks(&c);
        if (!is_end(&c) && peek(&c) != ';')
            parse_param(type, &c);
    }
    type->odd |= c.odd;
}

void
sk_mail_type_parse(SkMailType *type, SkBytes value)
{
    const char *slash;

    parse(type, value);
    slash = strchr(type->word, '/');
    if (slash != NULL && slash > type->word && slash[1] != '\0' &&
        strchr(slash + 1, '/') == NULL)
        return;
    type->odd |= SK_MAIL_TYPE_INVALID;
    type->word[0] = '\0';
}

void
sk_mail_disposition_parse(SkMailType *type, SkBytes value)
{
    parse(type, value);
}

const SkMailParam *
sk_mail_type_peek(const SkMailType *type, const char *name)
{
    for (unsigned i = 0; i < type->n_params; i++) {
        const SkMailParam *param = &type->params[i];

        if (param->section < 0 && !param->extended && sk_bytes_equal_nocase(param->name, name))
            return param;
    }
    return NULL;
}

bool
sk_mail_param_unquote(const SkMailParam *param, SkBuffer *out)
{
    SkBytes value = param->value;
    size_t n;

    for (size_t i = 0; i < value.len; i += n) {
        n = MAX(sk_mail_charset_opaque(value, i, param->pairs), 1U);
        if (n == 1 && (value.data[i] == '\r' || value.data[i] == '\n'))
            continue;
        if (n == 1 && param->quoted && is_escape(value, i))
            i++;
        if (!sk_buffer_append(out, value.data + i, n))
            return false;
    }
    return true;
}

bool
sk_mail_type_get(const SkMailType *type, const char *name, char *out, size_t size)
{
    const SkMailParam *param = sk_mail_type_peek(type, name);
    g_auto(SkBuffer) text = {0};

    out[0] = '\0';
    sk_buffer_init(&text, size - 1);
    if (param == NULL || !sk_mail_param_unquote(param, &text) ||
        memchr(text.len > 0 ? text.data : (const uint8_t *)"", '\0', text.len) != NULL)
        return false;
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

bool
sk_mail_type_get_lower(const SkMailType *type, const char *name, char *out, size_t size)
{
    bool there = sk_mail_type_get(type, name, out, size);

    for (char *p = out; *p != '\0'; p++)
        *p = g_ascii_tolower(*p);
    return there;
}
