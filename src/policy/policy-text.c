/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-text.h"

#include <stdbool.h>
#include <string.h>

static void
append_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

/* 010M and 10M are one number. A finding or keyword never starts with a digit, a date is not
 * part of the normalised text. */
static const char *
skip_zeros(const char *word)
{
    while (word[0] == '0' && g_ascii_isdigit(word[1]))
        word++;
    return word;
}

static void
append_token(GString *out, const SkToken *token)
{
    if (token->kind == SK_TOKEN_STRING)
        append_string(out, token->text);
    else if (token->kind == SK_TOKEN_WORD)
        g_string_append(out, skip_zeros(token->text));
    else
        g_string_append(out, token->text);
}

static bool
is_mark(const SkToken *token, const char *mark)
{
    return token->kind == SK_TOKEN_MARK && strcmp(token->text, mark) == 0;
}

static bool
is_apart(const SkToken *a, const SkToken *b)
{
    return !is_mark(a, "(") && !is_mark(b, ")") && !is_mark(b, ",") && !is_mark(a, "..") &&
           !is_mark(b, "..");
}

char *
sk_policy_text_join(const GArray *tokens, guint from, guint to)
{
    GString *out = g_string_new(NULL);

    for (guint i = from; i < to; i++) {
        const SkToken *token = &g_array_index(tokens, SkToken, i);

        if (i > from && is_apart(token - 1, token))
            g_string_append_c(out, ' ');
        append_token(out, token);
    }
    return g_string_free(out, FALSE);
}

void
sk_policy_text_identity(const char *normal, char ret_id[SK_RULE_ID_LEN + 1])
{
    g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, normal, -1);

    memcpy(ret_id, hex, SK_RULE_ID_LEN);
    ret_id[SK_RULE_ID_LEN] = '\0';
}
