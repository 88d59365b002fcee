/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-token.h"

#include <glib.h>

#include "mail/mail-charset.h"
#include "mail/mail-word.h"

void
sk_mail_token_init(SkMailTokens *tokens, SkBytes value)
{
    *tokens = (SkMailTokens){
        .value = value, .pairs = !sk_mail_charset_is_utf8(value), .comment = {value.data, 0}};
}

static uint8_t
peek(const SkMailTokens *t)
{
    return sk_bytes_u8(t->value, t->at);
}

static bool
is_end(const SkMailTokens *t)
{
    return t->at >= t->value.len;
}

/* Passes one character of quoted text or comment, with its escape. */
static void
pass_char(SkMailTokens *t)
{
    size_t opaque = sk_mail_charset_opaque(t->value, t->at, t->pairs);

    if (opaque > 0)
        t->at += opaque;
    else
        t->at += peek(t) == '\\' ? 2 : 1;
}

static void
skip_comment(SkMailTokens *t)
{
    size_t start = t->at + 1, depth = 0;

    while (!is_end(t)) {
        if (peek(t) == '(')
            depth++;
        else if (peek(t) == ')' && --depth == 0)
            break;
        pass_char(t);
    }
    t->open |= is_end(t);
    t->at = MIN(t->at, t->value.len);
    t->comment = sk_bytes_slice(t->value, start, t->at > start ? t->at - start : 0);
    t->at++;
}

static bool
skip_blanks(SkMailTokens *t)
{
    size_t start = t->at;

    while (!is_end(t)) {
        if (peek(t) == '(')
            skip_comment(t);
        else if (g_ascii_isspace(peek(t)))
            t->at++;
        else
            break;
    }
    return t->at > start;
}

/* Up to CLOSE; the cursor stands on what opens. */
static SkBytes
take_closed(SkMailTokens *t, uint8_t close)
{
    size_t start = ++t->at, end;

    while (!is_end(t) && peek(t) != close)
        pass_char(t);
    t->open |= is_end(t);
    end = MIN(t->at, t->value.len);
    t->at = end + 1;
    return sk_bytes_slice(t->value, start, end - start);
}

static bool
is_special(uint8_t c)
{
    return c != '\0' && strchr("<>@,;:()[]\\\"", c) != NULL;
}

static SkBytes
take_word(SkMailTokens *t)
{
    size_t start = t->at;

    while (!is_end(t) && !is_special(peek(t)) && !g_ascii_isspace(peek(t))) {
        size_t n = peek(t) == '=' ? sk_mail_word_length(t->value, t->at)
                                  : sk_mail_charset_opaque(t->value, t->at, t->pairs);

        t->at += MAX(n, 1U);
    }
    t->at = MIN(t->at, t->value.len);
    return sk_bytes_slice(t->value, start, t->at - start);
}

SkMailToken
sk_mail_token_next(SkMailTokens *t)
{
    SkMailToken token = {.spaced = skip_blanks(t), .text = sk_bytes_from(t->value, t->at)};
    size_t start = t->at;

    if (is_end(t))
        return token;
    if (peek(t) == '"') {
        token.kind = SK_MAIL_TOKEN_QUOTED;
        token.text = take_closed(t, '"');
    } else if (peek(t) == '[') {
        token.kind = SK_MAIL_TOKEN_LITERAL;
        (void)take_closed(t, ']');
        token.text = sk_bytes_slice(t->value, start, MIN(t->at, t->value.len) - start);
    } else if (is_special(peek(t))) {
        token.kind = SK_MAIL_TOKEN_SPECIAL;
        token.text = sk_bytes_slice(t->value, t->at++, 1);
    } else {
        token.kind = SK_MAIL_TOKEN_WORD;
        token.text = take_word(t);
    }
    return token;
}
