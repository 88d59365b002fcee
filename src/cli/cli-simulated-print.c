/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/cli-simulated.h"
#include "cli/cli-versions.h"
#include "cli/cli-words.h"

static const char *
plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* "3 messages, 5 recipients". Caller owns. */
static char *
describe(SkTally tally)
{
    return g_strdup_printf("%" PRIu64 " message%s, %" PRIu64 " recipient%s", tally.passages,
                           plural(tally.passages), tally.recipients, plural(tally.recipients));
}

static void
print_tally(const char *before, SkTally tally, const char *after)
{
    g_autofree char *text = describe(tally);

    printf("%s%s%s\n", before, text, after);
}

static void
print_head(const SkSimulatedReport *report, const SkSimulated *got)
{
    g_autofree char *from = sk_cli_time(got->first_us), *to = sk_cli_time(got->last_us);

    if (got->all.passages == 0)
        puts("no passage of the ledger could be judged again");
    else
        printf("%s to %s\n", from, to);
    print_tally("judged again   ", got->all, "");
    if (report->recorded)
        puts("compared with  what was decided then");
    else if (report->version > 0)
        printf("compared with  policy version %" PRId64 ", in force now\n", report->version);
    else
        puts("compared with  the policy file: no version is in force");
    if (got->never_judged > 0)
        printf("left out       %" PRIu64
               " that no policy had judged (no inspector, releases)\n",
               got->never_judged);
    if (got->unreadable > 0)
        printf("left out       %" PRIu64 " whose record cannot be read by this version\n",
               got->unreadable);
}

static void
print_kinds(const SkSimulated *got)
{
    print_tally("\nwould change   ", got->changed, "");
    for (int i = 0; i < SK_N_OUTCOMES * SK_N_OUTCOMES; i++) {
        int from = i / SK_N_OUTCOMES, to = i % SK_N_OUTCOMES;
        SkTally tally = got->kinds[from][to];
        g_autofree char *kind =
            from != to ? g_strdup_printf("%s -> %s", sk_outcome_name((SkOutcome)from),
                                         sk_outcome_name((SkOutcome)to))
                       : g_strdup_printf("%s, otherwise", sk_outcome_name((SkOutcome)from));
        g_autofree char *text = describe(tally);

        if (tally.passages > 0 || tally.recipients > 0)
            printf("    %-24s %s\n", kind, text);
    }
    if (got->unexplained > 0)
        printf("    for %" PRIu64
               " recipient%s only because the rules stand in another order\n",
               got->unexplained, plural(got->unexplained));
    if (got->would.recipients > 0)
        print_tally("observed rules would change in addition  ", got->would, "");
}

static void
print_directions(const uint64_t counts[SK_N_DIRECTIONS])
{
    const char *before = "  (";
    bool any = false;

    for (int i = 0; i < SK_N_DIRECTIONS; i++) {
        if (counts[i] == 0)
            continue;
        printf("%s%s %" PRIu64, before, sk_direction_name((SkDirection)i), counts[i]);
        before = ", ";
        any = true;
    }
    puts(any ? ")" : "");
}

static void
print_count(const char *what, SkTally tally, const uint64_t *directions)
{
    g_autofree char *text = describe(tally);

    if (tally.recipients == 0)
        return;
    printf("      %-14s %s", what, text);
    if (directions != NULL)
        print_directions(directions);
    else
        puts("");
}

static void
print_examples(const SkSimulatedRule *rule)
{
    const char *before = "      for example    ";

    for (guint i = 0; i < SK_SIMULATION_EXAMPLES && rule->examples[i].id[0] != '\0'; i++) {
        /* Those that only matched are none once there is one that changed. */
        if (rule->examples[i].changed != rule->examples[0].changed)
            break;
        printf("%s%s", before, rule->examples[i].id);
        before = " ";
    }
    if (rule->examples[0].id[0] != '\0')
        puts("");
}

static void
print_rule(const SkSimulatedRule *rule)
{
    g_autofree char *where =
        rule->line > 0 ? g_strdup_printf("line %u", rule->line) : g_strdup("built in");

    printf("\n  %s  %s  %s%s\n      %s\n", where, rule->id, sk_rule_state_name(rule->state),
           rule->observe && rule->state != SK_RULE_GONE ? ", observed" : "",
           rule->text != NULL ? rule->text : "(its text is not known any more)");
    print_count(rule->state == SK_RULE_GONE ? "matched" : "matches", rule->matched,
                rule->matched_in);
    print_count("changes", rule->changed, rule->changed_in);
    print_count("would change", rule->would, NULL);
    print_examples(rule);
}

static void
print_rules(const SkSimulated *got)
{
    unsigned silent = 0;

    puts("\nby rule");
    for (guint i = 0; i < got->rules->len; i++) {
        const SkSimulatedRule *rule = got->rules->pdata[i];

        if (rule->matched.recipients > 0 || rule->changed.recipients > 0)
            print_rule(rule);
        else
            silent++;
    }
    if (silent > 0)
        printf("\n  %u rule%s matched nothing\n", silent, plural(silent));
}

static void
print_reasons(const char *reasons)
{
    g_auto(GStrv) lines = g_strsplit(reasons != NULL ? reasons : "", "\n", -1);

    for (char **line = lines; *line != NULL; line++)
        printf("      %s\n", *line);
}

/* A rule of which nothing is known must not look like one that never matches. */
static void
print_gaps(const SkSimulatedReport *report, const SkSimulated *got)
{
    bool first = true;

    for (guint i = 0; i < got->rules->len; i++) {
        const SkSimulatedRule *rule = got->rules->pdata[i];
        g_autofree char *late = sk_simulation_describe_late(report->simulation, i);

        if (rule->gaps == NULL && rule->unknown.recipients == 0)
            continue;
        if (first)
            puts("\nnot known");
        first = false;
        printf("\n  line %u  %s\n      %s\n", rule->line, rule->id, rule->text);
        print_count("cannot tell of", rule->unknown, NULL);
        print_reasons(rule->gaps);
        if (late != NULL && rule->unknown.recipients > 0)
            print_reasons(late);
    }
}

static void
print_top(const char *what, const SkTop *top, guint limit)
{
    g_autoptr(GPtrArray) list = sk_top_list(top);

    if (list->len == 0 || limit == 0)
        return;
    printf("\n  %s%s\n", what, sk_top_get_cut(top) > 0 ? " (counts are at least these)" : "");
    for (guint i = 0; i < list->len && i < limit; i++) {
        const SkTopEntry *entry = list->pdata[i];
        g_autofree char *safe = sk_text_safe(sk_bytes(entry->key, strlen(entry->key)), 300);

        printf("    %6" PRIu64 "  %s%s\n", entry->count, *safe != '\0' ? safe : "<>",
               entry->own ? "  (ours)" : "");
    }
    if (list->len > limit)
        printf("            and %u others\n", list->len - limit);
}

static void
print_people(const SkSimulated *got, guint limit)
{
    if (got->changed.recipients == 0 || limit == 0)
        return;
    puts("\nwhose mail would change");
    print_top("senders", got->senders, limit);
    print_top("recipients", got->recipients, limit);
    print_top("domains of others", got->domains, limit);
}

void
sk_cli_print_simulated(const SkSimulatedReport *report)
{
    const SkSimulated *got = sk_simulation_peek(report->simulation);

    print_head(report, got);
    print_kinds(got);
    print_rules(got);
    print_gaps(report, got);
    print_people(got, report->people);
}
