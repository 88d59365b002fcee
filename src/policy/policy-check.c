/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-check.h"

#include <string.h>

#include "policy/policy-check-action.h"
#include "policy/policy-names.h"
#include "policy/policy-who.h"

/* Names of findings shown in one complaint. */
#define NAMES_SHOWN 3

void
sk_policy_visit_tests(const GPtrArray *condition,
                      bool under_not,
                      SkPolicyVisit *visit,
                      void *user)
{
    for (guint i = 0; i < condition->len; i++) {
        const GPtrArray *and_part = condition->pdata[i];

        for (guint j = 0; j < and_part->len; j++) {
            const SkUnit *unit = and_part->pdata[j];

            if (unit->test != NULL)
                visit(unit->test, under_not || unit->negated, user);
            else
                sk_policy_visit_tests(unit->inner, under_not || unit->negated, visit, user);
        }
    }
}

/* Whether what is asked for in vain takes the whole rule out. In a rule that acts it does only
 * where it would be an error. */
static bool
is_skipped(const SkCheck *check, bool whole, bool under_not)
{
    if (check->rule->observe)
        return whole || under_not;
    return check->world->trying && under_not;
}

static const char *
consequence(const SkCheck *check, bool whole, bool under_not)
{
    if (is_skipped(check, whole, under_not))
        return "the rule is skipped as not judgeable";
    if (under_not)
        return "what nobody looks for cannot stand under \"not\"";
    return whole ? "this is never true" : "those do not count";
}

/* WHOLE: nothing is left of the test; otherwise a part of its ids can be told. */
static void
complain_untellable(SkCheck *check, size_t at, bool whole, bool under_not, const char *why)
{
    SkRule *rule = check->rule;
    bool skipped = is_skipped(check, whole, under_not);
    bool refused = under_not && !skipped;

    sk_complaints_add(check->complaints, refused ? SK_COMPLAINT_ERROR : SK_COMPLAINT_WARNING,
                      at, "%s: %s", why, consequence(check, whole, under_not));
    if (skipped && rule->skipped == NULL)
        rule->skipped = g_strdup(why);
}

char *
sk_policy_describe_untold(const SkIdSet *untold)
{
    g_autofree char *names = sk_policy_names_list(untold, NAMES_SHOWN);

    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (sk_idset_has(untold, (SkFindingId)id) &&
            sk_finding_id_state((SkFindingId)id) == SK_FINDING_BUILT)
            return g_strdup_printf("the check that states %s is disabled", names);
    }
    return g_strdup_printf("no check of this version states %s", names);
}

static void
check_finding(SkCheck *check, SkTest *test, bool under_not)
{
    g_autofree char *why = NULL;

    test->untold = sk_policy_names_untold(check->world, &test->ids);
    if (sk_idset_is_empty(&test->untold))
        return;
    why = sk_policy_describe_untold(&test->untold);
    complain_untellable(check, test->at, sk_idset_equal(&test->untold, &test->ids), under_not,
                        why);
}

static void
add_entry(SkCheck *check, SkWho *who, char *entry)
{
    g_strstrip(entry);
    if (*entry == '\0' || *entry == '#')
        return;
    if (sk_policy_who_kind(entry) != SK_WHO_LIST)
        g_hash_table_add(who->list, g_ascii_strdown(entry, -1));
    else
        sk_complaints_add(check->complaints, SK_COMPLAINT_ERROR, who->at,
                          "in this list \"%.64s\" is neither an address nor \"@domain\"",
                          entry);
}

static void
read_list(SkCheck *check, SkWho *who)
{
    const SkPolicyWorld *world = check->world;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) entries = NULL;

    who->list = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (world->read_list == NULL)
        return;
    entries = world->read_list(who->name, world->list_data, &error);
    if (entries == NULL)
        sk_complaints_add(check->complaints, SK_COMPLAINT_ERROR, who->at,
                          "this list cannot be read: %s",
                          error != NULL ? error->message : "no reason was given");
    for (guint i = 0;
         entries != NULL && entries[i] != NULL && check->complaints->errors < SK_COMPLAINTS_MAX;
         i++)
        add_entry(check, who, entries[i]);
}

static void
check_who(SkCheck *check, SkTest *test, bool under_not)
{
    bool unproven = test->verified && !check->world->can_verify;
    bool strange = test->who.kind == SK_WHO_PARTNER && !check->world->has_partners;

    test->untellable = unproven || strange;
    if (unproven)
        complain_untellable(check, test->at, true, under_not, SK_POLICY_NO_PROOF);
    if (strange)
        complain_untellable(check, test->who.at, true, under_not, SK_POLICY_NO_PARTNER);
    if (test->who.kind == SK_WHO_LIST)
        read_list(check, &test->who);
}

static void
check_test(SkTest *test, bool under_not, void *user)
{
    if (test->subject == SK_SUBJECT_FINDING)
        check_finding(user, test, under_not);
    else if (test->subject == SK_SUBJECT_FROM || test->subject == SK_SUBJECT_TO)
        check_who(user, test, under_not);
}

static void
check_until(SkCheck *check)
{
    const SkRule *rule = check->rule;

    if (rule->until[0] != '\0' && check->world->today != NULL &&
        strcmp(check->world->today, rule->until) > 0)
        sk_complaints_add(check->complaints, SK_COMPLAINT_WARNING, rule->until_at,
                          "this day is over: the rule does nothing");
}

void
sk_policy_check_rule(SkRule *rule, const SkPolicyWorld *world, SkComplaints *complaints)
{
    SkCheck check = {rule, world, complaints};

    complaints->observed = rule->observe;
    sk_policy_visit_tests(rule->condition, false, check_test, &check);
    for (guint i = 0; i < rule->actions->len; i++)
        sk_policy_check_action(&check, rule->actions->pdata[i]);
    check_until(&check);
    complaints->observed = false;
}

static void
note_recipient(SkTest *test, bool under_not, void *user)
{
    *(bool *)user |= test->subject == SK_SUBJECT_TO;
}

static void
note_addresses(SkTest *test, bool under_not, void *user)
{
    bool compares = test->who.kind == SK_WHO_ADDRESS || test->who.kind == SK_WHO_DOMAIN ||
                    test->who.kind == SK_WHO_LIST;

    *(bool *)user |=
        compares && (test->subject == SK_SUBJECT_TO || test->subject == SK_SUBJECT_FROM);
}

bool
sk_policy_asks_recipient(const SkRule *rule)
{
    bool asks = false;

    sk_policy_visit_tests(rule->condition, false, note_recipient, &asks);
    return asks;
}

bool
sk_policy_asks_addresses(const SkRule *rule)
{
    bool asks = false;

    sk_policy_visit_tests(rule->condition, false, note_addresses, &asks);
    return asks;
}
