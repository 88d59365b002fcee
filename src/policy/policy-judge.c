/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-judge.h"

#include <string.h>

#include "policy/policy-join.h"

SkIdSet
sk_walk_visible(const SkWalk *walk, const SkCase *one, const SkRule *rule)
{
    return sk_idset_without(&one->present,
                            rule->is_floor ? &walk->hidden_dated : &walk->hidden);
}

void
sk_walk_waive(SkWalk *walk, const SkRule *rule)
{
    for (guint i = 0; i < rule->actions->len; i++) {
        const SkAction *action = rule->actions->pdata[i];

        if (action->kind != SK_ACTION_WAIVE)
            continue;
        sk_idset_join(&walk->hidden, &action->ids);
        if (rule->until[0] != '\0')
            sk_idset_join(&walk->hidden_dated, &action->ids);
    }
}

bool
sk_rule_is_for(const SkRule *rule, const SkPolicyFacts *facts)
{
    return rule->any || rule->direction == facts->direction;
}

/* Dates are written so that they sort as text. The day itself is still in. */
bool
sk_rule_has_ended(const SkRule *rule, const SkPolicyFacts *facts)
{
    return rule->until[0] != '\0' && facts->today != NULL &&
           strcmp(facts->today, rule->until) > 0;
}

bool
sk_rule_matches(const SkRule *rule, const SkCase *one, const SkIdSet *visible)
{
    return sk_rule_is_for(rule, one->facts) && rule->skipped == NULL &&
           sk_condition_judge(rule->condition, one, visible) == SK_TRI_TRUE &&
           !sk_rule_has_ended(rule, one->facts);
}

static SkTri
weigh(const SkRule *rule, const SkCase *one, const SkIdSet *visible)
{
    if (!sk_rule_is_for(rule, one->facts) || sk_rule_has_ended(rule, one->facts))
        return SK_TRI_FALSE;
    if (rule->skipped != NULL)
        return SK_TRI_UNKNOWN;
    return sk_condition_judge(rule->condition, one, visible);
}

/* The two walks of sk_policy_judge() side by side. */
void
sk_policy_weigh(const SkPolicy *policy, const SkPolicyFacts *facts, SkTri *ret_truths)
{
    SkCase one;
    SkWalk active = {0}, observed = {0};

    sk_case_init(&one, policy, facts);
    for (guint i = 0; i < policy->rules->len; i++) {
        const SkRule *rule = policy->rules->pdata[i];
        SkIdSet seen = sk_walk_visible(&active, &one, rule);
        SkIdSet observable = sk_walk_visible(&observed, &one, rule);

        ret_truths[i] = weigh(rule, &one, rule->observe ? &observable : &seen);
        if (!rule->observe && ret_truths[i] == SK_TRI_TRUE)
            sk_walk_waive(&active, rule);
        if (sk_rule_matches(rule, &one, &observable))
            sk_walk_waive(&observed, rule);
    }
}

/* One evaluation: the active rules, or with OBSERVING all of them. */
static SkDecision *
judge(const SkPolicy *policy, const SkCase *one, bool observing)
{
    SkDecision *decision = sk_decision_new();
    SkWalk walk = {0};

    for (guint i = 0; i < policy->rules->len; i++) {
        const SkRule *rule = policy->rules->pdata[i];
        SkIdSet visible = sk_walk_visible(&walk, one, rule);

        if ((rule->observe && !observing) || !sk_rule_matches(rule, one, &visible))
            continue;
        sk_policy_join(decision, policy, rule, one, &visible);
        sk_walk_waive(&walk, rule);
    }
    sk_policy_join_end(decision);
    return decision;
}

void
sk_policy_judge(const SkPolicy *policy,
                const SkPolicyFacts *facts,
                SkDecision **ret_decision,
                SkDecision **ret_observed)
{
    SkCase one;
    SkDecision *decision;

    sk_case_init(&one, policy, facts);
    decision = judge(policy, &one, false);
    if (ret_observed != NULL)
        *ret_observed =
            policy->observes ? judge(policy, &one, true) : sk_decision_dup(decision);
    *ret_decision = decision;
}
