/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-tree.h"

static void
test_free(SkTest *test)
{
    if (test == NULL)
        return;
    g_free(test->text);
    g_free(test->who.name);
    g_clear_pointer(&test->who.list, g_hash_table_unref);
    g_free(test);
}

static void
unit_free(void *data)
{
    SkUnit *unit = data;

    test_free(unit->test);
    g_clear_pointer(&unit->inner, g_ptr_array_unref);
    g_free(unit);
}

static void
action_free(void *data)
{
    SkAction *action = data;

    g_free(action->text);
    g_free(action);
}

SkUnit *
sk_unit_new(void)
{
    return g_new0(SkUnit, 1);
}

SkAction *
sk_action_new(SkActionKind kind, size_t at)
{
    SkAction *action = g_new0(SkAction, 1);

    action->kind = kind;
    action->at = at;
    return action;
}

GPtrArray *
sk_and_part_new(void)
{
    return g_ptr_array_new_with_free_func(unit_free);
}

GPtrArray *
sk_condition_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
}

SkRule *
sk_rule_new(void)
{
    SkRule *rule = g_new0(SkRule, 1);

    rule->condition = sk_condition_new();
    rule->actions = g_ptr_array_new_with_free_func(action_free);
    return rule;
}

void
sk_rule_free(SkRule *rule)
{
    if (rule == NULL)
        return;
    g_free(rule->text);
    g_free(rule->normal);
    g_free(rule->skipped);
    g_ptr_array_unref(rule->condition);
    g_ptr_array_unref(rule->actions);
    g_free(rule);
}
