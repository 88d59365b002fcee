/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-judge.h"

#include <string.h>

#include "base/text.h"
#include "engine/engine-answer.h"

static void
add_recipient(const SkSite *site, SkPassage *passage, const char *address, GHashTable *domains)
{
    SkPassageRecipient *recipient = sk_passage_recipient_new(address);
    const char *domain = sk_text_domain_peek(address);

    recipient->to_internal = sk_site_is_ours(site, address);
    recipient->visible = sk_passage_sees(passage, address);
    recipient->direction = sk_direction_of(passage->origin, recipient->to_internal);
    if (!recipient->to_internal && domain != NULL)
        g_hash_table_add(domains, g_ascii_strdown(domain, -1));
    g_ptr_array_add(passage->recipients, recipient);
}

void
sk_engine_add_recipients(const SkSite *site, SkPassage *passage)
{
    g_autoptr(GHashTable) domains =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    passage->from_internal = sk_site_is_ours(site, passage->from);
    for (guint i = 0; i < sk_envelope_count(passage->envelope); i++)
        add_recipient(site, passage, sk_envelope_peek(passage->envelope, i)->address, domains);
    /* Rules are judged per recipient: a message without any would pass unjudged. */
    if (passage->recipients->len == 0)
        add_recipient(site, passage, "", domains);
    passage->external_domains = g_hash_table_size(domains);
}

void
sk_engine_add_unjudged(const SkSite *site, SkPassage *passage, SkFate fate)
{
    sk_engine_add_recipients(site, passage);
    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];

        recipient->decision = sk_decision_new();
        recipient->decision->fate = fate;
    }
}

SkPolicyFacts
sk_engine_facts(const SkPassage *passage, guint i, const char *today)
{
    const SkPassageRecipient *recipient = passage->recipients->pdata[i];

    return (SkPolicyFacts){
        .direction = recipient->direction,
        .findings = passage->findings,
        .from = passage->from,
        .recipient = recipient->address,
        .from_internal = passage->from_internal,
        .to_internal = recipient->to_internal,
        .verified_internal = SK_TRI_UNKNOWN,
        .verified_domain = SK_TRI_UNKNOWN,
        .verified_address = SK_TRI_UNKNOWN,
        .verified_partner = SK_TRI_UNKNOWN,
        .size = passage->size,
        .recipients = passage->recipients->len,
        .external_domains = passage->external_domains,
        .today = today,
    };
}

void
sk_engine_decide(const SkSite *site, const SkPolicy *policy, int64_t now_us, SkPassage *passage)
{
    g_autofree char *today = sk_site_today(site, now_us);

    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];
        SkPolicyFacts facts = sk_engine_facts(passage, i, today);

        sk_policy_judge(policy, &facts, &recipient->decision, &recipient->observed);
    }
    sk_engine_answer(site, passage);
}

void
sk_engine_judge(const SkSite *site, const SkPolicy *policy, int64_t now_us, SkPassage *passage)
{
    sk_engine_add_recipients(site, passage);
    sk_engine_decide(site, policy, now_us, passage);
}

GPtrArray *
sk_engine_copies(const SkPassage *passage)
{
    GPtrArray *copies = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

    for (guint i = 0; i < passage->recipients->len; i++) {
        SkPassageRecipient *recipient = passage->recipients->pdata[i];
        GPtrArray *copy = NULL;

        for (guint j = 0; j < copies->len && copy == NULL; j++) {
            const SkPassageRecipient *first = ((GPtrArray *)copies->pdata[j])->pdata[0];

            if (sk_decision_equal(first->decision, recipient->decision))
                copy = copies->pdata[j];
        }
        if (copy == NULL) {
            copy = g_ptr_array_new();
            g_ptr_array_add(copies, copy);
        }
        g_ptr_array_add(copy, recipient);
    }
    return copies;
}
