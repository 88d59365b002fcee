/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-action.h"
#include "policy/policy-check.h"
#include "policy/policy.h"

static void
collect_asked(SkTest *test, bool under_not, void *user)
{
    if (test->subject == SK_SUBJECT_FINDING)
        sk_idset_join(user, &test->ids);
}

SkIdSet
sk_policy_get_asked(const SkPolicy *policy, guint i)
{
    const SkRule *rule = policy->rules->pdata[i];
    SkIdSet asked = {0};

    sk_policy_visit_tests(rule->condition, false, collect_asked, &asked);
    return asked;
}

/* Once each. */
static void
add_line(GPtrArray *lines, char *line)
{
    if (g_ptr_array_find_with_equal_func(lines, line, g_str_equal, NULL))
        g_free(line);
    else
        g_ptr_array_add(lines, line);
}

static void
collect_test(SkTest *test, bool under_not, void *user)
{
    if (test->subject == SK_SUBJECT_FINDING && !sk_idset_is_empty(&test->untold))
        add_line(user, sk_policy_describe_untold(&test->untold));
    if (test->untellable)
        add_line(user, g_strdup(test->verified ? SK_POLICY_NO_PROOF : SK_POLICY_NO_PARTNER));
}

char *
sk_policy_describe_gaps(const SkPolicy *policy, guint i)
{
    const SkRule *rule = policy->rules->pdata[i];
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

    sk_policy_visit_tests(rule->condition, false, collect_test, lines);
    for (guint j = 0; j < rule->actions->len; j++) {
        const SkAction *action = rule->actions->pdata[j];

        if (action->unbuilt)
            add_line(lines,
                     g_strdup_printf("\"%s\" is not built yet", sk_policy_action_name(action)));
    }
    if (lines->len == 0)
        return NULL;
    g_ptr_array_add(lines, NULL);
    return g_strjoinv("\n", (char **)lines->pdata);
}
