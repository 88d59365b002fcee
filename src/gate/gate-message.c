/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-message.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/engine-answer.h"
#include "engine/engine-edits.h"
#include "engine/engine-judge.h"
#include "engine/engine-message.h"
#include "gate/gate-log.h"

struct SkGateMessage {
    SkGateLoop *loop;
    SkMilterMessage *milter;
    SkPassage *passage;
    SkPolicy *policy;
    int64_t started_us; /* on the clock of the passage */
};

static int64_t
now_us(void)
{
    return sk_clock_now_us(sk_clock_real());
}

void
sk_gate_message_free(SkGateMessage *m)
{
    if (m == NULL)
        return;
    sk_passage_free(m->passage);
    g_clear_pointer(&m->policy, sk_policy_unref);
    g_free(m);
}

/* Mail that our own servers hand to the inbound socket is outbound. */
static SkOrigin
true_origin(const SkSite *site, SkOrigin origin, const SkEnvelope *envelope)
{
    if (origin == SK_ORIGIN_INBOUND && sk_site_is_own_network(site, envelope->client_address))
        return SK_ORIGIN_OUTBOUND;
    return origin;
}

static SkPassage *
begin_passage(const SkSite *site, SkMilterMessage *milter, SkOrigin origin, int64_t now)
{
    const SkEnvelope *envelope = sk_milter_message_peek_envelope(milter);
    SkPassage *passage = sk_passage_new();

    passage->id = sk_random_id(now);
    passage->received_us = now;
    passage->origin = true_origin(site, origin, envelope);
    passage->envelope = sk_envelope_dup(envelope);
    passage->size = sk_spool_size(sk_milter_message_peek_spool(milter));
    sk_engine_read_header(passage, sk_milter_message_peek_header(milter));
    return passage;
}

/* Edits of a message that is accepted, else NULL. */
static GPtrArray *
make_edits(SkGateMessage *m)
{
    if (m->passage->smtp != NULL)
        return NULL;
    return sk_engine_edits(m->passage, sk_milter_message_peek_header(m->milter));
}

/* Tells the log and the ledger. What is not in the ledger must not be answered with an id that
 * nobody can explain: then the message has to wait. Caller owns the answer; NULL: accepted. */
static char *
record(SkGateMessage *m, const char *trouble)
{
    SkLedgerWriter *ledger = sk_gate_shared_peek_ledger(m->loop->shared);
    g_autoptr(SkPassage) passage = g_steal_pointer(&m->passage);
    g_autofree char *smtp = NULL;

    if (!sk_ledger_writer_has_room(ledger, passage->recipients->len)) {
        sk_engine_answer_unrecorded(passage);
        sk_gate_log_passage(passage, "no room in the ledger's queue");
        return g_steal_pointer(&passage->smtp);
    }
    sk_gate_log_passage(passage, trouble);
    smtp = g_strdup(passage->smtp);
    if (sk_ledger_writer_take(ledger, g_steal_pointer(&passage), smtp != NULL))
        return g_steal_pointer(&smtp);
    /* Another loop has just taken the last room. */
    sk_log(SK_LOG_WARNING, "the passage above is deferred: no room in the ledger's queue",
           NULL);
    return g_strdup(SK_ANSWER_UNRECORDED);
}

/* Tells Postfix, the ledger and the log; M is gone afterwards. */
static void
finish(SkGateMessage *m, const char *trouble)
{
    SkMilterMessage *milter = m->milter;
    g_autoptr(GPtrArray) edits = make_edits(m);
    g_autofree char *smtp = NULL;

    m->passage->took_us = now_us() - m->started_us;
    smtp = record(m, trouble);
    /* Before the answer: with it the next message of the connection may begin, which has the
     * same key. */
    g_hash_table_remove(m->loop->under_way, milter);
    if (smtp != NULL)
        sk_milter_message_reply(milter,
                                &(SkMilterReply){.verdict = SK_MILTER_REPLY, .smtp = smtp});
    else
        sk_milter_message_reply(milter,
                                &(SkMilterReply){.verdict = SK_MILTER_ACCEPT, .edits = edits});
}

static bool
has_to_wait(const SkPassage *passage)
{
    unsigned waits = 0;

    for (guint i = 0; i < passage->recipients->len; i++)
        waits |= ((SkPassageRecipient *)passage->recipients->pdata[i])->decision->waits;
    return waits != 0;
}

static void
on_inspected(SkInspectResult *result, const GError *error, void *data)
{
    SkGateMessage *m = data;
    const SkSite *site = sk_gate_shared_peek_site(m->loop->shared);

    if (result == NULL) {
        sk_engine_add_unjudged(site, m->passage, SK_FATE_DEFER);
        sk_engine_answer_unavailable(m->passage);
        finish(m, error->message);
        return;
    }
    sk_findings_free(m->passage->findings);
    m->passage->findings = g_steal_pointer(&result->findings);
    sk_inspect_result_free(result);
    sk_engine_judge(site, m->policy, m->started_us, m->passage);
    if (m->passage->smtp == NULL && has_to_wait(m->passage)) {
        sk_engine_answer_unavailable(m->passage);
        finish(m, "there is no place for mail that waits");
        return;
    }
    finish(m, NULL);
}

static void
inspect(SkGateMessage *m)
{
    SkSpool *spool = sk_milter_message_peek_spool(m->milter);
    SkInspectJob job = {
        .kind = SK_INSPECT_MAIL,
        .pool = m->passage->origin == SK_ORIGIN_INBOUND ? SK_INSPECT_POOL_INBOUND
                                                        : SK_INSPECT_POOL_OUTBOUND,
        .bytes = sk_spool_peek_bytes(spool),
        .fd = sk_spool_peek_fd(spool),
    };

    sk_inspect_submit(m->loop->inspect, &job, on_inspected, m);
}

void
sk_gate_message_start(SkGateLoop *loop, SkMilterMessage *milter, SkOrigin origin)
{
    SkGateMessage *m = g_new0(SkGateMessage, 1);
    const SkSite *site = sk_gate_shared_peek_site(loop->shared);

    m->loop = loop;
    m->milter = milter;
    m->started_us = now_us();
    m->passage = begin_passage(site, milter, origin, m->started_us);
    m->policy = sk_gate_policy_ref(sk_gate_shared_peek_policy(loop->shared));
    g_hash_table_insert(loop->under_way, milter, m);
    if (origin == SK_ORIGIN_RELEASE) {
        sk_engine_add_unjudged(site, m->passage, SK_FATE_REJECT);
        sk_engine_answer_no_release(m->passage);
        finish(m, NULL);
        return;
    }
    inspect(m);
}

void
sk_gate_message_abandon(SkGateLoop *loop, SkMilterMessage *milter)
{
    SkGateMessage *m = g_hash_table_lookup(loop->under_way, milter);

    if (m == NULL)
        return;
    sk_inspect_cancel(loop->inspect, m);
    g_hash_table_remove(loop->under_way, milter);
}
