/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/gate-message.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "engine/engine-answer.h"
#include "engine/engine-commit.h"
#include "engine/engine-edits.h"
#include "engine/engine-hold.h"
#include "engine/engine-judge.h"
#include "engine/engine-message.h"
#include "engine/engine-reply.h"
#include "gate/gate-hold.h"
#include "gate/gate-log.h"
#include "gate/gate-release.h"
#include "gate/gate-thread.h"

struct SkGateMessage {
    SkGateLoop *loop;
    SkMilterMessage *milter;
    SkPassage *passage;
    SkPolicy *policy;
    int64_t started_us;     /* on the clock of the passage */
    GPtrArray *tokens;      /* of answers to notices that were among the recipients */
    bool answers;           /* that there were any: Postfix must not deliver to them */
    SkGateRelease *release; /* origin release: the copy that it is */
    SkGateTask *task;       /* under way in the threads of gate-keep, or NULL */
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
    if (m->task != NULL)
        sk_gate_task_abandon(m->task);
    sk_passage_free(m->passage);
    g_clear_pointer(&m->policy, sk_policy_unref);
    g_clear_pointer(&m->tokens, g_ptr_array_unref);
    sk_gate_release_free(m->release);
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

static SkBytes
header_of(const SkGateMessage *m)
{
    return sk_milter_message_peek_header(m->milter);
}

static const SkSite *
site_of(const SkGateMessage *m)
{
    return sk_gate_shared_peek_site(m->loop->shared);
}

/* ---- the end ---- */

/* Edits of a message that is accepted, else NULL. */
static GPtrArray *
make_edits(const SkGateMessage *m, bool discard)
{
    if (m->passage->smtp != NULL || discard)
        return NULL;
    return sk_engine_edits(m->passage, header_of(m));
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

/* What is committed is ours, whether the ledger has room or not: Postfix must forget it. */
static void
record_committed(SkGateMessage *m)
{
    SkLedgerWriter *ledger = sk_gate_shared_peek_ledger(m->loop->shared);

    sk_gate_log_passage(m->passage, NULL);
    if (!sk_ledger_writer_take(ledger, g_steal_pointer(&m->passage), false))
        sk_log(SK_LOG_WARNING,
               "the passage above is not recorded: no room in the ledger's queue", NULL);
}

static void
answer(SkMilterMessage *milter, bool discard, const char *smtp, GPtrArray *edits)
{
    SkMilterReply reply = {.verdict = SK_MILTER_ACCEPT, .edits = edits};

    if (discard)
        reply = (SkMilterReply){.verdict = SK_MILTER_DISCARD};
    else if (smtp != NULL)
        reply = (SkMilterReply){.verdict = SK_MILTER_REPLY, .smtp = smtp};
    sk_milter_message_reply(milter, &reply);
}

/* Tells Postfix, the ledger and the log; M is gone afterwards. DISCARD: Postfix is to say 250
 * and to forget it. */
static void
finish(SkGateMessage *m, bool discard, const char *trouble)
{
    SkMilterMessage *milter = m->milter;
    g_autoptr(GPtrArray) edits = make_edits(m, discard);
    g_autofree char *smtp = NULL;

    m->passage->took_us = now_us() - m->started_us;
    if (discard)
        record_committed(m);
    else
        smtp = record(m, trouble);
    /* Before the answer: with it the next message of the connection may begin, which has the
     * same key. */
    g_hash_table_remove(m->loop->under_way, milter);
    answer(milter, discard, smtp, edits);
}

/* ---- what has to be committed first ---- */

static void
on_committed(SkPassage *passage, const GError *error, void *data)
{
    SkGateMessage *m = data;
    bool discard = error == NULL && (passage->held != NULL || m->answers);

    m->task = NULL;
    m->passage = passage;
    if (error != NULL)
        sk_engine_answer_unkept(passage);
    finish(m, discard, error != NULL ? error->message : NULL);
}

static void
commit(SkGateMessage *m, bool hold)
{
    SkLedgerWriter *ledger = sk_gate_shared_peek_ledger(m->loop->shared);
    g_autoptr(GError) error = NULL;
    const SkGateCommit order = {.shared = m->loop->shared,
                                .caller = m->loop->keep,
                                .milter = m->milter,
                                .hold = hold,
                                .tokens = m->tokens,
                                .done = on_committed,
                                .data = m};

    /* What is committed stays, so this is asked before. */
    if (!sk_ledger_writer_has_room(ledger, m->passage->recipients->len)) {
        sk_engine_answer_unrecorded(m->passage);
        finish(m, false, "no room in the ledger's queue");
        return;
    }
    m->task = sk_gate_hold_commit(&order, m->passage, &error);
    if (m->task != NULL) {
        m->passage = NULL;
        return;
    }
    sk_engine_answer_unkept(m->passage);
    finish(m, false, error->message);
}

/* A message that nobody is to get, and that has to wait: somebody will say whom it is for. */
static bool
is_for_nobody(const SkGateMessage *m)
{
    return sk_envelope_count(m->passage->envelope) == 0;
}

/* What was judged is accepted in place, or held, or answered. */
static void
carry_out(SkGateMessage *m)
{
    bool hold = m->answers || sk_engine_must_hold(m->passage);

    if (m->passage->smtp != NULL) {
        finish(m, false, NULL);
        return;
    }
    if (hold && is_for_nobody(m)) {
        sk_engine_answer_unkept(m->passage);
        finish(m, false, "it has to wait, but has no recipients");
        return;
    }
    if (!hold && !sk_engine_commit_tells(m->passage))
        finish(m, false, NULL);
    else
        commit(m, hold);
}

static void
give_up(SkGateMessage *m, const GError *error)
{
    if (m->passage->recipients->len == 0)
        sk_engine_add_unjudged(site_of(m), m->passage, SK_FATE_DEFER);
    sk_engine_answer_unavailable(m->passage);
    finish(m, false, error->message);
}

/* ---- held mail on its way out ---- */

static void
on_noted(SkGateRelease *release, const GError *error, void *data)
{
    SkGateMessage *m = data;

    g_assert(release == NULL);
    m->task = NULL;
    /* What is not noted would be held for again and again: the clerk comes back. */
    if (error != NULL)
        sk_engine_answer_unkept(m->passage);
    finish(m, false, error != NULL ? error->message : NULL);
}

static void
refuse_release(SkGateMessage *m, SkReleaseVerdict *verdict)
{
    m->passage->fate = SK_FATE_REJECT;
    m->passage->smtp = sk_ticket_refusal_write(m->passage->id, verdict->waits, verdict->review);
    m->task = sk_gate_release_note(m->loop->keep, g_steal_pointer(&m->release),
                                   g_steal_pointer(&verdict->names), on_noted, m);
}

static void
judge_release(SkGateMessage *m)
{
    const SkRelease *release = sk_gate_release_peek(m->release);
    g_auto(SkReleaseVerdict) verdict = {0};

    sk_engine_release_judge(site_of(m), m->policy, m->started_us, release, m->passage,
                            &verdict);
    if (verdict.fate == SK_RELEASE_REFUSED) {
        refuse_release(m, &verdict);
        return;
    }
    if (verdict.fate == SK_RELEASE_LATER)
        sk_engine_answer_unavailable(m->passage);
    finish(m, false, NULL);
}

/* ---- the inspection ---- */

static void
judge(SkGateMessage *m)
{
    sk_engine_judge(site_of(m), m->policy, m->started_us, m->passage);
    carry_out(m);
}

static void
on_looked(void *data)
{
    SkGateMessage *m = data;

    m->task = NULL;
    judge(m);
}

static void
on_inspected(SkInspectResult *result, const GError *error, void *data)
{
    SkGateMessage *m = data;

    if (result == NULL) {
        give_up(m, error);
        return;
    }
    sk_findings_free(m->passage->findings);
    m->passage->findings = g_steal_pointer(&result->findings);
    sk_inspect_result_free(result);
    if (m->release != NULL) {
        judge_release(m);
        return;
    }
    m->task = sk_gate_thread_look(m->loop->keep, m->passage, header_of(m), on_looked, m);
    if (m->task == NULL)
        judge(m);
}

static void
inspect(SkGateMessage *m)
{
    SkSpool *spool = sk_milter_message_peek_spool(m->milter);
    SkOrigin origin = m->release != NULL ? sk_gate_release_peek(m->release)->message->origin
                                         : m->passage->origin;
    SkInspectJob job = {
        .kind = SK_INSPECT_MAIL,
        .pool =
            origin == SK_ORIGIN_INBOUND ? SK_INSPECT_POOL_INBOUND : SK_INSPECT_POOL_OUTBOUND,
        .bytes = sk_spool_peek_bytes(spool),
        .fd = sk_spool_peek_fd(spool),
    };

    sk_inspect_submit(m->loop->inspect, &job, on_inspected, m);
}

/* ---- the beginning ---- */

static void
refuse_stranger(SkGateMessage *m)
{
    sk_engine_add_unjudged(site_of(m), m->passage, SK_FATE_REJECT);
    sk_engine_answer_no_release(m->passage);
    finish(m, false, NULL);
}

static void
on_checked(SkGateRelease *release, const GError *error, void *data)
{
    SkGateMessage *m = data;

    m->task = NULL;
    m->release = release;
    if (release != NULL &&
        !sk_engine_release_is_for(sk_gate_release_peek(release), m->passage->envelope)) {
        refuse_stranger(m);
        return;
    }
    if (release != NULL) {
        inspect(m);
        return;
    }
    if (error != NULL) {
        give_up(m, error);
        return;
    }
    sk_engine_add_unjudged(site_of(m), m->passage, SK_FATE_DEFER);
    sk_engine_answer_stale(m->passage);
    finish(m, false, NULL);
}

/* To one, from nobody. */
static bool
is_notice(const SkEnvelope *envelope)
{
    return sk_envelope_count(envelope) == 1 &&
           (envelope->sender == NULL || *envelope->sender == '\0');
}

static void
start_ticket(SkGateMessage *m, const SkTicket *ticket)
{
    if (ticket->notice && !is_notice(m->passage->envelope)) {
        refuse_stranger(m);
        return;
    }
    m->passage->released = g_strdup(ticket->id);
    if (ticket->notice) {
        /* Written by the clerk: nothing to look for, and nothing to hold. */
        sk_engine_add_unjudged(site_of(m), m->passage, SK_FATE_DELIVER);
        finish(m, false, NULL);
        return;
    }
    m->task = sk_gate_release_check(m->loop->keep, ticket, on_checked, m);
}

static void
start_release(SkGateMessage *m)
{
    const SkSettings *settings = sk_gate_shared_peek_settings(m->loop->shared);
    g_autoptr(GError) error = NULL;
    SkTicket ticket;
    bool is_true;

    if (!sk_gate_release_read(settings, header_of(m), &ticket, &is_true, &error)) {
        give_up(m, error);
        return;
    }
    if (is_true) {
        start_ticket(m, &ticket);
        return;
    }
    refuse_stranger(m);
}

/* Takes out what answers notices. False: nobody else is to get it, so there is nothing to
 * inspect. */
static bool
take_answers(SkGateMessage *m)
{
    const char *reply =
        sk_settings_peek_text(sk_gate_shared_peek_settings(m->loop->shared), "notice", "reply");

    m->tokens = sk_engine_reply_take(m->passage, reply);
    m->answers = m->tokens->len > 0;
    if (m->answers && sk_engine_reply_is_automatic(m->passage, header_of(m)))
        g_ptr_array_set_size(m->tokens, 0);
    if (!m->answers || sk_envelope_count(m->passage->envelope) > 0)
        return true;
    /* For the record: whom it was for, without what it has a right to. */
    return !sk_envelope_add_recipient(m->passage->envelope, reply, NULL);
}

void
sk_gate_message_start(SkGateLoop *loop, SkMilterMessage *milter, SkOrigin origin)
{
    SkGateMessage *m = g_new0(SkGateMessage, 1);

    m->loop = loop;
    m->milter = milter;
    m->started_us = now_us();
    m->passage =
        begin_passage(sk_gate_shared_peek_site(loop->shared), milter, origin, m->started_us);
    m->policy = sk_gate_policy_ref(sk_gate_shared_peek_policy(loop->shared));
    g_hash_table_insert(loop->under_way, milter, m);
    if (origin == SK_ORIGIN_RELEASE) {
        start_release(m);
    } else if (take_answers(m)) {
        inspect(m);
    } else {
        sk_engine_add_unjudged(site_of(m), m->passage, SK_FATE_DELIVER);
        commit(m, false);
    }
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
