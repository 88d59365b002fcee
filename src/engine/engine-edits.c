/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-edits.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine-message.h"
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

/* The marks of all recipients, each once: the message is one copy. */
static GPtrArray *
collect_marks(const SkPassage *passage)
{
    GPtrArray *marks = g_ptr_array_new();

    for (guint i = 0; i < passage->recipients->len; i++) {
        const SkPassageRecipient *recipient = passage->recipients->pdata[i];
        const GPtrArray *wanted = recipient->decision->marks;

        for (guint j = 0; j < wanted->len; j++) {
            if (!g_ptr_array_find_with_equal_func(marks, wanted->pdata[j], g_str_equal, NULL))
                g_ptr_array_add(marks, wanted->pdata[j]);
        }
    }
    return marks;
}

static bool
value_contains(const SkMailField *field, const char *word)
{
    g_autofree char *lower = NULL;

    if (field == NULL)
        return false;
    lower = g_ascii_strdown((const char *)field->value.data, (gssize)field->value.len);
    return strstr(lower, word) != NULL;
}

/* Changing a signed mail's Subject would break what protects it (RFC 9788). */
static bool
is_signed(const SkMailHeader *header)
{
    const SkMailField *type = sk_mail_header_peek(header, "Content-Type", 0);

    return value_contains(type, "multipart/signed") || value_contains(type, "pkcs7-mime");
}

static void
mark_subject(GPtrArray *edits, const SkMailHeader *header, const char *mark)
{
    const SkMailField *subject = sk_mail_header_peek(header, "Subject", 0);
    g_autofree char *value = NULL;

    if (subject == NULL) {
        value = g_strdup_printf(" [%s]", mark);
        add(edits, SK_HEADER_INSERT, sk_mail_header_count(header), "Subject", value);
        return;
    }
    value = g_strdup_printf(" [%s]%s%.*s", mark,
                            subject->value.len > 0 && *subject->value.data == ' ' ? "" : " ",
                            (int)subject->value.len, (const char *)subject->value.data);
    /* The protocol wants LF in folds, the message has CRLF. */
    g_strdelimit(value, "\r", ' ');
    add(edits, SK_HEADER_CHANGE, 1, "Subject", value);
}

static void
add_marks(GPtrArray *edits, const SkPassage *passage, const SkMailHeader *header)
{
    g_autoptr(GPtrArray) marks = collect_marks(passage);
    g_autoptr(GString) all = g_string_new(NULL);

    if (marks->len == 0)
        return;
    for (guint i = 0; i < marks->len; i++)
        g_string_append_printf(all, "%s%s", i > 0 ? "] [" : "", (char *)marks->pdata[i]);
    if (is_signed(header)) {
        g_string_prepend(all, " [");
        g_string_append_c(all, ']');
        add(edits, SK_HEADER_INSERT, 0, "X-Sekisho-Mark", all->str);
    } else {
        mark_subject(edits, header, all->str);
    }
}

/* " id=…" and, on mail that stays with us, what was found, for mailbox rules. */
static char *
trace_value(const SkPassage *passage)
{
    GString *value = g_string_new(NULL);
    gboolean seen[SK_N_FINDINGS] = {FALSE};
    unsigned n = 0;

    g_string_append_printf(value, " id=%s", passage->id);
    if (passage->origin != SK_ORIGIN_INBOUND)
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
    add_marks(edits, passage, &header);
    add(edits, SK_HEADER_INSERT, 0, "X-Sekisho", trace);
    return edits;
}
