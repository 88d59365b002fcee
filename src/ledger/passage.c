/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/passage.h"

static void
free_recipient(void *recipient)
{
    sk_passage_recipient_free(recipient);
}

SkPassage *
sk_passage_new(void)
{
    SkPassage *passage = g_new0(SkPassage, 1);

    passage->verified_internal = SK_TRI_UNKNOWN;
    passage->verified_domain = SK_TRI_UNKNOWN;
    passage->verified_address = SK_TRI_UNKNOWN;
    passage->verified_partner = SK_TRI_UNKNOWN;
    passage->visible = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    passage->findings = sk_findings_new();
    passage->recipients = g_ptr_array_new_with_free_func(free_recipient);
    return passage;
}

void
sk_passage_free(SkPassage *passage)
{
    if (passage == NULL)
        return;
    g_free(passage->id);
    sk_envelope_free(passage->envelope);
    g_free(passage->from);
    g_free(passage->from_partner);
    g_free(passage->subject);
    g_free(passage->message_id);
    g_hash_table_unref(passage->visible);
    sk_findings_free(passage->findings);
    g_ptr_array_unref(passage->recipients);
    g_free(passage->smtp);
    g_free(passage->held);
    g_free(passage->released);
    g_free(passage);
}

void
sk_passage_see(SkPassage *passage, const char *address)
{
    if (g_hash_table_size(passage->visible) < SK_PASSAGE_VISIBLE)
        g_hash_table_add(passage->visible, g_ascii_strdown(address, -1));
}

bool
sk_passage_sees(const SkPassage *passage, const char *address)
{
    g_autofree char *lower = g_ascii_strdown(address, -1);

    return g_hash_table_contains(passage->visible, lower);
}

SkPassageRecipient *
sk_passage_recipient_new(const char *address)
{
    SkPassageRecipient *recipient = g_new0(SkPassageRecipient, 1);

    recipient->address = g_strdup(address);
    return recipient;
}

void
sk_passage_recipient_free(SkPassageRecipient *recipient)
{
    if (recipient == NULL)
        return;
    g_free(recipient->address);
    g_free(recipient->to_partner);
    sk_decision_free(recipient->decision);
    sk_decision_free(recipient->observed);
    g_free(recipient);
}
