/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "cli/cli-json.h"
#include "cli/cli-simulated.h"

static json_t *
tally_object(SkTally tally)
{
    return json_pack("{s:I, s:I}", "passages", (json_int_t)tally.passages, "recipients",
                     (json_int_t)tally.recipients);
}

static json_t *
directions_object(const uint64_t counts[SK_N_DIRECTIONS])
{
    json_t *object = json_object();

    for (int i = 0; i < SK_N_DIRECTIONS; i++)
        json_object_set_new(object, sk_direction_name((SkDirection)i),
                            json_integer((json_int_t)counts[i]));
    return object;
}

static json_t *
kinds_array(const SkSimulated *got)
{
    json_t *list = json_array();

    for (int i = 0; i < SK_N_OUTCOMES * SK_N_OUTCOMES; i++) {
        int from = i / SK_N_OUTCOMES, to = i % SK_N_OUTCOMES;
        SkTally tally = got->kinds[from][to];

        if (tally.passages == 0 && tally.recipients == 0)
            continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I}", "from",
                                              sk_outcome_name((SkOutcome)from), "to",
                                              sk_outcome_name((SkOutcome)to), "passages",
                                              (json_int_t)tally.passages, "recipients",
                                              (json_int_t)tally.recipients));
    }
    return list;
}

static json_t *
gaps_array(const SkSimulatedReport *report, guint i)
{
    const SkSimulatedRule *rule = sk_simulation_peek(report->simulation)->rules->pdata[i];
    g_autofree char *late = sk_simulation_describe_late(report->simulation, i);
    g_auto(GStrv) lines = g_strsplit(rule->gaps != NULL ? rule->gaps : "", "\n", -1);
    json_t *list = json_array();

    for (char **line = lines; *line != NULL; line++)
        json_array_append_new(list, json_string(*line));
    if (late != NULL)
        json_array_append_new(list, json_string(late));
    return list;
}

static json_t *
examples_array(const SkSimulatedRule *rule)
{
    json_t *list = json_array();

    for (guint i = 0; i < SK_SIMULATION_EXAMPLES && rule->examples[i].id[0] != '\0'; i++) {
        if (rule->examples[i].changed == rule->examples[0].changed)
            json_array_append_new(list, json_string(rule->examples[i].id));
    }
    return list;
}

static json_t *
rule_object(const SkSimulatedReport *report, guint i)
{
    const SkSimulatedRule *rule = sk_simulation_peek(report->simulation)->rules->pdata[i];

    return json_pack("{s:s, s:I, s:o*, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id",
                     rule->id, "line", (json_int_t)rule->line, "text",
                     rule->text != NULL ? json_string(rule->text) : NULL, "observe",
                     rule->observe, "state", sk_rule_state_name(rule->state), "matched",
                     tally_object(rule->matched), "changed", tally_object(rule->changed),
                     "would", tally_object(rule->would), "unknown", tally_object(rule->unknown),
                     "matched_in", directions_object(rule->matched_in), "changed_in",
                     directions_object(rule->changed_in), "gaps", gaps_array(report, i),
                     "examples", examples_array(rule));
}

static json_t *
rules_array(const SkSimulatedReport *report)
{
    json_t *list = json_array();

    for (guint i = 0; i < sk_simulation_peek(report->simulation)->rules->len; i++)
        json_array_append_new(list, rule_object(report, i));
    return list;
}

static json_t *
top_object(const SkTop *top, guint limit)
{
    g_autoptr(GPtrArray) list = sk_top_list(top);
    json_t *shown = json_array();

    for (guint i = 0; i < list->len && i < limit; i++) {
        const SkTopEntry *entry = list->pdata[i];
        g_autofree char *safe = sk_text_safe(sk_bytes(entry->key, strlen(entry->key)), 4096);

        json_array_append_new(shown, json_pack("{s:s, s:b, s:I}", "name", safe, "own",
                                               entry->own, "count", (json_int_t)entry->count));
    }
    return json_pack("{s:o, s:I, s:I}", "shown", shown, "others",
                     (json_int_t)(list->len > limit ? list->len - limit : 0), "short_by",
                     (json_int_t)sk_top_get_cut(top));
}

void
sk_cli_json_simulated(const SkSimulatedReport *report)
{
    const SkSimulated *got = sk_simulation_peek(report->simulation);
    json_t *object =
        json_pack("{s:o, s:I, s:I, s:b, s:I, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o}",
                  "judged", tally_object(got->all), "first_us", (json_int_t)got->first_us,
                  "last_us", (json_int_t)got->last_us, "recorded", report->recorded, "version",
                  (json_int_t)report->version, "changed", tally_object(got->changed), "would",
                  tally_object(got->would), "kinds", kinds_array(got), "order_only",
                  (json_int_t)got->unexplained, "never_judged", (json_int_t)got->never_judged,
                  "unreadable", (json_int_t)got->unreadable, "rules", rules_array(report),
                  "senders", top_object(got->senders, report->people), "recipients",
                  top_object(got->recipients, report->people), "domains",
                  top_object(got->domains, report->people));

    sk_cli_print_json(object);
}
