/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * passage-testing - passages for tests: one with every member set, one as they mostly are
 */

#include <string.h>

#include "ledger/passage.h"

static inline SkDecision *
sk_test_decision_full(void)
{
    SkDecision *decision = sk_decision_new();
    SkRuleRef rules[] = {{"0123456789ab", 7}, {"ba9876543210", 0}};

    decision->fate = SK_FATE_REJECT;
    decision->text = g_strdup("send a \"file link\" instead");
    decision->finding = g_strdup("attach.encrypted.zip");
    decision->waits =
        SK_WAIT_TIME | SK_WAIT_CONFIRM | SK_WAIT_APPROVAL | SK_WAIT_REVIEW | SK_WAIT_PASSWORD;
    decision->hold_s = 300;
    decision->hold_min_s = 60;
    decision->hold_max_s = 600;
    decision->review = SK_REVIEW_ADMIN;
    g_ptr_array_add(decision->approvers, g_strdup("chiefs"));
    g_ptr_array_add(decision->approvers, g_strdup("部長"));
    decision->edits = 0x7f;
    g_ptr_array_add(decision->parts, g_strdup("1.2"));
    g_ptr_array_add(decision->parts, g_strdup("3"));
    decision->strip_all = true;
    decision->rest_waits = SK_WAIT_REVIEW;
    g_ptr_array_add(decision->marks, g_strdup("EXTERNAL"));
    decision->link_body = true;
    decision->link_s = 14 * 86400;
    decision->link_level = 3;
    g_ptr_array_add(decision->notify, g_strdup("sender"));
    g_array_append_vals(decision->rules, rules, G_N_ELEMENTS(rules));
    return decision;
}

static inline void
sk_test_passage_add_recipient(SkPassage *passage, const char *address, SkDirection direction)
{
    SkPassageRecipient *recipient = sk_passage_recipient_new(address);

    recipient->direction = direction;
    recipient->decision = sk_decision_new();
    g_ptr_array_add(passage->recipients, recipient);
    g_assert_true(sk_envelope_add_recipient(passage->envelope, address, NULL));
}

/* A mail from outside that is simply delivered. */
static inline SkPassage *
sk_test_passage_plain(const char *id, int64_t received_us)
{
    SkPassage *passage = sk_passage_new();

    passage->id = g_strdup(id);
    passage->received_us = received_us;
    passage->envelope = sk_envelope_new();
    passage->envelope->client_address = g_strdup("192.0.2.25");
    passage->envelope->client_name = g_strdup("mx.example.net");
    passage->envelope->helo = g_strdup("mx.example.net");
    passage->envelope->queue_id = g_strdup("4ZkS9b2Dzqz3x");
    g_assert_true(sk_envelope_set_sender(passage->envelope, "anna@example.net", "SIZE=4711"));
    passage->from = g_strdup("Anna@Example.net");
    passage->subject = g_strdup("Lunch on Friday?");
    passage->message_id = g_strdup("<20270102.4711@example.net>");
    passage->size = 4711;
    passage->took_us = 3100;
    sk_test_passage_add_recipient(passage, "ben@example.com", SK_DIRECTION_INBOUND);
    ((SkPassageRecipient *)passage->recipients->pdata[0])->to_internal = true;
    ((SkPassageRecipient *)passage->recipients->pdata[0])->observed = sk_decision_new();
    return passage;
}

static inline SkPassage *
sk_test_passage_full(const char *id, int64_t received_us)
{
    SkPassage *passage = sk_test_passage_plain(id, received_us);
    SkPassageRecipient *recipient;

    passage->origin = SK_ORIGIN_OUTBOUND;
    passage->envelope->login = g_strdup("anna");
    g_assert_true(sk_envelope_add_recipient(passage->envelope, "carl@example.org",
                                            "NOTIFY=NEVER ORCPT=rfc822;carl@example.org"));
    passage->from_internal = true;
    passage->verified_internal = SK_TRI_TRUE;
    passage->verified_domain = SK_TRI_FALSE;
    passage->from_partner = g_strdup("kanto");
    passage->verified_partner = SK_TRI_TRUE;
    passage->external_domains = 2;
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ENCRYPTED_ZIP, "1.2", "請求書.zip",
                    "AES-256");
    sk_findings_add(passage->findings, SK_FINDING_ATTACH_ANY, NULL, NULL, NULL);
    sk_findings_add_for(passage->findings, SK_FINDING_MISSEND_RED, "carl@example.org", NULL,
                        "never written to before");
    recipient = sk_passage_recipient_new("carl@example.org");
    recipient->direction = SK_DIRECTION_OUTBOUND;
    recipient->visible = true;
    recipient->to_partner = g_strdup("kanto");
    recipient->decision = sk_test_decision_full();
    recipient->observed = sk_test_decision_full();
    g_ptr_array_add(passage->recipients, recipient);
    passage->fate = SK_FATE_REJECT;
    passage->smtp = g_strdup("550 5.7.1 no");
    passage->released = g_strdup("01j8zk3fa7s4wq9m2xet-1");
    return passage;
}
