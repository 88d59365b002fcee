/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-action.h"

#include <string.h>

#include "policy/policy-who.h"

/* Highest level of a link. */
#define LEVEL_MAX 9

static bool
parse_fate(SkParser *parser, SkAction *action)
{
    const SkToken *text;

    if (action->fate == SK_FATE_DELIVER)
        return true;
    text = sk_parser_accept_string(parser);
    if (text != NULL)
        action->text = g_strdup(text->text);
    return true;
}

static bool
parse_approval(SkParser *parser, SkAction *action)
{
    const SkToken *group;

    if (!sk_parser_accept(parser, "of"))
        return true;
    group = sk_parser_expect_string(parser);
    if (group == NULL)
        return false;
    action->text = g_strdup(group->text);
    return true;
}

static bool
parse_review(SkParser *parser, SkAction *action)
{
    action->review = SK_REVIEW_ADMIN;
    if (!sk_parser_accept(parser, "by"))
        return true;
    if (sk_parser_accept(parser, "recipient")) {
        action->review = SK_REVIEW_RECIPIENT;
        return true;
    }
    return sk_parser_expect(parser, "admin");
}

static bool
parse_within(SkParser *parser, SkAction *action)
{
    const SkToken *first = sk_parser_peek(parser);

    if (!sk_parser_expect_time(parser, &action->min_s) || !sk_parser_expect(parser, "..") ||
        !sk_parser_expect_time(parser, &action->max_s))
        return false;
    if (action->min_s > action->max_s)
        return sk_parser_fail_at(parser, first, "the bounds are in the wrong order");
    if (action->seconds < action->min_s || action->seconds > action->max_s)
        return sk_parser_fail_at(parser, first, "the time itself lies outside these bounds");
    return true;
}

static bool
parse_hold_time(SkParser *parser, SkAction *action)
{
    if (!sk_parser_expect_time(parser, &action->seconds))
        return false;
    action->min_s = action->max_s = action->seconds;
    return !sk_parser_accept(parser, "within") || parse_within(parser, action);
}

static bool
parse_hold(SkParser *parser, SkAction *action)
{
    if (!sk_parser_expect(parser, "for"))
        return false;
    if (sk_parser_accept(parser, "confirm"))
        return action->wait = SK_WAIT_CONFIRM, true;
    if (sk_parser_accept(parser, "approval"))
        return action->wait = SK_WAIT_APPROVAL, parse_approval(parser, action);
    if (sk_parser_accept(parser, "review"))
        return action->wait = SK_WAIT_REVIEW, parse_review(parser, action);
    if (sk_parser_accept(parser, "password"))
        return action->wait = SK_WAIT_PASSWORD, true;
    action->wait = SK_WAIT_TIME;
    return parse_hold_time(parser, action);
}

static bool
parse_link(SkParser *parser, SkAction *action)
{
    uint64_t level = 0;

    action->body = sk_parser_accept(parser, "body");
    if (sk_parser_accept(parser, "for") && !sk_parser_expect_time(parser, &action->seconds))
        return false;
    if (sk_parser_accept(parser, "level") && !sk_parser_expect_count(parser, LEVEL_MAX, &level))
        return false;
    action->level = (unsigned)level;
    return true;
}

static bool
parse_mark(SkParser *parser, SkAction *action)
{
    const SkToken *text = sk_parser_expect_string(parser);

    if (text == NULL)
        return false;
    action->text = g_strdup(text->text);
    return true;
}

static bool
parse_edit(SkParser *parser, SkAction *action)
{
    if (action->edit == SK_EDIT_LINK)
        return parse_link(parser, action);
    if (action->edit == SK_EDIT_MARK)
        return parse_mark(parser, action);
    return true;
}

static bool
parse_notify(SkParser *parser, SkAction *action)
{
    const SkToken *text;

    if (sk_parser_accept(parser, "sender"))
        return action->text = g_strdup("sender"), true;
    if (sk_parser_accept(parser, "recipient"))
        return action->text = g_strdup("recipient"), true;
    text = sk_parser_expect_string(parser);
    if (text == NULL)
        return false;
    if (sk_policy_who_kind(text->text) != SK_WHO_ADDRESS)
        return sk_parser_fail_at(parser, text,
                                 "expected \"sender\", \"recipient\" or an address");
    action->text = g_strdup(text->text);
    return true;
}

typedef struct {
    const char *word;
    SkActionKind kind;
    unsigned value; /* of SkFate or SkEdit */
} Word;

static const Word words[] = {
    {"reject", SK_ACTION_FATE, SK_FATE_REJECT},
    {"defer", SK_ACTION_FATE, SK_FATE_DEFER},
    {"deliver", SK_ACTION_FATE, SK_FATE_DELIVER},
    {"hold", SK_ACTION_HOLD, 0},
    {"decrypt", SK_ACTION_EDIT, SK_EDIT_DECRYPT},
    {"strip", SK_ACTION_EDIT, SK_EDIT_STRIP},
    {"bcc", SK_ACTION_EDIT, SK_EDIT_BCC},
    {"link", SK_ACTION_EDIT, SK_EDIT_LINK},
    {"mark", SK_ACTION_EDIT, SK_EDIT_MARK},
    {"sign", SK_ACTION_EDIT, SK_EDIT_SIGN},
    {"encrypt", SK_ACTION_EDIT, SK_EDIT_ENCRYPT},
    {"notify", SK_ACTION_NOTIFY, 0},
    {"waive", SK_ACTION_WAIVE, 0},
};

static const Word *
accept_word(SkParser *parser)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (sk_parser_accept(parser, words[i].word))
            return &words[i];
    }
    return NULL;
}

static bool
parse_rest(SkParser *parser, SkAction *action)
{
    switch (action->kind) {
    case SK_ACTION_FATE:
        return parse_fate(parser, action);
    case SK_ACTION_HOLD:
        return parse_hold(parser, action);
    case SK_ACTION_EDIT:
        return parse_edit(parser, action);
    case SK_ACTION_NOTIFY:
        return parse_notify(parser, action);
    case SK_ACTION_WAIVE:
        return sk_parser_expect_finding(parser, &action->ids);
    }
    g_assert_not_reached();
}

bool
sk_policy_parse_action(SkParser *parser, SkRule *rule)
{
    size_t at = sk_parser_peek(parser)->at;
    const Word *word = accept_word(parser);
    SkAction *action;

    if (word == NULL)
        return sk_parser_fail(parser);
    action = sk_action_new(word->kind, at);
    g_ptr_array_add(rule->actions, action);
    if (action->kind == SK_ACTION_FATE)
        action->fate = (SkFate)word->value;
    if (action->kind == SK_ACTION_EDIT)
        action->edit = (SkEdit)word->value;
    return parse_rest(parser, action);
}

static const char *
hold_name(SkWait wait)
{
    switch (wait) {
    case SK_WAIT_TIME:
        return "hold for a time";
    case SK_WAIT_CONFIRM:
        return "hold for confirm";
    case SK_WAIT_APPROVAL:
        return "hold for approval";
    case SK_WAIT_REVIEW:
        return "hold for review";
    case SK_WAIT_PASSWORD:
        return "hold for password";
    }
    g_assert_not_reached();
}

const char *
sk_policy_action_name(const SkAction *action)
{
    switch (action->kind) {
    case SK_ACTION_FATE:
        return sk_fate_name(action->fate);
    case SK_ACTION_HOLD:
        return hold_name(action->wait);
    case SK_ACTION_EDIT:
        return sk_edit_name(action->edit);
    case SK_ACTION_NOTIFY:
        return "notify";
    case SK_ACTION_WAIVE:
        return "waive";
    }
    g_assert_not_reached();
}
