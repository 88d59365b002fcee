/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-lex.h"

#include <stdbool.h>

#include "base/text.h"

static void
token_clear(void *data)
{
    SkToken *token = data;

    g_free(token->text);
}

static bool
is_word_byte(uint8_t c)
{
    return g_ascii_isalnum((char)c) || c == '-' || c == '_';
}

/* A dot belongs to a word, two of them are a mark: 1m..10m. */
static size_t
word_end(SkBytes line, size_t at)
{
    while (is_word_byte(sk_bytes_u8(line, at)) ||
           (sk_bytes_u8(line, at) == '.' && sk_bytes_u8(line, at + 1) != '.'))
        at++;
    return at;
}

static SkToken
cut(SkBytes line, SkTokenKind kind, size_t at, size_t len)
{
    SkBytes slice = sk_bytes_slice(line, at, len);

    return (SkToken){kind, at, len, g_strndup((const char *)slice.data, slice.len)};
}

static SkToken
bad(size_t at, size_t len, char *what)
{
    return (SkToken){SK_TOKEN_BAD, at, len, what};
}

/* Bytes of the UTF-8 character at AT that may stand in a string; 0: there is none. */
static size_t
char_len(SkBytes line, size_t at)
{
    SkBytes rest = sk_bytes_from(line, at);
    gunichar c = g_utf8_get_char_validated((const char *)rest.data, (gssize)rest.len);

    if (c == (gunichar)-1 || c == (gunichar)-2 || g_unichar_iscntrl(c))
        return 0;
    return (size_t)g_unichar_to_utf8(c, NULL);
}

static SkToken
read_string(SkBytes line, size_t start)
{
    g_autoptr(GString) text = g_string_new(NULL);
    size_t at = start + 1;

    while (at < line.len && sk_bytes_u8(line, at) != '"') {
        size_t n;

        if (sk_bytes_u8(line, at) == '\\') {
            if (sk_bytes_u8(line, at + 1) != '"' && sk_bytes_u8(line, at + 1) != '\\')
                return bad(at, 1, g_strdup("in a string only \\\" and \\\\ are known"));
            at++;
        }
        n = char_len(line, at);
        if (n == 0)
            return bad(at, 1, g_strdup("in a string only printable UTF-8 may stand"));
        g_string_append_len(text, (const char *)line.data + at, (gssize)n);
        at += n;
    }
    if (at >= line.len)
        return bad(start, 1, g_strdup("a string without its closing \""));
    return (SkToken){SK_TOKEN_STRING, start, at + 1 - start, g_strdup(text->str)};
}

static SkToken
read_strange(SkBytes line, size_t at)
{
    size_t n = MAX(char_len(line, at), 1);
    g_autofree char *safe = sk_text_safe(sk_bytes_slice(line, at, n), 16);

    return bad(at, n, g_strdup_printf("unexpected character \"%s\"", safe));
}

static SkToken
read_token(SkBytes line, size_t at)
{
    static const char *const marks[] = {"..", "<=", ">=", "<", ">", "=", "(", ")", ","};

    if (g_ascii_isalnum((char)sk_bytes_u8(line, at)))
        return cut(line, SK_TOKEN_WORD, at, word_end(line, at) - at);
    if (sk_bytes_u8(line, at) == '"')
        return read_string(line, at);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (sk_bytes_at(line, at, marks[i], strlen(marks[i])))
            return cut(line, SK_TOKEN_MARK, at, strlen(marks[i]));
    }
    return read_strange(line, at);
}

/* Where the next token starts; the line's length, when a comment comes first. The carriage
 * return is for files that were edited on Windows. */
static size_t
skip_blanks(SkBytes line, size_t at)
{
    while (at < line.len && strchr(" \t\r", sk_bytes_u8(line, at)) != NULL &&
           sk_bytes_u8(line, at) != '\0')
        at++;
    return sk_bytes_u8(line, at) == '#' ? line.len : at;
}

GArray *
sk_policy_lex(SkBytes line)
{
    GArray *tokens = g_array_new(FALSE, FALSE, sizeof(SkToken));
    SkToken token = {SK_TOKEN_WORD, 0, 0, NULL};
    SkToken end = {SK_TOKEN_END, 0, 0, NULL};

    g_array_set_clear_func(tokens, token_clear);
    for (size_t at = skip_blanks(line, 0); at < line.len;
         at = skip_blanks(line, token.at + token.len)) {
        token = read_token(line, at);
        g_array_append_val(tokens, token);
        end.at = token.at + token.len;
        if (token.kind == SK_TOKEN_BAD)
            return tokens;
    }
    g_array_append_val(tokens, end);
    return tokens;
}
