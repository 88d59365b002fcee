/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "engine/engine-judge.h"

/* Colours only where a person looks. */
static const char *
colour(const char *code)
{
    return isatty(STDOUT_FILENO) ? code : "";
}

static const char *
fate_colour(SkFate fate)
{
    static const char *const codes[] = {"\x1b[32m", "\x1b[33m", "\x1b[31m"};

    return colour(codes[fate]);
}

static char *
safe_dup(const char *text)
{
    return text != NULL ? sk_text_safe(sk_bytes(text, strlen(text)), 1000) : g_strdup("-");
}

void
sk_cli_print_findings(const SkFindings *findings)
{
    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        printf("  %-26s", sk_finding_id_name(one->id));
        if (one->part != NULL)
            printf(" part %s", one->part);
        if (one->subject != NULL)
            printf("%s %s", one->part != NULL ? ":" : "", one->subject);
        printf(" - %s\n", one->detail != NULL ? one->detail : sk_finding_id_meaning(one->id));
    }
}

void
sk_cli_print_file(const char *path, const SkInspectResult *result)
{
    g_autofree char *safe = safe_dup(path);

    printf("%s: %s, encrypted: %s%s\n", safe, result->type != NULL ? result->type : "unknown",
           sk_encrypted_name(result->encrypted),
           result->inspected ? "" : ", not completely inspected");
    sk_cli_print_findings(result->findings);
}

static void
print_rules(const SkDecision *decision, const SkPolicy *policy, const char *prefix)
{
    for (guint i = 0; i < decision->rules->len; i++) {
        const SkRuleRef *rule = &g_array_index(decision->rules, SkRuleRef, i);
        const char *text = policy != NULL ? sk_policy_peek_rule(policy, rule->id) : NULL;

        printf("%s%s  %s\n", prefix, rule->id,
               text != NULL ? text : "(not in the policy in force now)");
    }
}

/* "deliver, hold for review, mark "EXT"". */
char *
sk_cli_describe(const SkDecision *decision)
{
    GString *out = g_string_new(sk_fate_name(decision->fate));

    for (unsigned wait = SK_WAIT_TIME; wait <= SK_WAIT_PASSWORD; wait <<= 1) {
        if ((decision->waits & wait) != 0)
            g_string_append_printf(out, ", hold for %s", sk_wait_name((SkWait)wait));
    }
    for (unsigned edit = SK_EDIT_DECRYPT; edit <= SK_EDIT_ENCRYPT; edit <<= 1) {
        if ((decision->edits & edit) != 0 && edit != SK_EDIT_MARK)
            g_string_append_printf(out, ", %s", sk_edit_name((SkEdit)edit));
    }
    for (guint i = 0; i < decision->marks->len; i++) {
        g_autofree char *mark = sk_text_quote(decision->marks->pdata[i]);

        g_string_append_printf(out, ", mark %s", mark);
    }
    for (guint i = 0; i < decision->notify->len; i++) {
        g_autofree char *safe = safe_dup(decision->notify->pdata[i]);

        g_string_append_printf(out, ", notify %s", safe);
    }
    return g_string_free(out, FALSE);
}

static void
print_decision(const SkPassageRecipient *recipient, const SkPolicy *policy)
{
    const SkDecision *decision = recipient->decision;
    g_autofree char *address = safe_dup(recipient->address);
    g_autofree char *done = sk_cli_describe(decision);

    printf("  %s%s%s  %s (%s)\n", fate_colour(decision->fate), done, colour("\x1b[0m"),
           *address != '\0' ? address : "an unnamed recipient",
           sk_direction_name(recipient->direction));
    print_rules(decision, policy, "      rule ");
    if (recipient->observed != NULL && !sk_decision_is_same(decision, recipient->observed)) {
        g_autofree char *observed = sk_cli_describe(recipient->observed);

        printf("      without \"observe\" it would be: %s\n", observed);
        print_rules(recipient->observed, policy, "      rule ");
    }
}

static void
print_decisions(const SkPassage *passage, const SkPolicy *policy)
{
    for (guint i = 0; i < passage->recipients->len; i++)
        print_decision(passage->recipients->pdata[i], policy);
}

void
sk_cli_print_answer(const char *path, const char *direction, const SkPassage *passage)
{
    g_autofree char *safe = safe_dup(path);

    printf("%s: %s%s%s (%s)\n", safe, fate_colour(passage->fate), sk_fate_name(passage->fate),
           colour("\x1b[0m"), direction);
    sk_cli_print_findings(passage->findings);
    if (passage->smtp != NULL)
        printf("  answer: %s\n", passage->smtp);
}

void
sk_cli_print_scan(const char *path,
                  const char *direction,
                  const SkPassage *passage,
                  const SkPolicy *policy)
{
    sk_cli_print_answer(path, direction, passage);
    print_decisions(passage, policy);
}

static char *
local_time(int64_t us)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(us / G_USEC_PER_SEC);

    return g_date_time_format(time, "%Y-%m-%d %H:%M:%S");
}

static SkFate
fate_of(const char *name)
{
    SkFate fate = SK_FATE_DELIVER;

    if (strcmp(name, "held") == 0)
        return SK_FATE_DEFER;
    while (fate < SK_FATE_REJECT && strcmp(sk_fate_name(fate), name) != 0)
        fate++;
    return fate;
}

void
sk_cli_print_row(const SkPassageRow *row)
{
    g_autofree char *time = local_time(row->received_us);
    const char *from = row->from != NULL ? row->from : row->sender;
    g_autofree char *to = sk_text_safe(sk_bytes(row->recipients, strlen(row->recipients)), 120);

    printf("%s  %s  %s%-7s%s  %-8s  %s -> %s%s%s%s%s\n", row->id, time,
           fate_colour(fate_of(row->fate)), row->fate, colour("\x1b[0m"), row->origin,
           from != NULL && *from != '\0' ? from : "<>", to, *row->findings != '\0' ? "  " : "",
           row->findings, *row->observed != '\0' ? "  observed: " : "", row->observed);
}

static void
print_field(const char *name, const char *value)
{
    g_autofree char *safe = NULL;

    if (value == NULL || *value == '\0')
        return;
    safe = safe_dup(value);
    printf("%-9s %s\n", name, safe);
}

static void
print_held(const SkPassage *passage)
{
    if (passage->copies > 0)
        printf("%-9s in %u cop%s\n", "held", passage->copies,
               passage->copies == 1 ? "y" : "ies");
    else if (passage->held != NULL)
        printf("%-9s already: it repeats %s\n", "held", passage->held);
    print_field("released", passage->released);
}

void
sk_cli_print_passage(const SkPassage *passage, const SkPolicy *policy)
{
    g_autofree char *time = local_time(passage->received_us);
    const SkEnvelope *envelope = passage->envelope;

    print_field("id", passage->id);
    print_field("time", time);
    print_field("origin", sk_origin_name(passage->origin));
    print_field("queue id", envelope->queue_id);
    print_field("client", envelope->client_address);
    print_field("name", envelope->client_name);
    print_field("helo", envelope->helo);
    print_field("login", envelope->login);
    print_field("sender", *envelope->sender != '\0' ? envelope->sender : "<>");
    print_field("from", passage->from);
    print_field("subject", passage->subject);
    print_field("message", passage->message_id);
    printf("%-9s %" PRIu64 " bytes\n", "size", passage->size);
    printf("%-9s %.1f ms\n", "took", (double)passage->took_us / 1000);
    printf("%-9s %s%s%s\n", "fate", fate_colour(passage->fate), sk_fate_name(passage->fate),
           colour("\x1b[0m"));
    print_field("answer", passage->smtp);
    print_held(passage);
    puts(sk_findings_count(passage->findings) > 0 ? "found" : "found     nothing");
    sk_cli_print_findings(passage->findings);
    puts("decided");
    print_decisions(passage, policy);
}

void
sk_cli_print_rules(const SkPolicy *policy)
{
    for (guint i = 0; i <= sk_policy_count(policy); i++) {
        bool observe = false;
        const char *text = NULL;
        const SkRuleRef *rule = sk_policy_peek_nth(policy, i, &text, &observe);

        printf("%s  %s%s%s%s\n", rule->id, observe ? colour("\x1b[2m") : "", text,
               observe ? colour("\x1b[0m") : "",
               i == sk_policy_count(policy) ? "  # built in, always last" : "");
    }
}
