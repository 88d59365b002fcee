/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-check-action.h"

#include <string.h>

#include "base/limit.h"
#include "policy/policy-action.h"
#include "policy/policy-check-wait.h"
#include "policy/policy-names.h"

static bool
is_built(const SkPolicyWorld *world, const SkAction *action)
{
    switch (action->kind) {
    case SK_ACTION_HOLD:
        return (world->built_waits & action->wait) != 0;
    case SK_ACTION_EDIT:
        return (world->built_edits & action->edit) != 0;
    case SK_ACTION_NOTIFY:
        return world->built_notify;
    case SK_ACTION_FATE:
    case SK_ACTION_WAIVE:
    default:
        return true;
    }
}

static void
check_built(const SkCheck *check, SkAction *action)
{
    const char *name = sk_policy_action_name(action);

    action->unbuilt = !is_built(check->world, action);
    if (!action->unbuilt)
        return;
    if (check->rule->observe || check->world->trying)
        sk_complaints_add(check->complaints, SK_COMPLAINT_WARNING, action->at,
                          "\"%s\" is not built yet: it is only observed", name);
    else
        sk_complaints_add(check->complaints, SK_COMPLAINT_ERROR, action->at,
                          "\"%s\" is not built yet: the rule can only stand with \"observe\"",
                          name);
}

/* It is refused like what is not built: a rule that only observes harms nobody. */
static void
check_answerable(const SkCheck *check, const SkAction *action)
{
    bool harmless = check->rule->observe || check->world->trying;
    g_autofree char *why = sk_policy_describe_unanswerable(check->world, check->rule, action);

    if (why != NULL)
        sk_complaints_add(check->complaints,
                          harmless ? SK_COMPLAINT_WARNING : SK_COMPLAINT_ERROR, action->at,
                          "%s", why);
}

static bool proves_condition(const GPtrArray *condition);

static bool
proves_unit(const SkUnit *unit)
{
    if (unit->negated)
        return false;
    return unit->test != NULL ? unit->test->verified : proves_condition(unit->inner);
}

/* Whether the condition is true only for a sender who is verified. */
static bool
proves_condition(const GPtrArray *condition)
{
    for (guint i = 0; i < condition->len; i++) {
        const GPtrArray *and_part = condition->pdata[i];
        bool proven = false;

        for (guint j = 0; j < and_part->len; j++)
            proven = proven || proves_unit(and_part->pdata[j]);
        if (!proven)
            return false;
    }
    return true;
}

static bool
is_in_floor(const SkIdSet *ids)
{
    SkIdSet floor, limit;

    return sk_policy_names_find("inspect", &floor) &&
           sk_policy_names_find("attach.limit", &limit) &&
           (sk_idset_meets(ids, &floor) || sk_idset_meets(ids, &limit));
}

static void
check_waive(const SkCheck *check, const SkAction *action)
{
    SkIdSet untold = sk_policy_names_untold(check->world, &action->ids);
    const char *trouble = NULL;

    if (!proves_condition(check->rule->condition))
        sk_complaints_add(
            check->complaints, SK_COMPLAINT_WARNING, action->at,
            "a waive without \"verified\" holds for whoever claims to be the sender");
    if (sk_idset_equal(&untold, &action->ids))
        trouble = "no check states what is waived here: there is nothing to hide";
    else if (check->rule->until[0] == '\0')
        trouble = is_in_floor(&action->ids)
                      ? "a waive without \"until\" does not lift the built-in floor"
                      : "a waive should carry \"until\"";
    if (trouble != NULL)
        sk_complaints_add(check->complaints, SK_COMPLAINT_WARNING, action->at, "%s", trouble);
}

static void
check_answer(const SkCheck *check, const SkAction *action)
{
    if (action->text == NULL)
        return;
    if (!g_str_is_ascii(action->text))
        sk_complaints_add(check->complaints, SK_COMPLAINT_WARNING, action->at,
                          "an SMTP answer is ASCII: other characters do not arrive");
    else if (strlen(action->text) > SK_LIMIT_ANSWER_TEXT)
        sk_complaints_add(check->complaints, SK_COMPLAINT_WARNING, action->at,
                          "an SMTP answer has room for %d characters: the rest is cut",
                          SK_LIMIT_ANSWER_TEXT);
}

void
sk_policy_check_action(const SkCheck *check, SkAction *action)
{
    check_built(check, action);
    if (action->kind == SK_ACTION_HOLD)
        check_answerable(check, action);
    if (action->kind == SK_ACTION_WAIVE)
        check_waive(check, action);
    if (action->kind == SK_ACTION_FATE)
        check_answer(check, action);
}
