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

static bool
strips(const SkRule *rule)
{
    for (guint i = 0; i < rule->actions->len; i++) {
        const SkAction *action = rule->actions->pdata[i];

        if (action->kind == SK_ACTION_EDIT && action->edit == SK_EDIT_STRIP)
            return true;
    }
    return false;
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

/* The active rules, or with OBSERVING all of them; with REST those that leave the parts alone.
 */
static SkDecision *
walk_rules(const SkPolicy *policy, const SkCase *one, bool observing, bool rest)
{
    SkDecision *decision = sk_decision_new();
    SkWalk walk = {0};

    for (guint i = 0; i < policy->rules->len; i++) {
        const SkRule *rule = policy->rules->pdata[i];
        SkIdSet visible = sk_walk_visible(&walk, one, rule);

        if ((rule->observe && !observing) || !sk_rule_matches(rule, one, &visible))
            continue;
        if (!rest || !strips(rule))
            sk_policy_join(decision, policy, rule, one, &visible);
        sk_walk_waive(&walk, rule);
    }
    sk_policy_join_end(decision);
    return decision;
}

/* Of all attachments some stay, and nobody knows here which: then nothing is sure to be gone.
 * What lies in a part that is named goes with it. */
static bool
is_taken_out(const SkDecision *decision, const char *part)
{
    for (guint i = 0; part != NULL && !decision->strip_all && i < decision->parts->len; i++) {
        const char *gone = decision->parts->pdata[i];
        size_t len = strlen(gone);

        if (strncmp(part, gone, len) == 0 && (part[len] == '\0' || part[len] == '.'))
            return true;
    }
    return false;
}

static SkFindings *
find_left(const SkFindings *findings, const SkDecision *decision)
{
    size_t n = findings != NULL ? sk_findings_count(findings) : 0;
    SkFindings *left = sk_findings_new();

    for (size_t i = 0; i < n; i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        if (one->recipient != NULL)
            sk_findings_add_for(left, one->id, one->recipient, one->subject, one->detail);
        else if (!is_taken_out(decision, one->part))
            sk_findings_add(left, one->id, one->part, one->subject, one->detail);
    }
    return left;
}

/* What the rules that strip nothing ask for what is left: whoever adds a file that is taken out
 * must not get the rest of his mail past them. */
static unsigned
find_rest_waits(const SkPolicy *policy,
                const SkPolicyFacts *facts,
                const SkDecision *decision,
                bool observing)
{
    g_autoptr(SkFindings) left = find_left(facts->findings, decision);
    g_autoptr(SkDecision) rest = NULL;
    SkPolicyFacts about = *facts;
    SkCase one;

    about.findings = left;
    sk_case_init(&one, policy, &about);
    rest = walk_rules(policy, &one, observing, true);
    return rest->waits;
}

/* One evaluation. */
static SkDecision *
judge(const SkPolicy *policy, const SkCase *one, bool observing)
{
    SkDecision *decision = walk_rules(policy, one, observing, false);

    if ((decision->edits & SK_EDIT_STRIP) != 0 && decision->waits != 0)
        decision->rest_waits = find_rest_waits(policy, one->facts, decision, observing);
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
