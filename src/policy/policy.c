/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <string.h>

#include "base/limit.h"
#include "policy/policy-check.h"
#include "policy/policy-parse.h"

/* What we failed to inspect never passes as clean. */
#define FLOOR "any when inspect or attach.limit then hold for review by admin"

static void
add_rule(SkPolicy *policy, SkRule *rule)
{
    g_ptr_array_add(policy->rules, rule);
    policy->asks_recipient = policy->asks_recipient || sk_policy_asks_recipient(rule);
    policy->asks_addresses = policy->asks_addresses || sk_policy_asks_addresses(rule);
    policy->observes = policy->observes || rule->observe;
    if (!g_hash_table_contains(policy->by_id, rule->ref.id))
        g_hash_table_insert(policy->by_id, rule->ref.id, rule);
}

static void
check_twin(const SkPolicy *policy, const SkRule *rule, SkComplaints *complaints)
{
    const SkRule *twin = g_hash_table_lookup(policy->by_id, rule->ref.id);

    if (twin != NULL)
        sk_complaints_add(complaints, SK_COMPLAINT_WARNING, 0, "line %u has the same rule",
                          twin->ref.line);
}

static void
read_line(SkPolicy *policy, const SkPolicyWorld *world, SkComplaints *complaints)
{
    SkRule *rule = NULL;

    if (!sk_policy_parse_line(complaints, &rule) || rule == NULL)
        return;
    check_twin(policy, rule, complaints);
    sk_policy_check_rule(rule, world, complaints);
    add_rule(policy, rule);
}

static void
read_lines(SkPolicy *policy, SkBytes text, const SkPolicyWorld *world, SkComplaints *complaints)
{
    for (size_t at = 0; at < text.len && complaints->errors < SK_COMPLAINTS_MAX;) {
        size_t end = sk_bytes_find(text, "\n", 1, at);

        complaints->line++;
        complaints->source = sk_bytes_slice(text, at, MIN(end, text.len) - at);
        read_line(policy, world, complaints);
        at = MIN(end, text.len) + 1;
    }
}

/* The floor is read by the same parser, so that its text and identity are like any other's. It
 * is not checked: a check that is switched off must not take the floor away. */
static void
add_floor(SkPolicy *policy, const SkPolicyWorld *world)
{
    SkComplaints complaints = {.file = "", .source = sk_bytes(FLOOR, strlen(FLOOR))};
    SkRule *floor = NULL;

    g_assert(sk_policy_parse_line(&complaints, &floor) && floor != NULL);
    floor->is_floor = true;
    add_rule(policy, floor);
    policy->floor_defers = (world->built_waits & SK_WAIT_REVIEW) == 0;
}

static SkPolicy *
policy_alloc(void)
{
    SkPolicy *policy = g_new0(SkPolicy, 1);

    g_atomic_ref_count_init(&policy->refs);
    policy->rules = g_ptr_array_new_with_free_func((GDestroyNotify)sk_rule_free);
    policy->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    return policy;
}

SkPolicy *
sk_policy_new(const char *file,
              const char *text,
              size_t len,
              const SkPolicyWorld *world,
              GPtrArray *complaints)
{
    g_autoptr(SkPolicy) policy = policy_alloc();
    SkComplaints list = {
        .file = file, .stored = world->stored, .list = complaints, .source = sk_bytes("", 0)};

    if (len > SK_LIMIT_POLICY) {
        list.line = 1;
        sk_complaints_add(&list, SK_COMPLAINT_ERROR, 0, "a policy has at most %llu bytes",
                          SK_LIMIT_POLICY);
        return NULL;
    }
    read_lines(policy, sk_bytes(text, len), world, &list);
    add_floor(policy, world);
    return list.errors == 0 ? g_steal_pointer(&policy) : NULL;
}

SkPolicy *
sk_policy_ref(SkPolicy *policy)
{
    g_atomic_ref_count_inc(&policy->refs);
    return policy;
}

void
sk_policy_unref(SkPolicy *policy)
{
    if (policy == NULL || !g_atomic_ref_count_dec(&policy->refs))
        return;
    g_hash_table_unref(policy->by_id);
    g_ptr_array_unref(policy->rules);
    g_free(policy);
}

guint
sk_policy_count(const SkPolicy *policy)
{
    return policy->rules->len - 1;
}

const char *
sk_policy_peek_rule(const SkPolicy *policy, const char *id)
{
    const SkRule *rule = g_hash_table_lookup(policy->by_id, id);

    return rule != NULL ? rule->text : NULL;
}

bool
sk_policy_depends_on_recipient(const SkPolicy *policy)
{
    return policy->asks_recipient;
}

const SkRuleRef *
sk_policy_peek_nth(const SkPolicy *policy, guint i, const char **ret_text, bool *ret_observe)
{
    const SkRule *rule;

    g_assert(i < policy->rules->len);
    rule = policy->rules->pdata[i];
    *ret_text = rule->text;
    *ret_observe = rule->observe;
    return &rule->ref;
}

bool
sk_policy_get_direction(const SkPolicy *policy, guint i, SkDirection *ret_direction)
{
    const SkRule *rule = policy->rules->pdata[i];

    if (!rule->any)
        *ret_direction = rule->direction;
    return !rule->any;
}
