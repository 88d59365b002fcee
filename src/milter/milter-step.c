/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-step.h"

#include <string.h>

#include "base/limit.h"
#include "milter/milter-offer.h"

/* Bytes of names that only tell who was there: HELO, host name, queue id. */
#define LIMIT_TEXT 1024

#define IN(state) (1U << SK_MILTER_STATE_##state)

static void
forget_macros(SkMilterSession *session)
{
    g_clear_pointer(&session->login, g_free);
    g_clear_pointer(&session->queue_id, g_free);
}

void
sk_milter_step_forget(SkMilterSession *session)
{
    forget_macros(session);
    sk_milter_message_drop(&session->message);
}

void
sk_milter_step_abandon(SkMilterSession *session)
{
    const SkMilterHandler *handler = session->setup.handler;

    session->state = SK_MILTER_STATE_IDLE;
    handler->abandoned(&session->message, handler->data);
    sk_milter_step_forget(session);
}

void
sk_milter_step_refuse(SkMilterSession *session, const char *why)
{
    if (session->state == SK_MILTER_STATE_WAITING)
        sk_milter_step_abandon(session);
    session->state = SK_MILTER_STATE_CLOSED;
    session->refusal = why;
}

void
sk_milter_step_say(SkMilterSession *session, SkMilterAnswer answer)
{
    if (!sk_milter_packet_append_bare(&session->out, (char)answer))
        sk_milter_step_refuse(session, "no memory for an answer");
}

/* A step that was not agreed to go without an answer gets one. */
static void
go_on(SkMilterSession *session, uint32_t no_reply)
{
    if ((session->protocol & no_reply) == 0)
        sk_milter_step_say(session, SK_MILTER_SAYS_CONTINUE);
}

static bool
on_negotiate(SkMilterSession *session, SkBytes data)
{
    SkMilterOffer offer;
    const char *why;

    if (!sk_milter_offer_read(data, &offer))
        return false;
    why = sk_milter_offer_judge(&offer);
    session->protocol = sk_milter_offer_choose(&offer, session->setup.tcp);
    session->state = SK_MILTER_STATE_GREETED;
    if (why == NULL && !sk_milter_offer_answer(&session->out, &offer, session->protocol))
        why = "no memory for an answer";
    if (why != NULL)
        sk_milter_step_refuse(session, why);
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
    session->state = SK_MILTER_STATE_IDLE;
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
    session->state = SK_MILTER_STATE_ENVELOPE;
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
    session->state = SK_MILTER_STATE_HEADER;
    go_on(session, SK_MILTER_NR_HEADER);
    return true;
}

static bool
on_eoh(SkMilterSession *session, SkBytes data)
{
    sk_milter_message_end_header(&session->message);
    session->state = SK_MILTER_STATE_BODY;
    go_on(session, SK_MILTER_NR_EOH);
    return data.len == 0;
}

static bool
on_abort(SkMilterSession *session, SkBytes data)
{
    sk_milter_step_forget(session);
    session->state = MIN(session->state, SK_MILTER_STATE_IDLE);
    return data.len == 0;
}

static bool
on_quit(SkMilterSession *session, SkBytes data)
{
    session->state = SK_MILTER_STATE_CLOSED;
    return data.len == 0;
}

static bool
on_quit_nc(SkMilterSession *session, SkBytes data)
{
    sk_milter_step_forget(session);
    sk_envelope_free(session->client);
    session->client = sk_envelope_new();
    session->state = SK_MILTER_STATE_GREETED;
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
    {SK_MILTER_MACRO,     ~IN(START), on_macro},
    {SK_MILTER_HEADER,    IN(ENVELOPE) | IN(HEADER), on_header},
    {SK_MILTER_RCPT,      IN(ENVELOPE), on_rcpt},
    {SK_MILTER_BODY,      IN(ENVELOPE) | IN(HEADER) | IN(BODY), NULL},
    {SK_MILTER_END,       IN(ENVELOPE) | IN(HEADER) | IN(BODY), NULL},
    {SK_MILTER_EOH,       IN(ENVELOPE) | IN(HEADER), on_eoh},
    {SK_MILTER_MAIL,      IN(IDLE) | IN(ENVELOPE), on_mail},
    {SK_MILTER_DATA,      IN(ENVELOPE), on_data},
    {SK_MILTER_HELO,      IN(IDLE) | IN(ENVELOPE), on_helo},
    {SK_MILTER_CONNECT,   IN(GREETED), on_connect},
    {SK_MILTER_NEGOTIATE, IN(START), on_negotiate},
    {SK_MILTER_ABORT,     ~IN(START), on_abort},
    {SK_MILTER_QUIT,      ~0U, on_quit},
    {SK_MILTER_QUIT_NC,   ~IN(START), on_quit_nc},
    {SK_MILTER_UNKNOWN,   IN(IDLE) | IN(ENVELOPE), on_unknown},
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

const char *
sk_milter_step_check(const SkMilterSession *session, SkMilterCommand command)
{
    bool allowed = (STEPS[find_step(command)].states & (1U << session->state)) != 0;

    return allowed ? NULL : "a command out of order";
}

void
sk_milter_step(SkMilterSession *session, SkMilterCommand command, SkBytes data)
{
    if (!STEPS[find_step(command)].handle(session, data))
        sk_milter_step_refuse(session, "a malformed packet");
}
