/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-parse.h"

#include <string.h>

#include "base/text.h"
#include "policy/policy-action.h"
#include "policy/policy-parser.h"
#include "policy/policy-text.h"
#include "policy/policy-who.h"

static bool parse_condition(SkParser *parser, GPtrArray *condition);

static bool
parse_who_text(SkParser *parser, SkWho *who)
{
    const SkToken *token = sk_parser_accept_string(parser);

    if (token == NULL)
        return sk_parser_fail(parser);
    who->at = token->at;
    who->kind = sk_policy_who_kind(token->text);
    who->name = g_ascii_strdown(token->text, -1);
    if (who->kind == SK_WHO_LIST)
        return sk_parser_fail_at(parser, token, "expected an address or \"@domain\"");
    return true;
}

static bool
parse_who_list(SkParser *parser, SkWho *who)
{
    const SkToken *token = sk_parser_expect_string(parser);

    if (token == NULL)
        return false;
    who->kind = SK_WHO_LIST;
    who->at = token->at;
    who->name = g_strdup(token->text);
    return true;
}

static bool
parse_who(SkParser *parser, SkWho *who)
{
    const SkToken *name;

    who->at = sk_parser_peek(parser)->at;
    if (sk_parser_accept(parser, "internal"))
        return who->kind = SK_WHO_INTERNAL, true;
    if (sk_parser_accept(parser, "external"))
        return who->kind = SK_WHO_EXTERNAL, true;
    if (sk_parser_accept(parser, "list"))
        return parse_who_list(parser, who);
    if (!sk_parser_accept(parser, "partner"))
        return parse_who_text(parser, who);
    who->kind = SK_WHO_PARTNER;
    name = sk_parser_accept_string(parser);
    if (name != NULL)
        who->name = g_strdup(name->text);
    return true;
}

static bool
parse_cmp(SkParser *parser, SkCmp *ret_cmp)
{
    static const char *const marks[] = {[SK_CMP_LESS] = "<",
                                        [SK_CMP_LESS_EQUAL] = "<=",
                                        [SK_CMP_EQUAL] = "=",
                                        [SK_CMP_GREATER] = ">",
                                        [SK_CMP_GREATER_EQUAL] = ">="};

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (sk_parser_accept(parser, marks[i]))
            return *ret_cmp = (SkCmp)i, true;
    }
    return sk_parser_fail(parser);
}

static bool
parse_size(SkParser *parser, uint64_t *ret_bytes)
{
    const SkToken *token = sk_parser_accept_number(parser, "a size");

    if (token == NULL)
        return sk_parser_fail(parser);
    if (!sk_text_to_size(token->text, ret_bytes))
        return sk_parser_fail_at(parser, token,
                                 "a size is a number of bytes, or of k, M or G, not \"%s\"",
                                 token->text);
    return true;
}

static bool
parse_number_test(SkParser *parser, SkTest *test)
{
    if (!parse_cmp(parser, &test->cmp))
        return false;
    if (test->subject == SK_SUBJECT_SIZE)
        return parse_size(parser, &test->number);
    return sk_parser_expect_count(parser, UINT32_MAX, &test->number);
}

static bool
parse_test_words(SkParser *parser, SkTest *test)
{
    static const struct {
        const char *word;
        SkSubject subject;
    } numbers[] = {{"size", SK_SUBJECT_SIZE},
                   {"recipients", SK_SUBJECT_RECIPIENTS},
                   {"external-domains", SK_SUBJECT_EXTERNAL_DOMAINS}};

    test->verified = sk_parser_accept(parser, "verified");
    test->subject = SK_SUBJECT_FROM;
    if (test->verified)
        return sk_parser_expect(parser, "from") && parse_who(parser, &test->who);
    if (sk_parser_accept(parser, "from"))
        return parse_who(parser, &test->who);
    test->subject = SK_SUBJECT_TO;
    if (sk_parser_accept(parser, "to"))
        return parse_who(parser, &test->who);
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        test->subject = numbers[i].subject;
        if (sk_parser_accept(parser, numbers[i].word))
            return parse_number_test(parser, test);
    }
    test->subject = SK_SUBJECT_FINDING;
    return sk_parser_expect_finding(parser, &test->ids);
}

static bool
parse_test(SkParser *parser, SkUnit *unit)
{
    guint first = parser->next;

    unit->test = g_new0(SkTest, 1);
    unit->test->at = sk_parser_peek(parser)->at;
    if (!parse_test_words(parser, unit->test))
        return false;
    unit->test->text = sk_policy_text_join(parser->tokens, first, parser->next);
    return true;
}

static bool
parse_inner(SkParser *parser, SkUnit *unit)
{
    unit->inner = sk_condition_new();
    if (++parser->depth > SK_POLICY_DEPTH)
        return sk_parser_fail_at(parser, sk_parser_peek(parser),
                                 "conditions nest at most %u deep", SK_POLICY_DEPTH);
    if (!parse_condition(parser, unit->inner) || !sk_parser_expect(parser, ")"))
        return false;
    parser->depth--;
    return true;
}

static bool
parse_unit(SkParser *parser, GPtrArray *and_part)
{
    SkUnit *unit = sk_unit_new();

    g_ptr_array_add(and_part, unit);
    unit->negated = sk_parser_accept(parser, "not");
    if (sk_parser_accept(parser, "("))
        return parse_inner(parser, unit);
    return parse_test(parser, unit);
}

static bool
parse_and_part(SkParser *parser, GPtrArray *condition)
{
    GPtrArray *and_part = sk_and_part_new();

    g_ptr_array_add(condition, and_part);
    do {
        if (!parse_unit(parser, and_part))
            return false;
    } while (sk_parser_accept(parser, "and"));
    return true;
}

static bool
parse_condition(SkParser *parser, GPtrArray *condition)
{
    do {
        if (!parse_and_part(parser, condition))
            return false;
    } while (sk_parser_accept(parser, "or"));
    return true;
}

static bool
parse_direction(SkParser *parser, SkRule *rule)
{
    for (int i = 0; i < SK_N_DIRECTIONS; i++) {
        rule->direction = (SkDirection)i;
        if (sk_parser_accept(parser, sk_direction_name(rule->direction)))
            return true;
    }
    rule->any = sk_parser_accept(parser, "any");
    return rule->any || sk_parser_fail(parser);
}

static bool
is_date(const char *text)
{
    unsigned value[8] = {0};

    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    for (int i = 0; i < 10; i++) {
        if (i == 4 || i == 7)
            continue;
        if (!g_ascii_isdigit(text[i]))
            return false;
        value[i < 4 ? 0 : i < 7 ? 1 : 2] *= 10;
        value[i < 4 ? 0 : i < 7 ? 1 : 2] += (unsigned)(text[i] - '0');
    }
    return g_date_valid_dmy((GDateDay)value[2], (GDateMonth)value[1], (GDateYear)value[0]);
}

static bool
parse_until(SkParser *parser, SkRule *rule)
{
    const SkToken *token = sk_parser_accept_number(parser, "a date");

    if (token == NULL)
        return sk_parser_fail(parser);
    rule->until_at = token->at;
    if (!is_date(token->text))
        return sk_parser_fail_at(
            parser, token, "expected a day there is, like 2027-03-31, not \"%s\"", token->text);
    g_strlcpy(rule->until, token->text, sizeof rule->until);
    return true;
}

static bool
parse_actions(SkParser *parser, SkRule *rule)
{
    do {
        if (!sk_policy_parse_action(parser, rule))
            return false;
    } while (sk_parser_accept(parser, ","));
    return true;
}

static bool
parse_end(SkParser *parser)
{
    if (sk_parser_peek(parser)->kind == SK_TOKEN_END)
        return true;
    sk_parser_miss(parser, "the end of the line");
    return sk_parser_fail(parser);
}

static bool
parse_rule(SkParser *parser, SkRule *rule)
{
    guint first;

    rule->observe = sk_parser_accept(parser, "observe");
    first = parser->next;
    if (!parse_direction(parser, rule) || !sk_parser_expect(parser, "when") ||
        !parse_condition(parser, rule->condition) || !sk_parser_expect(parser, "then") ||
        !parse_actions(parser, rule))
        return false;
    rule->normal = sk_policy_text_join(parser->tokens, first, parser->next);
    sk_policy_text_identity(rule->normal, rule->ref.id);
    return (!sk_parser_accept(parser, "until") || parse_until(parser, rule)) &&
           parse_end(parser);
}

bool
sk_policy_parse_line(SkComplaints *complaints, SkRule **ret_rule)
{
    g_autoptr(GArray) tokens = sk_policy_lex(complaints->source);
    g_autoptr(SkRule) rule = NULL;
    SkParser parser = {.complaints = complaints, .tokens = tokens};
    const SkToken *first = &g_array_index(tokens, SkToken, 0);
    const SkToken *end = &g_array_index(tokens, SkToken, tokens->len - 1);
    SkBytes text;

    if (first->kind == SK_TOKEN_END) {
        *ret_rule = NULL;
        return true;
    }
    rule = sk_rule_new();
    if (!parse_rule(&parser, rule))
        return false;
    text = sk_bytes_slice(complaints->source, first->at, end->at - first->at);
    rule->text = g_strndup((const char *)text.data, text.len);
    rule->ref.line = complaints->line;
    *ret_rule = g_steal_pointer(&rule);
    return true;
}
