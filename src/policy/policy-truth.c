/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy-truth.h"

#include <string.h>

static SkTri
tri(bool value)
{
    return value ? SK_TRI_TRUE : SK_TRI_FALSE;
}

static SkTri
tri_not(SkTri value)
{
    if (value == SK_TRI_UNKNOWN)
        return SK_TRI_UNKNOWN;
    return tri(value == SK_TRI_FALSE);
}

static SkTri
tri_and(SkTri a, SkTri b)
{
    if (a == SK_TRI_FALSE || b == SK_TRI_FALSE)
        return SK_TRI_FALSE;
    return a == SK_TRI_TRUE ? b : a;
}

static SkTri
tri_or(SkTri a, SkTri b)
{
    return tri_not(tri_and(tri_not(a), tri_not(b)));
}

static bool
holds_for(const SkFinding *finding, const SkPolicyFacts *facts)
{
    return finding->recipient == NULL || g_strcmp0(finding->recipient, facts->recipient) == 0;
}

void
sk_case_init(SkCase *one, const SkPolicy *policy, const SkPolicyFacts *facts)
{
    size_t n = facts->findings != NULL ? sk_findings_count(facts->findings) : 0;

    one->facts = facts;
    one->present = (SkIdSet){0};
    for (size_t i = 0; i < n; i++) {
        const SkFinding *finding = sk_findings_peek(facts->findings, i);

        if (holds_for(finding, facts))
            sk_idset_add(&one->present, finding->id);
    }
    sk_policy_who_prepare(&one->from, policy->asks_addresses ? facts->from : NULL);
    sk_policy_who_prepare(&one->to, policy->asks_addresses ? facts->recipient : NULL);
}

static SkTri
judge_finding(const SkTest *test, const SkIdSet *visible, const SkIdSet *unsought)
{
    if (sk_idset_meets(&test->ids, visible))
        return SK_TRI_TRUE;
    if (unsought != NULL && sk_idset_meets(&test->ids, unsought))
        return SK_TRI_UNKNOWN;
    return sk_idset_is_empty(&test->untold) ? SK_TRI_FALSE : SK_TRI_UNKNOWN;
}

static bool
is_partner(const SkWho *who, const char *partner)
{
    return partner != NULL && (who->name == NULL || strcmp(who->name, partner) == 0);
}

static bool
is_who(const SkWho *who, bool internal, const char *partner, const SkWhoAddress *address)
{
    switch (who->kind) {
    case SK_WHO_INTERNAL:
        return internal;
    case SK_WHO_EXTERNAL:
        return !internal;
    case SK_WHO_PARTNER:
        return is_partner(who, partner);
    case SK_WHO_ADDRESS:
    case SK_WHO_DOMAIN:
    case SK_WHO_LIST:
        return sk_policy_who_is_address(who, address) || sk_policy_who_is_domain(who, address);
    }
    g_assert_not_reached();
}

/* How sure it is that a sender who claims to be WHO is. DMARC proves a domain only, so an
 * address needs a signature bound to it; an agreement may demand less than DMARC, we do not. */
static SkTri
judge_proof(const SkWho *who, const SkCase *one)
{
    const SkPolicyFacts *facts = one->facts;
    SkTri proof = SK_TRI_FALSE;

    switch (who->kind) {
    case SK_WHO_INTERNAL:
        return facts->verified_internal;
    case SK_WHO_PARTNER:
        return tri_and(facts->verified_partner, facts->verified_domain);
    case SK_WHO_EXTERNAL:
        return facts->verified_domain;
    case SK_WHO_ADDRESS:
    case SK_WHO_DOMAIN:
    case SK_WHO_LIST:
        if (sk_policy_who_is_domain(who, &one->from))
            proof = facts->verified_domain;
        if (sk_policy_who_is_address(who, &one->from))
            proof = tri_or(proof, facts->verified_address);
        return proof;
    }
    g_assert_not_reached();
}

static SkTri
judge_from(const SkTest *test, const SkCase *one)
{
    const SkPolicyFacts *facts = one->facts;

    if (test->untellable)
        return SK_TRI_UNKNOWN;
    if (facts->from == NULL ||
        !is_who(&test->who, facts->from_internal, facts->from_partner, &one->from))
        return SK_TRI_FALSE;
    return test->verified ? judge_proof(&test->who, one) : SK_TRI_TRUE;
}

static SkTri
judge_to(const SkTest *test, const SkCase *one)
{
    const SkPolicyFacts *facts = one->facts;

    if (test->untellable)
        return SK_TRI_UNKNOWN;
    return tri(facts->recipient != NULL &&
               is_who(&test->who, facts->to_internal, facts->to_partner, &one->to));
}

static SkTri
judge_number(const SkTest *test, uint64_t value)
{
    switch (test->cmp) {
    case SK_CMP_LESS:
        return tri(value < test->number);
    case SK_CMP_LESS_EQUAL:
        return tri(value <= test->number);
    case SK_CMP_EQUAL:
        return tri(value == test->number);
    case SK_CMP_GREATER_EQUAL:
        return tri(value >= test->number);
    case SK_CMP_GREATER:
        return tri(value > test->number);
    }
    g_assert_not_reached();
}

static SkTri
judge_test(const SkTest *test, const SkCase *one, const SkIdSet *visible)
{
    switch (test->subject) {
    case SK_SUBJECT_FINDING:
        return judge_finding(test, visible, one->facts->unsought);
    case SK_SUBJECT_FROM:
        return judge_from(test, one);
    case SK_SUBJECT_TO:
        return judge_to(test, one);
    case SK_SUBJECT_SIZE:
        return judge_number(test, one->facts->size);
    case SK_SUBJECT_RECIPIENTS:
        return judge_number(test, one->facts->recipients);
    case SK_SUBJECT_EXTERNAL_DOMAINS:
        return judge_number(test, one->facts->external_domains);
    }
    g_assert_not_reached();
}

SkTri
sk_unit_judge(const SkUnit *unit, const SkCase *one, const SkIdSet *visible)
{
    SkTri value = unit->test != NULL ? judge_test(unit->test, one, visible)
                                     : sk_condition_judge(unit->inner, one, visible);

    return unit->negated ? tri_not(value) : value;
}

SkTri
sk_and_part_judge(const GPtrArray *and_part, const SkCase *one, const SkIdSet *visible)
{
    SkTri value = SK_TRI_TRUE;

    for (guint i = 0; i < and_part->len && value != SK_TRI_FALSE; i++)
        value = tri_and(value, sk_unit_judge(and_part->pdata[i], one, visible));
    return value;
}

SkTri
sk_condition_judge(const GPtrArray *condition, const SkCase *one, const SkIdSet *visible)
{
    SkTri value = SK_TRI_FALSE;

    for (guint i = 0; i < condition->len && value != SK_TRI_TRUE; i++)
        value = tri_or(value, sk_and_part_judge(condition->pdata[i], one, visible));
    return value;
}

const SkFinding *
sk_test_find(const SkTest *test, const SkCase *one, const SkIdSet *visible)
{
    const SkPolicyFacts *facts = one->facts;
    size_t n = facts->findings != NULL ? sk_findings_count(facts->findings) : 0;

    if (test->subject != SK_SUBJECT_FINDING)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const SkFinding *finding = sk_findings_peek(facts->findings, i);

        if (sk_idset_has(&test->ids, finding->id) && sk_idset_has(visible, finding->id) &&
            holds_for(finding, facts))
            return finding;
    }
    return NULL;
}

/* What stands under `not` in a condition that is true is false: nothing is found in it. */
static const SkFinding *
find_in_unit(const SkUnit *unit, const SkCase *one, const SkIdSet *visible)
{
    return unit->test != NULL ? sk_test_find(unit->test, one, visible)
                              : sk_condition_find(unit->inner, one, visible);
}

const SkFinding *
sk_condition_find(const GPtrArray *condition, const SkCase *one, const SkIdSet *visible)
{
    const SkFinding *found = NULL;

    for (guint i = 0; i < condition->len && found == NULL; i++) {
        const GPtrArray *and_part = condition->pdata[i];

        if (sk_and_part_judge(and_part, one, visible) != SK_TRI_TRUE)
            continue;
        for (guint j = 0; j < and_part->len && found == NULL; j++)
            found = find_in_unit(and_part->pdata[j], one, visible);
    }
    return found;
}

static bool
find_test_parts(const SkTest *test, const SkCase *one, const SkIdSet *visible, GPtrArray *parts)
{
    const SkPolicyFacts *facts = one->facts;
    size_t n = facts->findings != NULL ? sk_findings_count(facts->findings) : 0;
    bool found = false;

    for (size_t i = 0; i < n && test->subject == SK_SUBJECT_FINDING; i++) {
        const SkFinding *finding = sk_findings_peek(facts->findings, i);

        if (finding->part == NULL || !sk_idset_has(&test->ids, finding->id) ||
            !sk_idset_has(visible, finding->id) || !holds_for(finding, facts))
            continue;
        g_ptr_array_add(parts, g_strdup(finding->part));
        found = true;
    }
    return found;
}

/* An `and` is about the parts that any side of it names. */
static bool
find_and_parts(const GPtrArray *and_part,
               const SkCase *one,
               const SkIdSet *visible,
               GPtrArray *parts)
{
    bool found = false;

    for (guint i = 0; i < and_part->len; i++) {
        const SkUnit *unit = and_part->pdata[i];

        if (unit->negated)
            continue;
        if (unit->test != NULL)
            found |= find_test_parts(unit->test, one, visible, parts);
        else
            found |= sk_condition_find_parts(unit->inner, one, visible, parts);
    }
    return found;
}

bool
sk_condition_find_parts(const GPtrArray *condition,
                        const SkCase *one,
                        const SkIdSet *visible,
                        GPtrArray *parts)
{
    bool all = true;

    for (guint i = 0; i < condition->len; i++) {
        const GPtrArray *and_part = condition->pdata[i];

        if (sk_and_part_judge(and_part, one, visible) == SK_TRI_TRUE)
            all &= find_and_parts(and_part, one, visible, parts);
    }
    return all;
}
