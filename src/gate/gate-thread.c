/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-thread.h"

#include "known/known-conversation.h"
#include "known/known-reference.h"
#include "mail/mail-header.h"

typedef struct {
    GPtrArray *references, *people; /* of char *, ended by NULL */
    int64_t at_us;
    bool fresh;
    SkPassage *passage; /* of the caller: not for the thread */
    SkGateThreadFunc func;
    void *data;
} Look;

/* In-Reply-To names the one that is answered; References all before it, the nearest last. */
static GPtrArray *
read_references(SkBytes header)
{
    static const char *const names[] = {"In-Reply-To", "References"};
    GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
    g_auto(SkMailHeader) fields = {0};

    sk_mail_header_init(&fields);
    sk_mail_header_read(&fields, header);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const SkMailField *field = sk_mail_header_peek(&fields, names[i], 0);

        if (field != NULL)
            sk_known_references(field->value, true, SK_KNOWN_REFERENCES, ids);
    }
    return ids;
}

static GPtrArray *
list_people(const SkPassage *passage)
{
    GPtrArray *people = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < sk_envelope_count(passage->envelope); i++)
        g_ptr_array_add(people, g_strdup(sk_envelope_peek(passage->envelope, i)->address));
    g_ptr_array_add(people, NULL);
    return people;
}

static bool
work(SkGateHands *hands, void *data, GError **error)
{
    Look *look = data;
    SkDb *know = sk_gate_hands_peek_know(hands, error);
    const SkBlobSite *site = know != NULL ? sk_gate_hands_peek_site(hands, error) : NULL;
    const SkKnownMessage message = {
        .references = (const char *const *)look->references->pdata,
        .people = (const char *const *)look->people->pdata,
        .at_us = look->at_us,
    };

    return site != NULL && sk_known_conversation_is_fresh(
                               know, &message, sk_bytes(site->hash_key, sizeof site->hash_key),
                               &look->fresh, error);
}

static void
done(void *data, const GError *error)
{
    Look *look = data;
    SkFindings *findings = look->passage->findings;

    if (error != NULL)
        sk_findings_add(findings, SK_FINDING_THREAD_TEMPERROR, NULL, NULL, error->message);
    else if (look->fresh)
        sk_findings_add(findings, SK_FINDING_THREAD_FRESH, NULL, NULL, NULL);
    look->func(look->data);
}

static void
look_free(void *data)
{
    Look *look = data;

    g_ptr_array_unref(look->references);
    g_ptr_array_unref(look->people);
    g_free(look);
}

SkGateTask *
sk_gate_thread_look(SkGateCaller *caller,
                    SkPassage *passage,
                    SkBytes header,
                    SkGateThreadFunc func,
                    void *data)
{
    static const SkGateTaskKind kind = {work, done, look_free};
    g_autoptr(GPtrArray) references = NULL;
    Look *look;

    if (passage->origin != SK_ORIGIN_OUTBOUND)
        return NULL;
    references = read_references(header);
    if (references->len == 0)
        return NULL;
    g_ptr_array_add(references, NULL);
    look = g_new0(Look, 1);
    look->references = g_steal_pointer(&references);
    look->people = list_people(passage);
    look->at_us = passage->received_us;
    look->passage = passage;
    look->func = func;
    look->data = data;
    return sk_gate_keep_submit(caller, &kind, look);
}
