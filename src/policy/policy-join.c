/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-join.h"

#include <string.h>

/* A rule that matched, and by what. */
typedef struct {
    SkDecision *decision;
    const SkPolicy *policy;
    const SkRule *rule;
    const SkCase *one;
    const SkIdSet *visible;
} Join;

static void
add_once(GPtrArray *texts, const char *text)
{
    for (guint i = 0; i < texts->len; i++) {
        if (strcmp(texts->pdata[i], text) == 0)
            return;
    }
    g_ptr_array_add(texts, g_strdup(text));
}

static void
join_fate(const Join *join, SkFate fate, const char *text)
{
    SkDecision *decision = join->decision;
    const SkFinding *finding;

    if (fate <= decision->fate)
        return;
    finding = sk_condition_find(join->rule->condition, join->one, join->visible);
    decision->fate = fate;
    g_free(decision->text);
    decision->text = g_strdup(text);
    g_free(decision->finding);
    decision->finding = finding != NULL ? g_strdup(sk_finding_id_name(finding->id)) : NULL;
}

static void
join_review(const Join *join, SkReview review)
{
    join->decision->waits |= SK_WAIT_REVIEW;
    join->decision->review = MAX(join->decision->review, review);
}

static void
join_hold(const Join *join, const SkAction *action)
{
    SkDecision *decision = join->decision;

    if (action->wait == SK_WAIT_REVIEW && join->rule->is_floor && join->policy->floor_defers) {
        join_fate(join, SK_FATE_DEFER, NULL);
        return;
    }
    decision->waits |= action->wait;
    if (action->wait == SK_WAIT_REVIEW)
        join_review(join, action->review);
    if (action->wait == SK_WAIT_APPROVAL && action->text != NULL)
        add_once(decision->approvers, action->text);
    if (action->wait != SK_WAIT_TIME)
        return;
    decision->hold_s = MAX(decision->hold_s, action->seconds);
    decision->hold_min_s = MAX(decision->hold_min_s, action->min_s);
    decision->hold_max_s = MAX(decision->hold_max_s, action->max_s);
}

static void
join_link(SkDecision *decision, const SkAction *action)
{
    decision->link_body = decision->link_body || action->body;
    decision->link_level = MAX(decision->link_level, action->level);
    if (action->seconds > 0 && (decision->link_s == 0 || action->seconds < decision->link_s))
        decision->link_s = action->seconds;
}

static int
compare_parts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Equal decisions have their parts in the same order. A hostile message has many of them. */
static void
sort_parts(GPtrArray *parts)
{
    guint kept = 0;

    g_ptr_array_sort(parts, compare_parts);
    for (guint i = 0; i < parts->len; i++) {
        char *part = g_steal_pointer(&parts->pdata[i]);

        if (kept > 0 && strcmp(parts->pdata[kept - 1], part) == 0)
            g_free(part);
        else
            parts->pdata[kept++] = part;
    }
    g_ptr_array_set_size(parts, (int)kept);
}

/* What is found in the message as a whole may lie in any part of it. */
static void
join_strip(const Join *join)
{
    SkDecision *decision = join->decision;

    if (!sk_condition_find_parts(join->rule->condition, join->one, join->visible,
                                 decision->parts))
        decision->strip_all = true;
    sort_parts(decision->parts);
}

static bool
may_sign(const SkPolicyFacts *facts)
{
    return facts->from != NULL && facts->from_internal &&
           facts->verified_internal == SK_TRI_TRUE;
}

static void
join_edit(const Join *join, const SkAction *action)
{
    join->decision->edits |= action->edit;
    if (action->edit == SK_EDIT_LINK)
        join_link(join->decision, action);
    if (action->edit == SK_EDIT_STRIP)
        join_strip(join);
    if (action->edit == SK_EDIT_MARK)
        add_once(join->decision->marks, action->text);
    /* Our signature says who wrote it: nobody but that person gets it without a look. */
    if (action->edit == SK_EDIT_SIGN && !may_sign(join->one->facts))
        join_review(join, SK_REVIEW_ADMIN);
}

static void
join_action(const Join *join, const SkAction *action)
{
    switch (action->kind) {
    case SK_ACTION_FATE:
        join_fate(join, action->fate, action->text);
        break;
    case SK_ACTION_HOLD:
        join_hold(join, action);
        break;
    case SK_ACTION_EDIT:
        join_edit(join, action);
        break;
    case SK_ACTION_NOTIFY:
        add_once(join->decision->notify, action->text);
        break;
    case SK_ACTION_WAIVE:
        break;
    }
}

void
sk_policy_join(SkDecision *decision,
               const SkPolicy *policy,
               const SkRule *rule,
               const SkCase *one,
               const SkIdSet *visible)
{
    Join join = {decision, policy, rule, one, visible};

    g_array_append_val(decision->rules, rule->ref);
    for (guint i = 0; i < rule->actions->len; i++)
        join_action(&join, rule->actions->pdata[i]);
}

void
sk_policy_join_end(SkDecision *decision)
{
    if (decision->hold_min_s == decision->hold_max_s)
        decision->hold_min_s = decision->hold_max_s = 0;
}
