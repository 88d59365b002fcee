/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-simulate.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine-judge.h"
#include "ledger/passage-json.h"
#include "policy/policy-names.h"

/* Rules that are gone are known by their ids in old records: as many as a policy may have. */
#define GONE_MAX 10000

typedef enum {
    COUNT_MATCHED,
    COUNT_CHANGED,
    COUNT_WOULD,
    COUNT_UNKNOWN,
    N_COUNTS,
} Count;

/* A row, and which passage it was last counted for. */
typedef struct {
    SkSimulatedRule rule;
    uint64_t last[N_COUNTS];
} Row;

struct SkSimulation {
    SkSimulationOptions options;
    SkSimulated result;
    GHashTable *by_id;  /* rule identity -> Row, borrowed: the first of twins */
    GArray *by_line;    /* of unsigned: which row the rule of a line has, plus 1 */
    SkTri *truths;      /* of the other policy's rules */
    int64_t settled_us; /* from then on every finding was looked for */
    uint64_t serial;    /* of the passage under way */
};

/* One passage under way. */
typedef struct {
    const SkPassage *passage;
    SkIdSet unsought;
    char *today;
    bool judged, changed, would;
    SkOutcome before, after; /* the strictest */
    bool counted[SK_N_OUTCOMES][SK_N_OUTCOMES];
} View;

const char *
sk_outcome_name(SkOutcome outcome)
{
    static const char *const names[] = {"delivered", "marked", "held", "deferred", "refused"};

    return names[outcome];
}

const char *
sk_rule_state_name(SkRuleState state)
{
    static const char *const names[] = {"kept", "added", "switched on", "switched off", "gone"};

    return names[state];
}

static void
row_free(void *data)
{
    Row *row = data;

    g_free(row->rule.gaps);
    g_free(row);
}

static Row *
add_row(SkSimulation *s, const SkRuleRef *ref)
{
    Row *row = g_new0(Row, 1);

    memcpy(row->rule.id, ref->id, sizeof row->rule.id);
    row->rule.line = ref->line;
    g_ptr_array_add(s->result.rules, row);
    if (!g_hash_table_contains(s->by_id, row->rule.id))
        g_hash_table_insert(s->by_id, row->rule.id, row);
    return row;
}

static void
note_line(SkSimulation *s, unsigned line, guint row)
{
    if (line >= s->by_line->len)
        g_array_set_size(s->by_line, line + 1);
    g_array_index(s->by_line, unsigned, line) = row + 1;
}

static void
add_other_rules(SkSimulation *s)
{
    const SkPolicy *other = s->options.other;

    for (guint i = 0; i <= sk_policy_count(other); i++) {
        const char *text = NULL;
        bool observe = false;
        const SkRuleRef *ref = sk_policy_peek_nth(other, i, &text, &observe);
        Row *row = add_row(s, ref);

        row->rule.text = text;
        row->rule.observe = observe;
        row->rule.state = s->options.in_force != NULL ? SK_RULE_ADDED : SK_RULE_KEPT;
        row->rule.gaps = sk_policy_describe_gaps(other, i);
        note_line(s, ref->line, i);
    }
}

static SkRuleState
compare_states(bool observed_before, bool observed_now)
{
    if (observed_before == observed_now)
        return SK_RULE_KEPT;
    return observed_before ? SK_RULE_SWITCHED_ON : SK_RULE_SWITCHED_OFF;
}

static void
compare_rules(SkSimulation *s)
{
    const SkPolicy *in_force = s->options.in_force;

    for (guint i = 0; in_force != NULL && i <= sk_policy_count(in_force); i++) {
        const char *text = NULL;
        bool observe = false;
        const SkRuleRef *ref = sk_policy_peek_nth(in_force, i, &text, &observe);
        Row *row = g_hash_table_lookup(s->by_id, ref->id);

        if (row != NULL) {
            row->rule.state = compare_states(observe, row->rule.observe);
            continue;
        }
        row = add_row(s, ref);
        row->rule.text = text;
        row->rule.observe = observe;
        row->rule.state = SK_RULE_GONE;
    }
}

/* When the last finding that is looked for began to be. */
static int64_t
settled_us(const int64_t *since_us)
{
    int64_t last = 0;

    for (int id = 0; since_us != NULL && id < SK_N_FINDINGS; id++) {
        if (sk_finding_id_state((SkFindingId)id) == SK_FINDING_BUILT)
            last = MAX(last, since_us[id]);
    }
    return last;
}

SkSimulation *
sk_simulation_new(const SkSimulationOptions *options)
{
    SkSimulation *s = g_new0(SkSimulation, 1);

    s->options = *options;
    s->result.rules = g_ptr_array_new_with_free_func(row_free);
    s->result.senders = sk_top_new(SK_SIMULATION_PEOPLE);
    s->result.recipients = sk_top_new(SK_SIMULATION_PEOPLE);
    s->result.domains = sk_top_new(SK_SIMULATION_PEOPLE);
    s->by_id = g_hash_table_new(g_str_hash, g_str_equal);
    s->by_line = g_array_new(FALSE, TRUE, sizeof(unsigned));
    s->truths = g_new0(SkTri, sk_policy_count(options->other) + 1);
    s->settled_us = settled_us(options->since_us);
    add_other_rules(s);
    compare_rules(s);
    return s;
}

void
sk_simulation_free(SkSimulation *s)
{
    if (s == NULL)
        return;
    g_hash_table_unref(s->by_id);
    g_array_unref(s->by_line);
    g_ptr_array_unref(s->result.rules);
    sk_top_free(s->result.senders);
    sk_top_free(s->result.recipients);
    sk_top_free(s->result.domains);
    g_free(s->truths);
    g_free(s);
}

/* The row of a rule of the other policy, or, by its identity alone, of the one in force. */
static Row *
row_of(SkSimulation *s, const SkRuleRef *ref, bool of_other)
{
    Row *row;

    if (of_other)
        return s->result.rules->pdata[g_array_index(s->by_line, unsigned, ref->line) - 1];
    row = g_hash_table_lookup(s->by_id, ref->id);
    if (row != NULL || s->result.rules->len >= GONE_MAX)
        return row;
    row = add_row(s, ref);
    row->rule.state = SK_RULE_GONE;
    return row;
}

static void
tally(SkSimulation *s, Row *row, Count count, SkTally *of)
{
    of->recipients++;
    if (row->last[count] != s->serial)
        of->passages++;
    row->last[count] = s->serial;
}

/* Whether ID stands before OTHER in a list of examples. */
static bool
is_better(const char *id, bool changed, const char *other, bool other_changed)
{
    if (changed != other_changed)
        return changed;
    return strcmp(id, other) > 0;
}

static void
add_example(SkSimulatedRule *rule, const char *id, bool changed)
{
    guint at = 0, end = 0;

    if (strlen(id) != SK_ID_LEN)
        return;
    while (end < SK_SIMULATION_EXAMPLES - 1 && strcmp(rule->examples[end].id, id) != 0)
        end++;
    if (strcmp(rule->examples[end].id, id) == 0 && rule->examples[end].changed >= changed)
        return;
    while (at < end &&
           !is_better(id, changed, rule->examples[at].id, rule->examples[at].changed))
        at++;
    if (at == end && !is_better(id, changed, rule->examples[at].id, rule->examples[at].changed))
        return;
    memmove(&rule->examples[at + 1], &rule->examples[at],
            (end - at) * sizeof rule->examples[0]);
    memcpy(rule->examples[at].id, id, SK_ID_LEN + 1);
    rule->examples[at].changed = changed;
}

static bool
has_rule(const SkDecision *decision, const char *id)
{
    for (guint i = 0; i < decision->rules->len; i++) {
        if (strcmp(g_array_index(decision->rules, SkRuleRef, i).id, id) == 0)
            return true;
    }
    return false;
}

static SkOutcome
outcome_of(const SkDecision *decision)
{
    if (decision->fate != SK_FATE_DELIVER)
        return decision->fate == SK_FATE_REJECT ? SK_OUTCOME_REFUSED : SK_OUTCOME_DEFERRED;
    if (decision->waits != 0)
        return SK_OUTCOME_HELD;
    return decision->edits != 0 || decision->notify->len > 0 ? SK_OUTCOME_MARKED
                                                             : SK_OUTCOME_DELIVERED;
}

static void
blame(SkSimulation *s, View *view, Row *row, SkDirection direction)
{
    tally(s, row, COUNT_CHANGED, &row->rule.changed);
    row->rule.changed_in[direction]++;
    add_example(&row->rule, view->passage->id, true);
}

/* The rules of A that B does not have. */
static unsigned
blame_rules(SkSimulation *s,
            View *view,
            const SkDecision *a,
            const SkDecision *b,
            bool of_other,
            SkDirection direction)
{
    unsigned n = 0;

    for (guint i = 0; i < a->rules->len; i++) {
        const SkRuleRef *ref = &g_array_index(a->rules, SkRuleRef, i);
        Row *row = has_rule(b, ref->id) ? NULL : row_of(s, ref, of_other);

        if (row != NULL)
            blame(s, view, row, direction);
        n += row != NULL;
    }
    return n;
}

static void
count_people(SkSimulation *s, View *view, const SkPassageRecipient *recipient)
{
    const char *domain = sk_text_domain_peek(recipient->address);

    sk_top_add(s->result.recipients, recipient->address, recipient->to_internal);
    if (!recipient->to_internal && domain != NULL) {
        g_autofree char *lower = g_ascii_strdown(domain, -1);

        sk_top_add(s->result.domains, lower, false);
    }
    if (!view->changed) {
        const SkPassage *passage = view->passage;
        const char *sender = passage->from != NULL ? passage->from : passage->envelope->sender;
        const char *from = sk_text_domain_peek(sender);

        sk_top_add(s->result.senders, sender, passage->from_internal);
        if (!passage->from_internal && from != NULL) {
            g_autofree char *lower = g_ascii_strdown(from, -1);

            sk_top_add(s->result.domains, lower, false);
        }
    }
}

static void
count_change(SkSimulation *s,
             View *view,
             const SkPassageRecipient *recipient,
             const SkDecision *before,
             const SkDecision *after)
{
    unsigned rules = blame_rules(s, view, after, before, true, recipient->direction) +
                     blame_rules(s, view, before, after, false, recipient->direction);

    s->result.unexplained += rules == 0;
    s->result.kinds[outcome_of(before)][outcome_of(after)].recipients++;
    s->result.changed.recipients++;
    count_people(s, view, recipient);
    view->changed = true;
}

/* What observed rules would add, were they all switched on. */
static void
count_observed(SkSimulation *s, View *view, const SkDecision *after, const SkDecision *observed)
{
    if (sk_decision_is_same(after, observed))
        return;
    s->result.would.recipients++;
    view->would = true;
    for (guint i = 0; i < observed->rules->len; i++) {
        const SkRuleRef *ref = &g_array_index(observed->rules, SkRuleRef, i);
        Row *row = has_rule(after, ref->id) ? NULL : row_of(s, ref, true);

        if (row == NULL)
            continue;
        tally(s, row, COUNT_WOULD, &row->rule.would);
        add_example(&row->rule, view->passage->id, true);
    }
}

static void
count_matches(SkSimulation *s, View *view, const SkPolicyFacts *facts)
{
    sk_policy_weigh(s->options.other, facts, s->truths);
    for (guint i = 0; i <= sk_policy_count(s->options.other); i++) {
        Row *row = s->result.rules->pdata[i];

        if (s->truths[i] == SK_TRI_UNKNOWN)
            tally(s, row, COUNT_UNKNOWN, &row->rule.unknown);
        if (s->truths[i] != SK_TRI_TRUE)
            continue;
        tally(s, row, COUNT_MATCHED, &row->rule.matched);
        row->rule.matched_in[facts->direction]++;
        add_example(&row->rule, view->passage->id, false);
    }
}

static void
count_gone(SkSimulation *s, const SkDecision *before, SkDirection direction)
{
    for (guint i = 0; i < before->rules->len; i++) {
        Row *row = row_of(s, &g_array_index(before->rules, SkRuleRef, i), false);

        if (row == NULL || row->rule.state != SK_RULE_GONE)
            continue;
        tally(s, row, COUNT_MATCHED, &row->rule.matched);
        row->rule.matched_in[direction]++;
    }
}

static SkDecision *
decide_before(SkSimulation *s, const SkPolicyFacts *facts, const SkPassageRecipient *recipient)
{
    SkDecision *before = NULL;

    if (s->options.in_force == NULL)
        return sk_decision_dup(recipient->decision);
    sk_policy_judge(s->options.in_force, facts, &before, NULL);
    return before;
}

static void
add_recipient(SkSimulation *s, View *view, guint i)
{
    const SkPassageRecipient *recipient = view->passage->recipients->pdata[i];
    SkPolicyFacts facts = sk_engine_facts(view->passage, i, view->today);
    g_autoptr(SkDecision) before = NULL, after = NULL, observed = NULL;

    if (s->options.direction >= 0 && recipient->direction != (SkDirection)s->options.direction)
        return;
    facts.unsought = view->passage->received_us < s->settled_us ? &view->unsought : NULL;
    sk_policy_judge(s->options.other, &facts, &after, &observed);
    before = decide_before(s, &facts, recipient);
    s->result.all.recipients++;
    view->judged = true;
    view->before = MAX(view->before, outcome_of(before));
    view->after = MAX(view->after, outcome_of(after));
    count_matches(s, view, &facts);
    count_gone(s, before, recipient->direction);
    if (!sk_decision_is_same(before, after))
        count_change(s, view, recipient, before, after);
    count_observed(s, view, after, observed);
}

static void
note_time(SkSimulated *result, int64_t us)
{
    result->first_us = result->first_us == 0 ? us : MIN(result->first_us, us);
    result->last_us = MAX(result->last_us, us);
}

static void
add_passage(SkSimulation *s, const SkPassage *passage)
{
    View view = {.passage = passage};
    g_autofree char *today = sk_site_today(s->options.site, passage->received_us);

    view.today = today;
    for (int id = 0; id < SK_N_FINDINGS && passage->received_us < s->settled_us; id++) {
        if (s->options.since_us[id] > passage->received_us)
            sk_idset_add(&view.unsought, (SkFindingId)id);
    }
    for (guint i = 0; i < passage->recipients->len; i++)
        add_recipient(s, &view, i);
    if (!view.judged)
        return;
    note_time(&s->result, passage->received_us);
    s->result.all.passages++;
    s->result.would.passages += view.would;
    s->result.changed.passages += view.changed;
    s->result.kinds[view.before][view.after].passages += view.changed;
}

/* What was answered without any policy: the inspector was away, or nothing is held here. */
static bool
was_judged(const SkPassage *passage)
{
    const SkPassageRecipient *first =
        passage->recipients->len > 0 ? passage->recipients->pdata[0] : NULL;

    return first != NULL && first->decision != NULL && first->observed != NULL;
}

void
sk_simulation_add(SkSimulation *s, const char *document)
{
    g_autoptr(SkPassage) passage = sk_passage_json_read(document, NULL);

    s->serial++;
    if (passage == NULL)
        s->result.unreadable++;
    else if (!was_judged(passage))
        s->result.never_judged++;
    else
        add_passage(s, passage);
}

static void
add_tally(SkTally *to, const SkTally *from)
{
    to->passages += from->passages;
    to->recipients += from->recipients;
}

static void
merge_row(SkSimulatedRule *to, const SkSimulatedRule *from)
{
    add_tally(&to->matched, &from->matched);
    add_tally(&to->changed, &from->changed);
    add_tally(&to->would, &from->would);
    add_tally(&to->unknown, &from->unknown);
    for (int i = 0; i < SK_N_DIRECTIONS; i++) {
        to->matched_in[i] += from->matched_in[i];
        to->changed_in[i] += from->changed_in[i];
    }
    for (guint i = 0; i < SK_SIMULATION_EXAMPLES && from->examples[i].id[0] != '\0'; i++)
        add_example(to, from->examples[i].id, from->examples[i].changed);
}

static void
merge_rules(SkSimulation *s, const SkSimulation *from)
{
    guint own = sk_policy_count(s->options.other) + 1;

    for (guint i = 0; i < from->result.rules->len; i++) {
        const SkSimulatedRule *rule = from->result.rules->pdata[i];
        SkRuleRef ref = {.line = rule->line};
        Row *row;

        memcpy(ref.id, rule->id, sizeof ref.id);
        row = i < own ? s->result.rules->pdata[i] : row_of(s, &ref, false);
        if (row != NULL)
            merge_row(&row->rule, rule);
    }
}

void
sk_simulation_merge(SkSimulation *s, const SkSimulation *from)
{
    SkSimulated *to = &s->result;
    const SkSimulated *other = &from->result;

    add_tally(&to->all, &other->all);
    add_tally(&to->changed, &other->changed);
    add_tally(&to->would, &other->would);
    for (int i = 0; i < SK_N_OUTCOMES * SK_N_OUTCOMES; i++)
        add_tally(&to->kinds[i / SK_N_OUTCOMES][i % SK_N_OUTCOMES],
                  &other->kinds[i / SK_N_OUTCOMES][i % SK_N_OUTCOMES]);
    to->never_judged += other->never_judged;
    to->unreadable += other->unreadable;
    to->unexplained += other->unexplained;
    if (other->first_us != 0) {
        note_time(to, other->first_us);
        note_time(to, other->last_us);
    }
    merge_rules(s, from);
    sk_top_merge(to->senders, other->senders);
    sk_top_merge(to->recipients, other->recipients);
    sk_top_merge(to->domains, other->domains);
}

const SkSimulated *
sk_simulation_peek(const SkSimulation *s)
{
    return &s->result;
}

/* Whether the finding began to be looked for after the first of these passages. */
static bool
is_late(const SkSimulation *s, int id)
{
    return s->options.since_us[id] > s->result.first_us &&
           sk_finding_id_state((SkFindingId)id) == SK_FINDING_BUILT;
}

char *
sk_simulation_describe_late(const SkSimulation *s, guint rule)
{
    SkIdSet asked, late = {0};
    g_autofree char *names = NULL, *day = NULL;
    int64_t last = 0;

    if (rule > sk_policy_count(s->options.other) || s->options.since_us == NULL)
        return NULL;
    asked = sk_policy_get_asked(s->options.other, rule);
    for (int id = 0; id < SK_N_FINDINGS; id++) {
        if (!sk_idset_has(&asked, (SkFindingId)id) || !is_late(s, id))
            continue;
        sk_idset_add(&late, (SkFindingId)id);
        last = MAX(last, s->options.since_us[id]);
    }
    if (last == 0)
        return NULL;
    names = sk_policy_names_list(&late, 3);
    day = last < INT64_MAX ? sk_site_today(s->options.site, last)
                           : g_strdup("any gate of this "
                                      "version");
    return g_strdup_printf("%s: not looked for before %s", names, day);
}
