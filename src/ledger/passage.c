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
    sk_findings_free(passage->findings);
    g_ptr_array_unref(passage->recipients);
    g_free(passage->smtp);
    g_free(passage->held);
    g_free(passage->released);
    g_free(passage);
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
