/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-step - what each command of a milter conversation does, and when it may come
 *
 * For milter-session only, whose state this is; body and end of message are the session's own,
 * as they are not waited for whole.
 */

#include "milter/milter-message.h"
#include "milter/milter-packet.h"
#include "milter/milter-session.h"

typedef enum {
    SK_MILTER_STATE_START,    /* nothing was said */
    SK_MILTER_STATE_GREETED,  /* negotiated; no SMTP client yet */
    SK_MILTER_STATE_IDLE,     /* an SMTP client, no message */
    SK_MILTER_STATE_ENVELOPE, /* MAIL was said */
    SK_MILTER_STATE_HEADER,
    SK_MILTER_STATE_BODY,
    SK_MILTER_STATE_WAITING, /* the message is with the handler */
    SK_MILTER_STATE_CLOSED,
} SkMilterState;

struct SkMilterSession {
    SkMilterSessionSetup setup;
    SkMilterState state;
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

/* NULL, or why COMMAND may not come now. */
const char *sk_milter_step_check(const SkMilterSession *session, SkMilterCommand command);
/* Carries out a command that may come now and is not of the body. */
void sk_milter_step(SkMilterSession *session, SkMilterCommand command, SkBytes data);

/* Ends the conversation. */
void sk_milter_step_refuse(SkMilterSession *session, const char *why);
/* The peer has given up the message that waits. */
void sk_milter_step_abandon(SkMilterSession *session);
void sk_milter_step_forget(SkMilterSession *session);
void sk_milter_step_say(SkMilterSession *session, SkMilterAnswer answer);
