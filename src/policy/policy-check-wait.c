/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-check-wait.h"

static bool
is_sent_by_us(const SkRule *rule)
{
    return rule->direction == SK_DIRECTION_OUTBOUND || rule->direction == SK_DIRECTION_INTERNAL;
}

static bool
is_received_by_us(const SkRule *rule)
{
    return rule->direction == SK_DIRECTION_INBOUND || rule->direction == SK_DIRECTION_INTERNAL;
}

static char *
describe_group(const SkPolicyWorld *world, const char *group)
{
    g_autofree char *known = NULL;

    if (group == NULL || world->groups == NULL || g_strv_contains(world->groups, group))
        return NULL;
    if (*world->groups == NULL)
        return g_strdup_printf("there is no group \"%s\": [hold] groups names none", group);
    known = g_strjoinv(", ", (char **)world->groups);
    return g_strdup_printf("there is no group \"%s\"; there are %s", group, known);
}

char *
sk_policy_describe_unanswerable(const SkPolicyWorld *world,
                                const SkRule *rule,
                                const SkAction *action)
{
    if (action->wait == SK_WAIT_APPROVAL)
        return describe_group(world, action->text);
    if (rule->any)
        return NULL;
    if (action->wait == SK_WAIT_CONFIRM && !is_sent_by_us(rule))
        return g_strdup("nobody can confirm: the sender is none of ours");
    if (action->wait == SK_WAIT_PASSWORD && !is_received_by_us(rule))
        return g_strdup("nobody can give the password: the recipient is none of ours");
    if (action->wait == SK_WAIT_REVIEW && action->review == SK_REVIEW_RECIPIENT &&
        !is_received_by_us(rule))
        return g_strdup("nobody can review: the recipient is none of ours");
    return NULL;
}
