/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-reply.h"

#include <string.h>

#include "milter/milter-packet.h"

/* The text of an SMTP answer is one line of 512 bytes with code and CRLF (RFC 5321 4.5.3.1.5);
 * Postfix adds to it. */
#define MAX_ANSWER 400

/* "550 5.7.1 …": Postfix takes no answer without an enhanced code of the same class. */
static bool
well_formed(const char *smtp)
{
    return (smtp[0] == '4' || smtp[0] == '5') && g_ascii_isdigit(smtp[1]) &&
           g_ascii_isdigit(smtp[2]) && smtp[3] == ' ' && smtp[4] == smtp[0] && smtp[5] == '.';
}

/* The text is a format string by the protocol, so "%" is doubled; Postfix undoes that. */
static bool
append_answer(SkBuffer *out, const char *smtp)
{
    g_autoptr(GString) text = g_string_sized_new(MAX_ANSWER);
    SkBytes part;

    g_assert(smtp != NULL && well_formed(smtp));
    for (size_t i = 0; smtp[i] != '\0' && i < MAX_ANSWER; i++) {
        if (smtp[i] == '%')
            g_string_append_c(text, '%');
        g_string_append_c(text, g_ascii_isprint(smtp[i]) ? smtp[i] : '?');
    }
    part = sk_bytes(text->str, text->len + 1);
    return sk_milter_packet_append(out, SK_MILTER_SAYS_REPLY, &part, 1);
}

/* With SMFIP_HDR_LEADSPC the blank after the colon is the filter's to give. A line end that is
 * no fold would begin another field, or the body. */
static char *
dup_value(const char *value)
{
    GString *text = g_string_new(NULL);

    if (value[0] != ' ' && value[0] != '\t' && value[0] != '\n')
        g_string_append_c(text, ' ');
    for (const char *c = value; *c != '\0'; c++) {
        bool fold = *c == '\n' && (c[1] == ' ' || c[1] == '\t');

        if (*c != '\r')
            g_string_append_c(text, *c == '\n' && !fold ? ' ' : *c);
    }
    return g_string_free(text, FALSE);
}

static bool
append_edit(SkBuffer *out, const SkHeaderEdit *edit)
{
    /* To the protocol an empty value means that the field goes. */
    g_autofree char *value = edit->value != NULL ? dup_value(edit->value) : g_strdup("");
    uint8_t index[4] = {(uint8_t)(edit->index >> 24), (uint8_t)(edit->index >> 16),
                        (uint8_t)(edit->index >> 8), (uint8_t)edit->index};
    SkBytes parts[] = {sk_bytes(index, sizeof index),
                       sk_bytes(edit->name, strlen(edit->name) + 1),
                       sk_bytes(value, strlen(value) + 1)};
    bool insert = edit->kind == SK_HEADER_INSERT;

    g_assert(edit->name[0] != '\0' && (insert ? edit->value != NULL : edit->index > 0));
    return sk_milter_packet_append(out, insert ? SK_MILTER_SAYS_INSERT : SK_MILTER_SAYS_CHANGE,
                                   parts, G_N_ELEMENTS(parts));
}

static bool
append_accept(SkBuffer *out, const GPtrArray *edits)
{
    for (guint i = 0; edits != NULL && i < edits->len; i++) {
        if (!append_edit(out, edits->pdata[i]))
            return false;
    }
    return sk_milter_packet_append_bare(out, SK_MILTER_SAYS_ACCEPT);
}

bool
sk_milter_reply_append(SkBuffer *out, const SkMilterReply *reply)
{
    switch (reply->verdict) {
    case SK_MILTER_ACCEPT:
        return append_accept(out, reply->edits);
    case SK_MILTER_REPLY:
        return append_answer(out, reply->smtp);
    case SK_MILTER_DISCARD:
        return sk_milter_packet_append_bare(out, SK_MILTER_SAYS_DISCARD);
    }
    g_assert_not_reached();
}
