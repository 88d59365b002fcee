/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "policy/policy-judge.h"
#include "policy/policy.h"

/* Two walks side by side: active rules see only what active rules waived, observed ones also
 * what observed ones did. */
typedef struct {
    const SkPolicy *policy;
    const SkCase *one;
    SkWalk active, observed;
    /* The line by which each finding was hidden first; and first so that the floor lifts. */
    unsigned active_by[SK_N_FINDINGS], observed_by[SK_N_FINDINGS], lifted_by[SK_N_FINDINGS];
} Explain;

/* What one rule sees. */
typedef struct {
    const SkCase *one;
    SkIdSet visible;
    const unsigned *waived_by;
    GString *out;
} View;

void
sk_explained_free(SkExplained *explained)
{
    if (explained == NULL)
        return;
    g_free(explained->why);
    g_free(explained);
}

static void say_condition_true(View *view, const GPtrArray *condition);
static void say_condition_false(View *view, const GPtrArray *condition);

static void
say_finding(View *view, const SkFinding *finding)
{
    g_string_append(view->out, sk_finding_id_name(finding->id));
    if (finding->subject != NULL) {
        g_autofree char *subject = sk_text_quote(finding->subject);

        g_string_append_printf(view->out, " (%s)", subject);
    }
}

static void
say_address(View *view, const char *address)
{
    g_autofree char *quoted = address != NULL ? sk_text_quote(address) : NULL;

    g_string_append_printf(view->out, " (it is %s)", quoted != NULL ? quoted : "unreadable");
}

/* The fact that TEST asks about. */
static void
say_fact(View *view, const SkTest *test)
{
    const SkPolicyFacts *facts = view->one->facts;

    switch (test->subject) {
    case SK_SUBJECT_FINDING:
        break;
    case SK_SUBJECT_FROM:
        say_address(view, facts->from);
        break;
    case SK_SUBJECT_TO:
        say_address(view, facts->recipient);
        break;
    case SK_SUBJECT_SIZE:
        g_string_append_printf(view->out, " (it is %" G_GUINT64_FORMAT ")", facts->size);
        break;
    case SK_SUBJECT_RECIPIENTS:
        g_string_append_printf(view->out, " (it is %u)", facts->recipients);
        break;
    case SK_SUBJECT_EXTERNAL_DOMAINS:
        g_string_append_printf(view->out, " (it is %u)", facts->external_domains);
        break;
    }
}

static void
say_test_true(View *view, const SkTest *test)
{
    const SkFinding *finding = sk_test_find(test, view->one, &view->visible);

    if (finding != NULL) {
        say_finding(view, finding);
        return;
    }
    g_string_append(view->out, test->text);
    say_fact(view, test);
}

/* The first id of the test that the message has and this rule does not see, or -1. */
static int
find_hidden(const View *view, const SkTest *test)
{
    for (int id = 0; test->subject == SK_SUBJECT_FINDING && id < SK_N_FINDINGS; id++) {
        if (sk_idset_has(&test->ids, (SkFindingId)id) &&
            sk_idset_has(&view->one->present, (SkFindingId)id))
            return id;
    }
    return -1;
}

static void
say_test_false(View *view, const SkTest *test, SkTri value)
{
    int hidden = find_hidden(view, test);

    if (hidden >= 0)
        g_string_append_printf(view->out, "%s is waived by line %u",
                               sk_finding_id_name((SkFindingId)hidden),
                               view->waived_by[hidden]);
    else if (value == SK_TRI_UNKNOWN)
        g_string_append_printf(view->out, "nobody can tell %s", test->text);
    else
        g_string_append_printf(view->out, "no %s", test->text);
    if (hidden < 0)
        say_fact(view, test);
}

static void
say_inner(View *view, const SkUnit *unit, SkTri value)
{
    if (unit->test == NULL && value == SK_TRI_TRUE)
        say_condition_true(view, unit->inner);
    else if (unit->test == NULL)
        say_condition_false(view, unit->inner);
    else if (value == SK_TRI_TRUE)
        say_test_true(view, unit->test);
    else
        say_test_false(view, unit->test, value);
}

/* Why the unit has the value it has, and that is VALUE. Under `not` it has it because what is
 * negated has the opposite. */
static void
say_unit(View *view, const SkUnit *unit, SkTri value)
{
    static const SkTri opposite[] = {SK_TRI_TRUE, SK_TRI_FALSE, SK_TRI_UNKNOWN};

    if (unit->negated && value == SK_TRI_FALSE)
        g_string_append(view->out, "there is ");
    say_inner(view, unit, unit->negated ? opposite[value] : value);
}

static void
say_and_part_true(View *view, const GPtrArray *and_part)
{
    for (guint i = 0; i < and_part->len; i++) {
        if (i > 0)
            g_string_append(view->out, ", ");
        say_unit(view, and_part->pdata[i], SK_TRI_TRUE);
    }
}

static void
say_condition_true(View *view, const GPtrArray *condition)
{
    for (guint i = 0; i < condition->len; i++) {
        if (sk_and_part_judge(condition->pdata[i], view->one, &view->visible) != SK_TRI_TRUE)
            continue;
        say_and_part_true(view, condition->pdata[i]);
        return;
    }
}

/* The first unit that fails: one is enough. What is false says more than what is unknown. */
static void
say_and_part_false(View *view, const GPtrArray *and_part)
{
    SkTri value = sk_and_part_judge(and_part, view->one, &view->visible);

    for (guint i = 0; i < and_part->len; i++) {
        if (sk_unit_judge(and_part->pdata[i], view->one, &view->visible) != value)
            continue;
        say_unit(view, and_part->pdata[i], value);
        return;
    }
}

static void
say_condition_false(View *view, const GPtrArray *condition)
{
    for (guint i = 0; i < condition->len; i++) {
        if (i > 0)
            g_string_append(view->out, ", ");
        say_and_part_false(view, condition->pdata[i]);
    }
}

static void
say_why(Explain *explain, View *view, const SkRule *rule, bool matched)
{
    const SkPolicyFacts *facts = view->one->facts;

    if (!sk_rule_is_for(rule, facts))
        g_string_append_printf(view->out, "for %s mail only, this is %s",
                               sk_direction_name(rule->direction),
                               sk_direction_name(facts->direction));
    else if (rule->skipped != NULL)
        g_string_append_printf(view->out, "not judgeable: %s", rule->skipped);
    else if (sk_rule_has_ended(rule, facts))
        g_string_append_printf(view->out, "ended on %s", rule->until);
    else if (matched)
        say_condition_true(view, rule->condition);
    else
        say_condition_false(view, rule->condition);
    if (matched && rule->is_floor && explain->policy->floor_defers)
        g_string_append(view->out, "; acts as \"defer\" until messages can be held for review");
}

/* Notes in BY that LINE has hidden what is in HIDDEN and was not before. */
static void
note(unsigned *by, const SkIdSet *hidden, unsigned line)
{
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (by[id] == 0 && sk_idset_has(hidden, (SkFindingId)id))
            by[id] = line;
    }
}

/* Takes RULE's step in both walks, as the two evaluations of sk_policy_judge() do. */
static void
step(Explain *explain, const SkRule *rule)
{
    SkIdSet active = sk_walk_visible(&explain->active, explain->one, rule);
    SkIdSet observed = sk_walk_visible(&explain->observed, explain->one, rule);

    if (!rule->observe && sk_rule_matches(rule, explain->one, &active))
        sk_walk_waive(&explain->active, rule);
    if (sk_rule_matches(rule, explain->one, &observed))
        sk_walk_waive(&explain->observed, rule);
    note(explain->active_by, &explain->active.hidden, rule->ref.line);
    note(explain->lifted_by, &explain->active.hidden_dated, rule->ref.line);
    note(explain->observed_by, &explain->observed.hidden, rule->ref.line);
}

static const unsigned *
waivers_for(const Explain *explain, const SkRule *rule)
{
    if (rule->is_floor)
        return explain->lifted_by;
    return rule->observe ? explain->observed_by : explain->active_by;
}

static SkExplained *
explain_rule(Explain *explain, const SkRule *rule)
{
    SkWalk *walk = rule->observe ? &explain->observed : &explain->active;
    SkExplained *explained = g_new0(SkExplained, 1);
    View view = {
        .one = explain->one,
        .visible = sk_walk_visible(walk, explain->one, rule),
        .waived_by = waivers_for(explain, rule),
        .out = g_string_new(NULL),
    };

    explained->rule = rule->ref;
    explained->text = rule->text;
    explained->observe = rule->observe;
    explained->matched = sk_rule_matches(rule, explain->one, &view.visible);
    say_why(explain, &view, rule, explained->matched);
    explained->why = g_string_free(view.out, FALSE);
    step(explain, rule);
    return explained;
}

GPtrArray *
sk_policy_explain(const SkPolicy *policy, const SkPolicyFacts *facts)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sk_explained_free);
    SkCase one;
    Explain explain = {.policy = policy, .one = &one};

    sk_case_init(&one, policy, facts);
    for (guint i = 0; i < policy->rules->len; i++)
        g_ptr_array_add(list, explain_rule(&explain, policy->rules->pdata[i]));
    return list;
}
