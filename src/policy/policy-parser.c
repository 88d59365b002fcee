/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-parser.h"

#include <string.h>

#include "base/text.h"
#include "policy/policy-names.h"

/* Beyond this a time is a slip of the finger, and due times could overflow. */
#define TIME_MAX (3650 * INT64_C(86400))

const SkToken *
sk_parser_peek(const SkParser *parser)
{
    return &g_array_index(parser->tokens, SkToken, parser->next);
}

const SkToken *
sk_parser_take(SkParser *parser)
{
    const SkToken *token = sk_parser_peek(parser);

    g_assert(token->kind != SK_TOKEN_END && token->kind != SK_TOKEN_BAD);
    parser->next++;
    parser->n_expected = 0;
    return token;
}

void
sk_parser_miss(SkParser *parser, const char *what)
{
    for (unsigned i = 0; i < parser->n_expected; i++) {
        if (strcmp(parser->expected[i], what) == 0)
            return;
    }
    g_assert(parser->n_expected < SK_PARSER_EXPECTED);
    parser->expected[parser->n_expected++] = what;
}

bool
sk_parser_accept(SkParser *parser, const char *word)
{
    const SkToken *token = sk_parser_peek(parser);

    if ((token->kind == SK_TOKEN_WORD || token->kind == SK_TOKEN_MARK) &&
        strcmp(token->text, word) == 0) {
        sk_parser_take(parser);
        return true;
    }
    sk_parser_miss(parser, word);
    return false;
}

const SkToken *
sk_parser_accept_string(SkParser *parser)
{
    if (sk_parser_peek(parser)->kind == SK_TOKEN_STRING)
        return sk_parser_take(parser);
    sk_parser_miss(parser, "a string");
    return NULL;
}

const SkToken *
sk_parser_accept_number(SkParser *parser, const char *what)
{
    const SkToken *token = sk_parser_peek(parser);

    if (token->kind == SK_TOKEN_WORD && g_ascii_isdigit(token->text[0]))
        return sk_parser_take(parser);
    sk_parser_miss(parser, what);
    return NULL;
}

/* Keywords and marks are quoted, "a string" and its like are not. */
static void
append_expected(GString *out, const char *what)
{
    if (strchr(what, ' ') != NULL)
        g_string_append(out, what);
    else
        g_string_append_printf(out, "\"%s\"", what);
}

static char *
describe(const SkToken *token)
{
    g_autofree char *quoted = NULL;

    if (token->kind == SK_TOKEN_END)
        return g_strdup("the end of the line");
    quoted = sk_text_quote(token->text);
    return g_strdup_printf("%s%s", token->kind == SK_TOKEN_STRING ? "the string " : "", quoted);
}

bool
sk_parser_fail(SkParser *parser)
{
    const SkToken *token = sk_parser_peek(parser);
    g_autoptr(GString) words = g_string_new(NULL);
    g_autofree char *found = NULL;

    if (token->kind == SK_TOKEN_BAD)
        return sk_parser_fail_at(parser, token, "%s", token->text);
    for (unsigned i = 0; i < parser->n_expected; i++) {
        if (i > 0)
            g_string_append(words, i + 1 < parser->n_expected ? ", " : " or ");
        append_expected(words, parser->expected[i]);
    }
    found = describe(token);
    return sk_parser_fail_at(parser, token, "expected %s, not %s", words->str, found);
}

bool
sk_parser_fail_at(SkParser *parser, const SkToken *token, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    sk_complaints_add(parser->complaints, SK_COMPLAINT_ERROR, token->at, "%s", message);
    return false;
}

bool
sk_parser_expect(SkParser *parser, const char *word)
{
    return sk_parser_accept(parser, word) || sk_parser_fail(parser);
}

const SkToken *
sk_parser_expect_string(SkParser *parser)
{
    const SkToken *token = sk_parser_accept_string(parser);

    if (token == NULL)
        sk_parser_fail(parser);
    else if (token->text[0] == '\0')
        return sk_parser_fail_at(parser, token, "the string is empty"), NULL;
    return token;
}

bool
sk_parser_expect_time(SkParser *parser, int64_t *ret_seconds)
{
    const SkToken *token = sk_parser_accept_number(parser, "a time");
    int64_t seconds;

    if (token == NULL)
        return sk_parser_fail(parser);
    if (!sk_text_to_seconds(token->text, &seconds) || seconds < 1 || seconds > TIME_MAX)
        return sk_parser_fail_at(parser, token,
                                 "a time is a number of s, m, h or d up to 3650d, not \"%s\"",
                                 token->text);
    *ret_seconds = seconds;
    return true;
}

bool
sk_parser_expect_count(SkParser *parser, uint64_t max, uint64_t *ret_value)
{
    const SkToken *token = sk_parser_accept_number(parser, "a number");
    int64_t value;

    if (token == NULL)
        return sk_parser_fail(parser);
    if (!sk_text_to_int(token->text, 0, (int64_t)max, &value))
        return sk_parser_fail_at(parser, token, "expected a number up to %lu, not \"%s\"",
                                 (unsigned long)max, token->text);
    *ret_value = (uint64_t)value;
    return true;
}

/* A word of the language is no misspelt finding: it stands in the wrong place. */
static bool
is_keyword(const char *word)
{
    static const char *const words[] = {
        "observe",    "inbound",  "outbound", "internal",
        "forward",    "any",      "when",     "or",
        "and",        "not",      "verified", "from",
        "to",         "size",     "external", "list",
        "recipients", "then",     "reject",   "defer",
        "deliver",    "hold",     "for",      "within",
        "confirm",    "approval", "review",   "by",
        "password",   "decrypt",  "strip",    "bcc",
        "link",       "body",     "level",    "mark",
        "sign",       "encrypt",  "notify",   "waive",
        "until",      "of",       "admin",    "external-domains",
        "recipient",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

bool
sk_parser_expect_finding(SkParser *parser, SkIdSet *ret_ids)
{
    const SkToken *token = sk_parser_peek(parser);
    g_autofree char *near = NULL;

    if (token->kind == SK_TOKEN_WORD && sk_policy_names_find(token->text, ret_ids)) {
        sk_parser_take(parser);
        return true;
    }
    sk_parser_miss(parser, "a finding");
    if (token->kind != SK_TOKEN_WORD || is_keyword(token->text) ||
        g_ascii_isdigit(token->text[0]))
        return sk_parser_fail(parser);
    near = sk_policy_names_suggest(token->text);
    if (near == NULL)
        return sk_parser_fail_at(parser, token, "unknown finding \"%s\"", token->text);
    return sk_parser_fail_at(parser, token, "unknown finding \"%s\"; did you mean \"%s\"?",
                             token->text, near);
}
