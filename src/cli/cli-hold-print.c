/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-hold-print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli-words.h"

#define MINUTE_S 60
#define HOUR_S   3600
#define DAY_S    86400
/* Recipients and findings of one copy in a list. */
#define SHOWN 3

#define OF_PEOPLE (SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD)

/* Two units tell enough, and one if there is nothing of the second. */
static char *
describe_span(int64_t s)
{
    static const struct {
        int64_t s;
        const char *one, *many;
    } units[] = {
        {DAY_S, "day", "days"}, {HOUR_S, "h", "h"}, {MINUTE_S, "min", "min"}, {1, "s", "s"}};
    const size_t last = G_N_ELEMENTS(units) - 1;
    size_t u = 0;
    int64_t n, rest;

    while (u < last && s < units[u].s)
        u++;
    n = s / units[u].s;
    rest = u < last ? s % units[u].s / units[u + 1].s : 0;
    if (rest == 0)
        return g_strdup_printf("%" PRId64 " %s", n, n == 1 ? units[u].one : units[u].many);
    return g_strdup_printf("%" PRId64 " %s %" PRId64 " %s", n,
                           n == 1 ? units[u].one : units[u].many, rest, units[u + 1].many);
}

char *
sk_cli_countdown(int64_t at_us, int64_t now_us)
{
    int64_t s = (at_us - now_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
    g_autofree char *span = describe_span(s);

    return s <= 0 ? g_strdup("now") : g_strdup_printf("in %s", span);
}

static void
add_word(GString *words, const char *word)
{
    g_string_append_printf(words, "%s%s", words->len > 0 ? ", " : "", word);
}

static void
add_approval(GString *words, const GPtrArray *groups)
{
    add_word(words, "approval");
    for (guint i = 0; groups != NULL && i < groups->len; i++)
        g_string_append_printf(words, "%s%s", i == 0 ? " of " : " and ",
                               (const char *)groups->pdata[i]);
}

/* For whose word. */
static char *
describe_waits(const SkDeskCopy *copy)
{
    GString *words = g_string_new(NULL);

    if ((copy->open & SK_WAIT_CONFIRM) != 0)
        add_word(words, "its sender's word");
    if ((copy->open & SK_WAIT_APPROVAL) != 0)
        add_approval(words, copy->groups);
    if ((copy->open & SK_WAIT_REVIEW) != 0)
        add_word(words, copy->review == SK_REVIEW_RECIPIENT ? "review by the recipient"
                                                            : "review by an administrator");
    if ((copy->open & SK_WAIT_PASSWORD) != 0)
        add_word(words, "a password");
    return g_string_free(words, FALSE);
}

static char *
describe_end(const SkDeskCopy *copy)
{
    g_autofree char *when = sk_cli_time(copy->ended_us);
    GString *words = g_string_new(sk_copy_state_name(copy->state));

    g_string_append_printf(words, " %s", when);
    if (copy->ended_by != NULL)
        g_string_append_printf(words, " by %s", copy->ended_by);
    if (copy->why != NULL)
        g_string_append_printf(words, ": %s", copy->why);
    return g_string_free(words, FALSE);
}

static char *
describe_leaving(const SkDeskCopy *copy, int64_t now_us)
{
    g_autofree char *when = sk_cli_time(copy->due_us);
    g_autofree char *left = sk_cli_countdown(copy->due_us, now_us);

    if (copy->trouble != NULL)
        return g_strdup_printf("tried %s, is tried again; the last time: %s",
                               copy->tries == 1 ? "once" : "several times", copy->trouble);
    return g_strdup_printf("leaves %s, %s", when, left);
}

char *
sk_cli_hold_describe(const SkDeskCopy *copy, int64_t now_us)
{
    g_autofree char *waits = describe_waits(copy), *when = NULL, *left = NULL;

    if (sk_copy_state_is_end(copy->state))
        return describe_end(copy);
    if (copy->state == SK_COPY_RELEASING)
        return g_strdup("is being sent");
    if ((copy->open & OF_PEOPLE) == 0)
        return describe_leaving(copy, now_us);
    if (copy->expires_us == 0)
        return g_strdup_printf("waits for %s", waits);
    when = sk_cli_time(copy->expires_us);
    left = sk_cli_countdown(copy->expires_us, now_us);
    return g_strdup_printf("waits for %s, until %s, %s", waits, when, left);
}

/* "a, b, c and 7 more", at most MAX of them. */
static char *
join(const GPtrArray *texts, guint max)
{
    GString *joined = g_string_new(NULL);

    for (guint i = 0; i < MIN(texts->len, max); i++)
        add_word(joined, texts->pdata[i]);
    if (texts->len > max)
        g_string_append_printf(joined, " and %u more", texts->len - max);
    return g_string_free(joined, FALSE);
}

static const char *
name_sender(const SkDeskCopy *copy)
{
    if (copy->owner != NULL)
        return copy->owner;
    if (copy->from != NULL)
        return copy->from;
    return copy->sender != NULL && *copy->sender != '\0' ? copy->sender : "<>";
}

static const char *
style(const char *code)
{
    return isatty(STDOUT_FILENO) ? code : "";
}

static const char *
describe_variant(const SkDeskCopy *copy)
{
    if (copy->variant == SK_COPY_STRIPPED)
        return ", without the parts taken out";
    return copy->original ? ", the original with all parts" : "";
}

static void
print_copy(const SkDeskCopy *copy, int64_t now_us, guint max)
{
    g_autofree char *to = join(copy->recipients, max), *found = join(copy->findings, max);
    g_autofree char *state = sk_cli_hold_describe(copy, now_us);
    g_autofree char *came = sk_cli_time(copy->made_us);

    printf("%s%s%s  %s  %s%s\n", style("\033[1m"), copy->id, style("\033[0m"), came,
           sk_direction_name(copy->direction), describe_variant(copy));
    printf("    %s → %s\n", name_sender(copy), *to != '\0' ? to : "nobody any more");
    if (copy->subject != NULL)
        printf("    “%s”\n", copy->subject);
    printf("    %s\n", state);
    if (copy->findings->len > 0)
        printf("    found: %s\n", found);
}

void
sk_cli_hold_print(const SkDeskCopy *copy, int64_t now_us)
{
    print_copy(copy, now_us, SHOWN);
}

static void
print_event(const SkDeskEvent *event)
{
    g_autofree char *when = sk_cli_time(event->at_us);

    printf("    %s  %-9s", when, event->what);
    if (event->copy != NULL)
        printf("  %s", event->copy);
    if (event->who != NULL)
        printf("  %s", event->who);
    if (event->text != NULL)
        printf(": %s", event->text);
    putchar('\n');
}

void
sk_cli_hold_print_all(const SkDeskAnswer *answer, int64_t now_us)
{
    for (guint i = 0; i < answer->copies->len; i++) {
        print_copy(answer->copies->pdata[i], now_us, G_MAXUINT);
        putchar('\n');
    }
    puts("What happened:");
    for (guint i = 0; i < answer->events->len; i++)
        print_event(answer->events->pdata[i]);
    if (answer->more)
        puts("    (there is more before)");
}

void
sk_cli_hold_print_possible(const SkDeskAnswer *answer)
{
    static const SkDeskVerb verbs[] = {SK_DESK_STOP, SK_DESK_RELEASE, SK_DESK_APPROVE,
                                       SK_DESK_CONFIRM, SK_DESK_RETURN};
    bool any = false;

    for (guint i = 0; i < answer->copies->len; i++) {
        const SkDeskCopy *copy = answer->copies->pdata[i];
        GString *can = g_string_new(NULL);

        for (size_t v = 0; v < G_N_ELEMENTS(verbs); v++) {
            if ((copy->can & 1U << verbs[v]) != 0)
                add_word(can, sk_desk_verb_name(verbs[v]));
        }
        if (can->len > 0)
            fprintf(stderr, "sekisho: still possible for %s: %s\n", copy->id, can->str);
        any |= can->len > 0;
        g_string_free(can, TRUE);
    }
    if (!any)
        fputs("sekisho: nothing of it waits any more; only its recipients can delete it now\n",
              stderr);
}

static void
print_away(const SkDeskChoices *choices)
{
    g_autofree char *from = sk_cli_time(choices->away_from_us);
    g_autofree char *until = sk_cli_time(choices->away_until_us);

    if (choices->away_until_us == 0)
        puts("  away      no");
    else
        printf("  away      from %s until %s\n", from, until);
}

void
sk_cli_hold_print_choices(const char *address, const SkDeskChoices *choices)
{
    g_autofree char *span = describe_span(choices->hold_s);

    printf("%s\n", address);
    printf("  hold      %s\n", choices->hold_s != 0 ? span : "as the rules say");
    printf("  tell      %s\n",
           choices->tell == SK_TELL_SITE ? "as the site has it" : sk_tell_name(choices->tell));
    printf("  language  %s\n",
           choices->language != NULL ? choices->language : "as the site has it");
    print_away(choices);
    printf("  deputy    %s\n", choices->deputy != NULL ? choices->deputy : "none");
}
