/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-session - one milter conversation: bytes in, bytes out, messages to the handler
 *
 * Knows nothing of sockets: whoever does feeds it what was read, in any pieces, and sends what
 * is in its output.
 *
 * Limits: one incomplete packet, or what was read behind a message that waits for its answer.
 * Errors: what breaks the protocol ends the conversation; sk_milter_session_peek_refusal().
 */

#include "base/buffer.h"
#include "milter/milter-server.h"

typedef struct SkMilterSession SkMilterSession;

typedef struct {
    const SkMilterHandler *handler;
    size_t message_limit;
    bool tcp; /* Nagle's algorithm stands between the peer and us */
    void *socket_data;
    /* A message that had been waiting was answered: send the output, call
     * sk_milter_session_resume(). Not called for an answer from within the handler. */
    void (*answered)(void *host);
    void *host;
} SkMilterSessionSetup;

SkMilterSession *sk_milter_session_new(const SkMilterSessionSetup *setup);
/* A message that waits is abandoned. */
void sk_milter_session_free(SkMilterSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkMilterSession, sk_milter_session_free)

/* Takes what was read. False: the conversation is over; what is in the output may still be
 * sent. */
bool sk_milter_session_feed(SkMilterSession *session, SkBytes in) G_GNUC_WARN_UNUSED_RESULT;
/* Goes on with what came while a message waited. The same result. */
bool sk_milter_session_resume(SkMilterSession *session) G_GNUC_WARN_UNUSED_RESULT;

/* What is to be sent; the caller consumes it. */
SkBuffer *sk_milter_session_peek_output(SkMilterSession *session);
/* Whether a message waits for its answer; then whether anything came behind it, so that more
 * should not be read. */
bool sk_milter_session_is_waiting(const SkMilterSession *session);
bool sk_milter_session_is_full(const SkMilterSession *session);
/* Why the conversation was ended by us, or NULL. */
const char *sk_milter_session_peek_refusal(const SkMilterSession *session);
