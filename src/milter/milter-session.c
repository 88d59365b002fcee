/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-session.h"

#include <string.h>

#include "base/limit.h"
#include "milter/milter-message.h"
#include "milter/milter-packet.h"
#include "milter/milter-reply.h"

/* Bytes kept for a packet that came in pieces, and for what comes behind a waiting message. */
#define LIMIT_PENDING (2 * SK_LIMIT_MILTER_PACKET)
/* Bytes of one answer with all its edits. */
#define LIMIT_OUTPUT (2 * SK_LIMIT_HEADER)
/* Bytes of buffers that a connection keeps between messages. */
#define KEEP (4 * SK_KIB)
/* Bytes of names that only tell who was there: HELO, host name, queue id. */
#define LIMIT_TEXT 1024

#define WANTED_ACTIONS (SK_MILTER_MAY_ADD | SK_MILTER_MAY_CHANGE)
#define WANTED_PROTOCOL                                                                        \
    (SK_MILTER_NR_HEADER | SK_MILTER_NO_UNKNOWN | SK_MILTER_CAN_SKIP | SK_MILTER_NR_CONNECT |  \
     SK_MILTER_NR_HELO | SK_MILTER_NR_MAIL | SK_MILTER_NR_RCPT | SK_MILTER_NR_UNKNOWN |        \
     SK_MILTER_NR_EOH | SK_MILTER_NR_BODY | SK_MILTER_LEADING_SPACE)

typedef enum {
    STATE_START,    /* nothing was said */
    STATE_GREETED,  /* negotiated; no SMTP client yet */
    STATE_IDLE,     /* an SMTP client, no message */
    STATE_ENVELOPE, /* MAIL was said */
    STATE_HEADER,
    STATE_BODY,
    STATE_WAITING, /* the message is with the handler */
    STATE_CLOSED,
} State;

#define IN(state) (1U << (state))

struct SkMilterSession {
    SkMilterSessionSetup setup;
    State state;
    bool busy; /* within feed(): an answer needs no call of the host */
    uint32_t protocol;
    const char *refusal;
    SkEnvelope *client; /* the connection's part of each envelope */
    char *login;        /* what the macros of the next MAIL said */
    char *queue_id;
    SkMilterMessage message;
    uint64_t body_left; /* of the packet whose data are passed on as they come */
    SkMilterCommand body_command;
    SkBuffer pending;
    SkBuffer out;
};

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

static void
forget_macros(SkMilterSession *session)
{
    g_clear_pointer(&session->login, g_free);
    g_clear_pointer(&session->queue_id, g_free);
}

static void
forget_message(SkMilterSession *session)
{
    forget_macros(session);
    sk_milter_message_drop(&session->message);
}

static void
abandon(SkMilterSession *session)
{
    const SkMilterHandler *handler = session->setup.handler;

    session->state = STATE_IDLE;
    handler->abandoned(&session->message, handler->data);
    forget_message(session);
}

void
sk_milter_session_free(SkMilterSession *session)
{
    if (session == NULL)
        return;
    if (session->state == STATE_WAITING)
        abandon(session);
    forget_message(session);
    sk_milter_message_clear(&session->message);
    sk_envelope_free(session->client);
    sk_buffer_clear(&session->pending);
    sk_buffer_clear(&session->out);
    g_free(session);
}

static void
refuse(SkMilterSession *session, const char *why)
{
    if (session->state == STATE_WAITING)
        abandon(session);
    session->state = STATE_CLOSED;
    session->refusal = why;
}

static void
say(SkMilterSession *session, SkMilterAnswer answer)
{
    if (!sk_milter_packet_append_bare(&session->out, (char)answer))
        refuse(session, "no memory for an answer");
}

/* A step that was not agreed to go without an answer gets one. */
static void
go_on(SkMilterSession *session, uint32_t no_reply)
{
    if ((session->protocol & no_reply) == 0)
        say(session, SK_MILTER_SAYS_CONTINUE);
}

static const char *
judge_offer(const SkMilterOffer *offer)
{
    if (offer->version < SK_MILTER_VERSION)
        return "the peer speaks a milter protocol before version 6 (Postfix: milter_protocol)";
    if ((offer->actions & WANTED_ACTIONS) != WANTED_ACTIONS)
        return "the peer does not let header fields be added and changed";
    if ((offer->protocol & SK_MILTER_LEADING_SPACE) == 0)
        return "the peer does not show header fields with their leading blanks";
    return NULL;
}

/* By default Postfix sends a dozen macros that nobody here reads. It takes an empty list for
 * none given, so each stage asks for the queue id at least. */
static bool
append_macro_lists(SkBuffer *data)
{
    static const char *const lists[] = {"i",               /* connect */
                                        "i",               /* HELO */
                                        "i {auth_authen}", /* MAIL */
                                        "i",
                                        "i",
                                        "i",
                                        "i"}; /* RCPT, DATA, end of message, end of header */

    for (uint8_t stage = 0; stage < G_N_ELEMENTS(lists); stage++) {
        uint8_t number[4] = {0, 0, 0, stage};

        if (!sk_buffer_append(data, number, sizeof number) ||
            !sk_buffer_append(data, lists[stage], strlen(lists[stage]) + 1))
            return false;
    }
    return true;
}

static bool
append_number(SkBuffer *data, uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 8), (uint8_t)number};

    return sk_buffer_append(data, bytes, sizeof bytes);
}

static void
answer_offer(SkMilterSession *session, uint32_t actions)
{
    g_auto(SkBuffer) data = {0};
    SkBytes part;

    sk_buffer_init(&data, KEEP);
    if (!append_number(&data, SK_MILTER_VERSION) || !append_number(&data, actions) ||
        !append_number(&data, session->protocol) ||
        ((actions & SK_MILTER_MAY_SET_MACROS) != 0 && !append_macro_lists(&data))) {
        refuse(session, "no memory for an answer");
        return;
    }
    part = sk_buffer_bytes(&data);
    if (!sk_milter_packet_append(&session->out, SK_MILTER_NEGOTIATE, &part, 1))
        refuse(session, "no memory for an answer");
}

static bool
on_negotiate(SkMilterSession *session, SkBytes data)
{
    /* Over TCP an answer at DATA makes smtpd's packets leave before cleanup's: without it
     * Nagle's algorithm holds cleanup's until our delayed ACK, 40 ms a message. */
    uint32_t wanted = WANTED_PROTOCOL;
    SkMilterOffer offer;
    const char *why;

    if (!sk_milter_offer_read(data, &offer))
        return false;
    why = judge_offer(&offer);
    if (why != NULL) {
        refuse(session, why);
        return true;
    }
    if (!session->setup.tcp)
        wanted |= SK_MILTER_NR_DATA | SK_MILTER_NO_DATA;
    session->protocol = offer.protocol & wanted;
    session->state = STATE_GREETED;
    answer_offer(session,
                 WANTED_ACTIONS | (offer.actions & (uint32_t)SK_MILTER_MAY_SET_MACROS));
    return true;
}

static void
set_text(char **text, SkBytes value)
{
    g_free(*text);
    *text = sk_milter_text_dup(value, LIMIT_TEXT);
}

/* Postfix says "unknown" for a name that did not resolve, Sendmail "[address]". */
static void
set_client(SkEnvelope *client, const SkMilterPeer *peer)
{
    static const char IPV6[] = "IPv6:";
    SkBytes address = peer->address;
    bool known = !sk_bytes_equal_nocase(peer->name, "unknown") &&
                 sk_bytes_u8(peer->name, 0) != '[' && peer->name.len > 0;

    g_clear_pointer(&client->client_name, g_free);
    g_clear_pointer(&client->client_address, g_free);
    if (known)
        set_text(&client->client_name, peer->name);
    if (sk_bytes_equal_nocase(sk_bytes_slice(address, 0, strlen(IPV6)), IPV6))
        address = sk_bytes_from(address, strlen(IPV6));
    if (peer->family == '4' || peer->family == '6')
        set_text(&client->client_address, address);
}

static bool
on_connect(SkMilterSession *session, SkBytes data)
{
    SkMilterPeer peer;

    if (!sk_milter_peer_read(data, &peer))
        return false;
    set_client(session->client, &peer);
    session->state = STATE_IDLE;
    go_on(session, SK_MILTER_NR_CONNECT);
    return true;
}

static bool
on_helo(SkMilterSession *session, SkBytes data)
{
    SkBytes name;

    if (!sk_milter_string_take(&data, &name) || data.len > 0)
        return false;
    set_text(&session->client->helo, name);
    go_on(session, SK_MILTER_NR_HELO);
    return true;
}

/* A MAIL in the middle of an envelope begins anew, as with libmilter. */
static bool
on_mail(SkMilterSession *session, SkBytes data)
{
    SkEnvelope *envelope = sk_envelope_dup_connection(session->client);
    SkMilterAddress sender;

    sk_milter_message_begin(&session->message, envelope);
    if (!sk_milter_address_read(data, &sender))
        return false;
    envelope->login = g_steal_pointer(&session->login);
    envelope->queue_id = g_steal_pointer(&session->queue_id);
    /* A login cut short could be another's. */
    if (envelope->login != NULL && strlen(envelope->login) > SK_LIMIT_ADDRESS)
        sk_milter_message_refuse(&session->message,
                                 "452 4.5.3 The login name is longer than accepted");
    sk_milter_message_set_sender(&session->message, &sender);
    session->state = STATE_ENVELOPE;
    go_on(session, SK_MILTER_NR_MAIL);
    return true;
}

static bool
on_rcpt(SkMilterSession *session, SkBytes data)
{
    SkMilterAddress recipient;

    if (!sk_milter_address_read(data, &recipient))
        return false;
    sk_milter_message_add_recipient(&session->message, &recipient);
    go_on(session, SK_MILTER_NR_RCPT);
    return true;
}

static bool
on_data(SkMilterSession *session, SkBytes data)
{
    go_on(session, SK_MILTER_NR_DATA);
    return data.len == 0;
}

static bool
on_unknown(SkMilterSession *session, SkBytes data)
{
    SkBytes line;

    if (!sk_milter_string_take(&data, &line) || data.len > 0)
        return false;
    go_on(session, SK_MILTER_NR_UNKNOWN);
    return true;
}

static bool
on_header(SkMilterSession *session, SkBytes data)
{
    SkMilterPair field;

    if (!sk_milter_pair_take(&data, &field) || data.len > 0)
        return false;
    sk_milter_message_add_header(&session->message, &field);
    session->state = STATE_HEADER;
    go_on(session, SK_MILTER_NR_HEADER);
    return true;
}

static bool
on_eoh(SkMilterSession *session, SkBytes data)
{
    sk_milter_message_end_header(&session->message);
    session->state = STATE_BODY;
    go_on(session, SK_MILTER_NR_EOH);
    return data.len == 0;
}

static bool
on_abort(SkMilterSession *session, SkBytes data)
{
    forget_message(session);
    session->state = MIN(session->state, STATE_IDLE);
    return data.len == 0;
}

static bool
on_quit(SkMilterSession *session, SkBytes data)
{
    session->state = STATE_CLOSED;
    return data.len == 0;
}

static bool
on_quit_nc(SkMilterSession *session, SkBytes data)
{
    forget_message(session);
    sk_envelope_free(session->client);
    session->client = sk_envelope_new();
    session->state = STATE_GREETED;
    return data.len == 0;
}

static void
set_queue_id(SkMilterSession *session, uint8_t command, SkBytes value)
{
    SkEnvelope *envelope = session->message.envelope;
    bool early = command == SK_MILTER_MAIL || envelope == NULL;
    char **id = early ? &session->queue_id : &envelope->queue_id;

    if (*id == NULL || !sk_bytes_at(value, 0, *id, strlen(*id)) || value.len != strlen(*id))
        set_text(id, value);
}

static void
set_macro(SkMilterSession *session, uint8_t command, const SkMilterPair *macro)
{
    if (macro->name.len == 1 && sk_bytes_is(macro->name, 0, "i"))
        set_queue_id(session, command, macro->value);
    else if (command == SK_MILTER_MAIL && macro->value.len > 0 &&
             sk_bytes_equal_nocase(macro->name, "{auth_authen}")) {
        g_free(session->login);
        session->login = sk_milter_text_dup(macro->value, SK_LIMIT_ADDRESS + 1);
    }
}

static bool
on_macro(SkMilterSession *session, SkBytes data)
{
    uint8_t command = sk_bytes_u8(data, 0);
    SkMilterPair macro;

    if (data.len == 0)
        return false;
    if (command == SK_MILTER_MAIL)
        forget_macros(session);
    data = sk_bytes_from(data, 1);
    while (data.len > 0) {
        if (!sk_milter_pair_take(&data, &macro))
            return false;
        set_macro(session, command, &macro);
    }
    return true;
}

/* clang-format off */
static const struct {
    SkMilterCommand command;
    unsigned states; /* in which it may come */
    bool (*handle)(SkMilterSession *session, SkBytes data); /* false: malformed */
} STEPS[] = {
    {SK_MILTER_MACRO,     ~IN(STATE_START), on_macro},
    {SK_MILTER_HEADER,    IN(STATE_ENVELOPE) | IN(STATE_HEADER), on_header},
    {SK_MILTER_RCPT,      IN(STATE_ENVELOPE), on_rcpt},
    {SK_MILTER_BODY,      IN(STATE_ENVELOPE) | IN(STATE_HEADER) | IN(STATE_BODY), NULL},
    {SK_MILTER_END,       IN(STATE_ENVELOPE) | IN(STATE_HEADER) | IN(STATE_BODY), NULL},
    {SK_MILTER_EOH,       IN(STATE_ENVELOPE) | IN(STATE_HEADER), on_eoh},
    {SK_MILTER_MAIL,      IN(STATE_IDLE) | IN(STATE_ENVELOPE), on_mail},
    {SK_MILTER_DATA,      IN(STATE_ENVELOPE), on_data},
    {SK_MILTER_HELO,      IN(STATE_IDLE) | IN(STATE_ENVELOPE), on_helo},
    {SK_MILTER_CONNECT,   IN(STATE_GREETED), on_connect},
    {SK_MILTER_NEGOTIATE, IN(STATE_START), on_negotiate},
    {SK_MILTER_ABORT,     ~IN(STATE_START), on_abort},
    {SK_MILTER_QUIT,      ~0U, on_quit},
    {SK_MILTER_QUIT_NC,   ~IN(STATE_START), on_quit_nc},
    {SK_MILTER_UNKNOWN,   IN(STATE_IDLE) | IN(STATE_ENVELOPE), on_unknown},
};
/* clang-format on */

static size_t
find_step(SkMilterCommand command)
{
    size_t i = 0;

    while (STEPS[i].command != command)
        i++;
    return i;
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

    if (why == NULL && (STEPS[find_step(ret_head->command)].states & IN(session->state)) == 0)
        why = "a command out of order";
    if (why != NULL)
        refuse(session, why);
    return why == NULL;
}

static void
hand_over(SkMilterSession *session)
{
    const SkMilterHandler *handler = session->setup.handler;
    const char *trouble;

    sk_milter_message_finish(&session->message);
    trouble = sk_milter_message_peek_trouble(&session->message);
    session->state = STATE_WAITING;
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
        say(session, skip ? SK_MILTER_SAYS_SKIP : SK_MILTER_SAYS_CONTINUE);
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
    if (session->state != STATE_BODY)
        sk_milter_message_end_header(&session->message);
    session->state = STATE_BODY;
    session->body_command = head->command;
    session->body_left = head->size;
    if (head->size == 0)
        end_body_packet(session);
}

static void
handle(SkMilterSession *session, const SkMilterHead *head, SkBytes data)
{
    if (!STEPS[find_step(head->command)].handle(session, data))
        refuse(session, "a malformed packet");
}

static void
keep(SkMilterSession *session, SkBytes in)
{
    if (!sk_buffer_append(&session->pending, in.data, in.len))
        refuse(session, "more than can be kept");
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
    handle(session, &head, sk_bytes_slice(in, SK_MILTER_HEAD, head.size));
    return sk_bytes_from(in, SK_MILTER_HEAD + head.size);
}

/* Moves bytes of IN to the packet that is kept, up to WHOLE; whether it has them all. */
static bool
top_up(SkMilterSession *session, SkBytes *in, size_t whole)
{
    SkBytes more = sk_bytes_slice(*in, 0, whole - session->pending.len);

    *in = sk_bytes_from(*in, more.len);
    keep(session, more);
    return session->state != STATE_CLOSED && session->pending.len == whole;
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
    handle(session, &head, sk_bytes_from(sk_buffer_bytes(pending), SK_MILTER_HEAD));
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
    while (in.len > 0 && session->state != STATE_CLOSED) {
        if (session->state == STATE_WAITING && !gives_up(in)) {
            keep(session, in);
            return;
        }
        if (session->state == STATE_WAITING)
            abandon(session);
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
    if (session->state == STATE_WAITING) {
        keep(session, in);
        consume_pending(session);
    } else {
        consume(session, in);
    }
    session->busy = false;
    return session->state != STATE_CLOSED;
}

bool
sk_milter_session_resume(SkMilterSession *session)
{
    session->busy = true;
    consume_pending(session);
    session->busy = false;
    return session->state != STATE_CLOSED;
}

void
sk_milter_message_reply(SkMilterMessage *message, const SkMilterReply *reply)
{
    SkMilterSession *session = message->session;

    g_assert(session->state == STATE_WAITING);
    session->state = STATE_IDLE;
    if (!sk_milter_reply_append(&session->out, reply))
        refuse(session, "an answer that does not fit");
    forget_message(session);
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
    return session->state == STATE_WAITING;
}

bool
sk_milter_session_is_full(const SkMilterSession *session)
{
    return session->state == STATE_WAITING && session->pending.len >= SK_MILTER_HEAD;
}

const char *
sk_milter_session_peek_refusal(const SkMilterSession *session)
{
    return session->refusal;
}
