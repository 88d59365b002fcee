/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-release.h"

#include <string.h>

#include "engine/engine-hold.h"
#include "engine/engine-judge.h"

void
sk_release_verdict_clear(SkReleaseVerdict *verdict)
{
    g_clear_pointer(&verdict->names, g_ptr_array_unref);
}

char *
sk_engine_release_name(const SkFinding *finding)
{
    return g_strconcat(sk_finding_id_name(finding->id),
                       finding->part != NULL ? " in part " : "",
                       finding->part != NULL ? finding->part : "",
                       finding->subject != NULL ? ": " : "", finding->subject, NULL);
}

/* ---- whom it is for ---- */

static bool
is_recipient(const SkHeldCopy *copy, const char *address)
{
    for (guint i = 0; i < copy->recipients->len; i++) {
        const SkRecipient *recipient = copy->recipients->pdata[i];

        if (strcmp(recipient->address, address) == 0)
            return true;
    }
    return false;
}

bool
sk_engine_release_is_for(const SkRelease *release, const SkEnvelope *envelope)
{
    const char *sender = envelope->sender != NULL ? envelope->sender : "";
    bool is_for = strcmp(sender, release->message->sender) == 0;

    for (guint i = 0; is_for && i < sk_envelope_count(envelope); i++)
        is_for = is_recipient(release->copy, sk_envelope_peek(envelope, i)->address);
    return is_for;
}

/* ---- what is new ---- */

/* Whether PART is OTHER or lies in it: "2.1" in "2". NULL is the whole message. */
static bool
is_in(const char *part, const char *other)
{
    size_t len;

    if (part == NULL || other == NULL)
        return part == other;
    len = strlen(other);
    return strncmp(part, other, len) == 0 && (part[len] == '\0' || part[len] == '.');
}

/* What is found in a part of the stripped copy is what is left of it, or our notice. */
static bool
is_left_of(const SkFinding *now, const SkFinding *then)
{
    return now->id == then->id &&
           (is_in(now->part, then->part) || is_in(then->part, now->part));
}

static bool
is_same(const SkFinding *now, const SkFinding *then)
{
    return now->id == then->id && g_strcmp0(now->part, then->part) == 0 &&
           g_strcmp0(now->subject, then->subject) == 0;
}

/* Malware that was to be taken out, and that nobody looked at, must be gone. */
static bool
is_left_over(const SkRelease *release, const SkFinding *now)
{
    return release->copy->variant == SK_COPY_STRIPPED &&
           (release->copy->waits & SK_WAIT_REVIEW) == 0 &&
           sk_finding_id_below(now->id, "malware.found");
}

static bool
was_there(const SkRelease *release, const SkFinding *now)
{
    bool stripped = release->copy->variant == SK_COPY_STRIPPED;
    const SkFindings *before = release->receipt->findings;
    g_autofree char *name = NULL;

    for (size_t i = 0; !is_left_over(release, now) && i < sk_findings_count(before); i++) {
        const SkFinding *then = sk_findings_peek(before, i);

        if (is_same(now, then) || (stripped && is_left_of(now, then)))
            return true;
    }
    name = sk_engine_release_name(now);
    return g_hash_table_contains((GHashTable *)release->found, name);
}

static void
add_new(const SkRelease *release, const SkFindings *now, SkFindings *to)
{
    for (size_t i = 0; i < sk_findings_count(now); i++) {
        const SkFinding *one = sk_findings_peek(now, i);

        if (!was_there(release, one))
            sk_findings_add(to, one->id, one->part, one->subject, one->detail);
    }
}

/* ---- the passage ---- */

static void
take_facts(const SkPassage *receipt, SkPassage *passage)
{
    g_free(passage->from);
    passage->from = g_strdup(receipt->from);
    passage->from_internal = receipt->from_internal;
    passage->verified_internal = receipt->verified_internal;
    passage->verified_domain = receipt->verified_domain;
    passage->verified_address = receipt->verified_address;
    g_free(passage->from_partner);
    passage->from_partner = g_strdup(receipt->from_partner);
    passage->verified_partner = receipt->verified_partner;
}

/* What was decided, as far as it is still to be done. */
static SkDecision *
decision_of_copy(const SkRelease *release)
{
    const SkDecision *decided = sk_engine_hold_decision(release->receipt, release->copy);
    SkDecision *decision = decided != NULL ? sk_decision_dup(decided) : sk_decision_new();

    decision->fate = SK_FATE_DELIVER;
    decision->waits = 0;
    decision->hold_s = decision->hold_min_s = decision->hold_max_s = 0;
    decision->review = SK_REVIEW_NONE;
    g_ptr_array_set_size(decision->approvers, 0);
    return decision;
}

static void
take_recipients(const SkSite *site, const SkRelease *release, SkPassage *passage)
{
    g_autoptr(SkDecision) decision = decision_of_copy(release);

    sk_engine_add_recipients(site, passage);
    passage->from_internal = release->receipt->from_internal;
    passage->external_domains = release->receipt->external_domains;
    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];

        recipient->direction = release->copy->direction;
        recipient->decision = sk_decision_dup(decision);
    }
}

/* ---- what new findings ask for ---- */

static SkDecision *
judge(const SkPolicy *policy, SkPolicyFacts facts, const SkFindings *findings)
{
    SkDecision *decision = NULL;

    facts.findings = findings;
    sk_policy_judge(policy, &facts, &decision, NULL);
    return decision;
}

/* Whether a rule of A does not match in B. */
static bool
has_more_rules(const SkDecision *a, const SkDecision *b)
{
    g_autoptr(GHashTable) of_b = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < b->rules->len; i++)
        g_hash_table_add(of_b, g_array_index(b->rules, SkRuleRef, i).id);
    for (guint i = 0; i < a->rules->len; i++) {
        if (!g_hash_table_contains(of_b, g_array_index(a->rules, SkRuleRef, i).id))
            return true;
    }
    return false;
}

/* Whether A takes out what B does not: now it is too late for that. */
static bool
strips_more(const SkDecision *a, const SkDecision *b)
{
    return (a->edits & SK_EDIT_STRIP) != 0 &&
           (a->parts->len > b->parts->len || a->strip_all != b->strip_all);
}

/* A decision that rules make because of NEW findings, added to VERDICT. Rules that match
 * without any finding matched at receipt as well. */
static void
add_decision(const SkRelease *release,
             const SkDecision *decision,
             bool strips,
             SkReleaseVerdict *verdict)
{
    unsigned waits = decision->waits & ~(unsigned)SK_WAIT_TIME;

    if (strips) {
        waits |= SK_WAIT_REVIEW;
        verdict->review = SK_REVIEW_ADMIN;
    }
    if (decision->fate == SK_FATE_DEFER)
        verdict->fate = MAX(verdict->fate, SK_RELEASE_LATER);
    if (decision->fate == SK_FATE_REJECT && !sk_engine_may_return(release->message)) {
        waits |= SK_WAIT_REVIEW;
        verdict->review = SK_REVIEW_ADMIN;
    }
    if (decision->fate == SK_FATE_REJECT || waits != 0)
        verdict->fate = SK_RELEASE_REFUSED;
    verdict->waits |= waits;
    if ((waits & SK_WAIT_REVIEW) != 0)
        verdict->review = MAX(verdict->review, decision->review);
}

static void
judge_new(const SkPolicy *policy,
          const char *today,
          const SkRelease *release,
          const SkPassage *passage,
          const SkFindings *new,
          SkReleaseVerdict *verdict)
{
    g_autoptr(SkFindings) none = sk_findings_new();
    bool rejected = false;

    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPolicyFacts facts = sk_engine_facts(passage, i, today);
        g_autoptr(SkDecision) without = NULL, with = NULL;

        facts.recipients = release->receipt->recipients->len;
        facts.size = release->receipt->size;
        without = judge(policy, facts, none);
        with = judge(policy, facts, new);
        if (!has_more_rules(with, without))
            continue;
        add_decision(release, with, strips_more(with, without), verdict);
        rejected = rejected || with->fate == SK_FATE_REJECT;
    }
    if (rejected && sk_engine_may_return(release->message))
        verdict->waits = 0;
    verdict->waits = sk_engine_hold_waits(release->copy->direction, release->message,
                                          verdict->waits, &verdict->review);
    if ((verdict->waits & SK_WAIT_REVIEW) != 0 &&
        sk_findings_find(new, "malware.found", NULL) != NULL)
        verdict->review = SK_REVIEW_ADMIN;
}

static void
add_names(const SkFindings *new, SkReleaseVerdict *verdict)
{
    verdict->names = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < sk_findings_count(new); i++)
        g_ptr_array_add(verdict->names, sk_engine_release_name(sk_findings_peek(new, i)));
}

void
sk_engine_release_judge(const SkSite *site,
                        const SkPolicy *policy,
                        int64_t now_us,
                        const SkRelease *release,
                        SkPassage *passage,
                        SkReleaseVerdict *ret_verdict)
{
    g_autofree char *today = sk_site_today(site, now_us);
    g_autoptr(SkFindings) new = sk_findings_new();

    *ret_verdict = (SkReleaseVerdict){.fate = SK_RELEASE_FINE};
    take_facts(release->receipt, passage);
    take_recipients(site, release, passage);
    add_new(release, passage->findings, new);
    if (sk_findings_count(new) > 0)
        judge_new(policy, today, release, passage, new, ret_verdict);
    if (ret_verdict->fate == SK_RELEASE_REFUSED)
        add_names(new, ret_verdict);
}
