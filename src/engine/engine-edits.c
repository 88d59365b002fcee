/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-edits.h"

#include "engine/engine-mark.h"
#include "mail/mail-edit.h"
#include "mail/mail-header.h"

/* Fields of ours: nobody else has a right to them. */
static const char *const own_fields[] = {"X-Sekisho", "X-Sekisho-Mark", "X-Sekisho-Release"};

/* Findings named in the trace of inbound mail. */
#define TRACE_FINDINGS 20

static void
add(GPtrArray *edits,
    SkHeaderEditKind kind,
    unsigned index,
    const char *name,
    const char *value)
{
    g_ptr_array_add(edits, sk_header_edit_new(kind, index, name, value));
}

/* From the last to the first, so that the numbers of those before stay true. */
static void
remove_forged(GPtrArray *edits, const SkMailHeader *header)
{
    for (size_t i = 0; i < G_N_ELEMENTS(own_fields); i++) {
        for (guint n = sk_mail_header_count_name(header, own_fields[i]); n > 0; n--)
            add(edits, SK_HEADER_CHANGE, n, own_fields[i], NULL);
    }
}

/* From outside; a released copy as well. */
static bool
stays_with_us(const SkPassage *passage)
{
    const SkPassageRecipient *first =
        passage->recipients->len > 0 ? passage->recipients->pdata[0] : NULL;

    return passage->origin == SK_ORIGIN_INBOUND ||
           (passage->origin == SK_ORIGIN_RELEASE && first != NULL &&
            first->direction == SK_DIRECTION_INBOUND);
}

/* " id=…" and, on mail that stays with us, what was found, for mailbox rules. */
static char *
trace_value(const SkPassage *passage)
{
    GString *value = g_string_new(NULL);
    gboolean seen[SK_N_FINDINGS] = {FALSE};
    unsigned n = 0;

    g_string_append_printf(value, " id=%s", passage->id);
    if (!stays_with_us(passage))
        return g_string_free(value, FALSE);
    for (size_t i = 0; i < sk_findings_count(passage->findings) && n < TRACE_FINDINGS; i++) {
        SkFindingId id = sk_findings_peek(passage->findings, i)->id;

        if (seen[id])
            continue;
        seen[id] = TRUE;
        g_string_append_printf(value, "%s%s", n++ == 0 ? ";\n\tfindings=" : ",\n\t ",
                               sk_finding_id_name(id));
    }
    return g_string_free(value, FALSE);
}

GPtrArray *
sk_engine_edits(const SkPassage *passage, SkBytes bytes)
{
    GPtrArray *edits = sk_header_edits_new();
    g_auto(SkMailHeader) header = {0};
    g_autofree char *trace = trace_value(passage);

    sk_mail_header_init(&header);
    sk_mail_header_read(&header, bytes);
    remove_forged(edits, &header);
    sk_engine_mark(edits, passage, &header);
    add(edits, SK_HEADER_INSERT, 0, "X-Sekisho", trace);
    return edits;
}
