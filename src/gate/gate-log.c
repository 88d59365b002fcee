/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-log.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"

/* Ids and addresses named in the line; more are counted. */
#define NAMED 10

static void
append_item(GString *list, const char *item, unsigned *n)
{
    if (*n < NAMED)
        g_string_append_printf(list, "%s%s", *n > 0 ? "," : "", item);
    (*n)++;
}

static void
close_list(GString *list, unsigned n)
{
    if (n > NAMED)
        g_string_append_printf(list, ",+%u", n - NAMED);
}

/* Each id once, in order of appearance. */
static char *
list_findings(const SkFindings *findings)
{
    GString *list = g_string_new(NULL);
    gboolean seen[SK_N_FINDINGS] = {FALSE};
    unsigned n = 0;

    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        SkFindingId id = sk_findings_peek(findings, i)->id;

        if (!seen[id])
            append_item(list, sk_finding_id_name(id), &n);
        seen[id] = TRUE;
    }
    close_list(list, n);
    return g_string_free(list, FALSE);
}

static char *
list_recipients(const SkEnvelope *envelope)
{
    GString *list = g_string_new(NULL);
    unsigned n = 0;

    for (guint i = 0; i < sk_envelope_count(envelope); i++)
        append_item(list, sk_envelope_peek(envelope, i)->address, &n);
    close_list(list, n);
    return g_string_free(list, FALSE);
}

/* The rules that matched for any recipient, each once: "4f2a91c07d3e". */
static char *
list_rules(const SkPassage *passage)
{
    GString *list = g_string_new(NULL);
    unsigned n = 0;

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];
        const GArray *rules = recipient->decision->rules;

        for (guint j = 0; j < rules->len; j++) {
            const SkRuleRef *rule = &g_array_index(rules, SkRuleRef, j);

            if (strstr(list->str, rule->id) == NULL)
                append_item(list, rule->id, &n);
        }
    }
    close_list(list, n);
    return g_string_free(list, FALSE);
}

static const char *
or_null(const char *text)
{
    return text != NULL && *text != '\0' ? text : NULL;
}

/* The held message that it repeats, or NULL. */
static const char *
repeated(const SkPassage *passage)
{
    return g_strcmp0(passage->held, passage->id) != 0 ? passage->held : NULL;
}

void
sk_gate_log_passage(const SkPassage *passage, const char *trouble)
{
    const SkEnvelope *envelope = passage->envelope;
    g_autofree char *findings = list_findings(passage->findings);
    g_autofree char *recipients = list_recipients(envelope);
    g_autofree char *rules = list_rules(passage);
    g_autofree char *size = g_strdup_printf("%" PRIu64, passage->size);
    g_autofree char *copies =
        passage->copies > 0 ? g_strdup_printf("%u", passage->copies) : NULL;
    g_autofree char *took = g_strdup_printf("%.1f", (double)passage->took_us / 1000);

    sk_log(trouble == NULL ? SK_LOG_INFO : SK_LOG_WARNING, "passage", "id", passage->id,
           "queue", or_null(envelope->queue_id), "origin", sk_origin_name(passage->origin),
           "client", or_null(envelope->client_address), "login", or_null(envelope->login),
           "sender", envelope->sender, "from", or_null(passage->from), "to", recipients, "size",
           size, "fate", passage->held != NULL ? "held" : sk_fate_name(passage->fate),
           "findings", or_null(findings), "rules", or_null(rules), "smtp", passage->smtp,
           "copies", copies, "repeats", repeated(passage), "released", passage->released,
           "trouble", trouble, "ms", took, NULL);
}
