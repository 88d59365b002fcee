/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-session.h"

#include "base/limit.h"
#include "milter/milter-message.h"
#include "milter/milter-packet.h"
#include "milter/milter-reply.h"
#include "milter/milter-step.h"

/* Bytes kept for a packet that came in pieces, and for what comes behind a waiting message. */
#define LIMIT_PENDING (2 * SK_LIMIT_MILTER_PACKET)
/* Bytes of one answer with all its edits. */
#define LIMIT_OUTPUT (2 * SK_LIMIT_HEADER)
/* Bytes of an incomplete packet that stay allocated. */
#define KEEP (4 * SK_KIB)

SkMilterSession *
sk_milter_session_new(const SkMilterSessionSetup *setup)
{
    SkMilterSession *session = g_new0(SkMilterSession, 1);

    session->setup = *setup;
    session->client = sk_envelope_new();
    sk_milter_message_init(&session->message, session, setup->socket_data,
                           setup->message_limit);
    sk_buffer_init(&session->pending, LIMIT_PENDING);
    sk_buffer_init(&session->out, LIMIT_OUTPUT);
    return session;
}

void
sk_milter_session_free(SkMilterSession *session)
{
    if (session == NULL)
        return;
    if (session->state == SK_MILTER_STATE_WAITING)
        sk_milter_step_abandon(session);
    sk_milter_step_forget(session);
    sk_milter_message_clear(&session->message);
    sk_envelope_free(session->client);
    sk_buffer_clear(&session->pending);
    sk_buffer_clear(&session->out);
    g_free(session);
}

static bool
is_body(SkMilterCommand command)
{
    return command == SK_MILTER_BODY || command == SK_MILTER_END;
}

/* Whether a packet with this head may come now; else the conversation is over. */
static bool
allow(SkMilterSession *session, SkBytes in, SkMilterHead *ret_head)
{
    const char *why = sk_milter_head_read(in, ret_head);

    if (why == NULL)
        why = sk_milter_step_check(session, ret_head->command);
    if (why != NULL)
        sk_milter_step_refuse(session, why);
    return why == NULL;
}

static void
hand_over(SkMilterSession *session)
{
    const SkMilterHandler *handler = session->setup.handler;
    const char *trouble;

    sk_milter_message_finish(&session->message);
    trouble = sk_milter_message_peek_trouble(&session->message);
    session->state = SK_MILTER_STATE_WAITING;
    if (trouble == NULL) {
        handler->message(&session->message, handler->data);
        return;
    }
    if (handler->turned_away != NULL)
        handler->turned_away(session->message.envelope, trouble, handler->data);
    sk_milter_message_reply(&session->message,
                            &(SkMilterReply){.verdict = SK_MILTER_REPLY, .smtp = trouble});
}

static void
end_body_packet(SkMilterSession *session)
{
    bool skip = sk_milter_message_peek_trouble(&session->message) != NULL &&
                (session->protocol & SK_MILTER_CAN_SKIP) != 0;

    if (session->body_command == SK_MILTER_END)
        hand_over(session);
    else if ((session->protocol & SK_MILTER_NR_BODY) == 0)
        sk_milter_step_say(session, skip ? SK_MILTER_SAYS_SKIP : SK_MILTER_SAYS_CONTINUE);
}

/* The data of a body packet go to the spool as they come, without being put together first. */
static SkBytes
take_body(SkMilterSession *session, SkBytes in)
{
    SkBytes body = sk_bytes_slice(in, 0, session->body_left);

    sk_milter_message_add_body(&session->message, body);
    session->body_left -= body.len;
    if (session->body_left == 0)
        end_body_packet(session);
    return sk_bytes_from(in, body.len);
}

/* The header may end without EOH where there is none. */
static void
begin_body(SkMilterSession *session, const SkMilterHead *head)
{
    if (session->state != SK_MILTER_STATE_BODY)
        sk_milter_message_end_header(&session->message);
    session->state = SK_MILTER_STATE_BODY;
    session->body_command = head->command;
    session->body_left = head->size;
    if (head->size == 0)
        end_body_packet(session);
}

static void
keep(SkMilterSession *session, SkBytes in)
{
    if (!sk_buffer_append(&session->pending, in.data, in.len))
        sk_milter_step_refuse(session, "more than can be kept");
}

/* A packet at the front of IN; an incomplete one is kept. What follows it. */
static SkBytes
take_packet(SkMilterSession *session, SkBytes in)
{
    SkBytes none = sk_bytes_from(in, in.len);
    SkMilterHead head;

    if (!sk_bytes_has(in, 0, SK_MILTER_HEAD)) {
        keep(session, in);
        return none;
    }
    if (!allow(session, in, &head))
        return none;
    if (is_body(head.command)) {
        begin_body(session, &head);
        return sk_bytes_from(in, SK_MILTER_HEAD);
    }
    if (!sk_bytes_has(in, SK_MILTER_HEAD, head.size)) {
        keep(session, in);
        return none;
    }
    sk_milter_step(session, head.command, sk_bytes_slice(in, SK_MILTER_HEAD, head.size));
    return sk_bytes_from(in, SK_MILTER_HEAD + head.size);
}

/* Moves bytes of IN to the packet that is kept, up to WHOLE; whether it has them all. */
static bool
top_up(SkMilterSession *session, SkBytes *in, size_t whole)
{
    SkBytes more = sk_bytes_slice(*in, 0, whole - session->pending.len);

    *in = sk_bytes_from(*in, more.len);
    keep(session, more);
    return session->state != SK_MILTER_STATE_CLOSED && session->pending.len == whole;
}

/* Goes on with the packet that is kept. What follows it. */
static SkBytes
complete_packet(SkMilterSession *session, SkBytes in)
{
    SkBuffer *pending = &session->pending;
    SkMilterHead head;

    if (pending->len < SK_MILTER_HEAD && !top_up(session, &in, SK_MILTER_HEAD))
        return in;
    if (!allow(session, sk_buffer_bytes(pending), &head))
        return in;
    if (is_body(head.command)) {
        sk_buffer_reset(pending, KEEP);
        begin_body(session, &head);
        return in;
    }
    if (!top_up(session, &in, SK_MILTER_HEAD + head.size))
        return in;
    sk_milter_step(session, head.command,
                   sk_bytes_from(sk_buffer_bytes(pending), SK_MILTER_HEAD));
    sk_buffer_reset(pending, KEEP);
    return in;
}

/* Behind a message that waits nothing may come but its end: then the peer has given it up. */
static bool
gives_up(SkBytes in)
{
    SkMilterHead head;

    return sk_bytes_has(in, 0, SK_MILTER_HEAD) && sk_milter_head_read(in, &head) == NULL &&
           (head.command == SK_MILTER_ABORT || head.command == SK_MILTER_QUIT ||
            head.command == SK_MILTER_QUIT_NC);
}

static SkBytes
take(SkMilterSession *session, SkBytes in)
{
    if (session->body_left > 0)
        return take_body(session, in);
    if (session->pending.len > 0)
        return complete_packet(session, in);
    return take_packet(session, in);
}

static void
consume(SkMilterSession *session, SkBytes in)
{
    while (in.len > 0 && session->state != SK_MILTER_STATE_CLOSED) {
        if (session->state == SK_MILTER_STATE_WAITING && !gives_up(in)) {
            keep(session, in);
            return;
        }
        if (session->state == SK_MILTER_STATE_WAITING)
            sk_milter_step_abandon(session);
        in = take(session, in);
    }
}

static void
consume_pending(SkMilterSession *session)
{
    g_auto(SkBuffer) kept = session->pending;

    sk_buffer_init(&session->pending, LIMIT_PENDING);
    consume(session, sk_buffer_bytes(&kept));
}

bool
sk_milter_session_feed(SkMilterSession *session, SkBytes in)
{
    session->busy = true;
    if (session->state == SK_MILTER_STATE_WAITING) {
        keep(session, in);
        consume_pending(session);
    } else {
        consume(session, in);
    }
    session->busy = false;
    return session->state != SK_MILTER_STATE_CLOSED;
}

bool
sk_milter_session_resume(SkMilterSession *session)
{
    session->busy = true;
    consume_pending(session);
    session->busy = false;
    return session->state != SK_MILTER_STATE_CLOSED;
}

void
sk_milter_message_reply(SkMilterMessage *message, const SkMilterReply *reply)
{
    SkMilterSession *session = message->session;

    g_assert(session->state == SK_MILTER_STATE_WAITING);
    session->state = SK_MILTER_STATE_IDLE;
    if (!sk_milter_reply_append(&session->out, reply))
        sk_milter_step_refuse(session, "an answer that does not fit");
    sk_milter_step_forget(session);
    if (!session->busy)
        session->setup.answered(session->setup.host);
}

SkBuffer *
sk_milter_session_peek_output(SkMilterSession *session)
{
    return &session->out;
}

bool
sk_milter_session_is_waiting(const SkMilterSession *session)
{
    return session->state == SK_MILTER_STATE_WAITING;
}

bool
sk_milter_session_is_full(const SkMilterSession *session)
{
    return session->state == SK_MILTER_STATE_WAITING && session->pending.len >= SK_MILTER_HEAD;
}

const char *
sk_milter_session_peek_refusal(const SkMilterSession *session)
{
    return session->refusal;
}
