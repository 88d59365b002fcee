/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-message - gathers one message from the pieces the milter protocol brings
 *
 * For milter-session only; others see a message through milter-server.h.
 *
 * Limits: SK_LIMIT_HEADER, SK_LIMIT_RECIPIENTS, SK_LIMIT_ADDRESS, the message limit. What
 * breaks one does not end the conversation: the rest of the message is thrown away and
 * sk_milter_message_peek_trouble() has the SMTP answer for its end.
 */

#include "milter/milter-packet.h"
#include "milter/milter-server.h"

typedef struct SkMilterSession SkMilterSession;

struct SkMilterMessage {
    SkMilterSession *session;
    void *socket_data;
    SkEnvelope *envelope;
    SkSpool *spool;
    SkBuffer header;
    const char *trouble;
};

void sk_milter_message_init(SkMilterMessage *message,
                            SkMilterSession *session,
                            void *socket_data,
                            size_t message_limit);
void sk_milter_message_clear(SkMilterMessage *message);

/* Forgets what was gathered and takes over ENVELOPE, which has the connection's part. */
void sk_milter_message_begin(SkMilterMessage *message, SkEnvelope *envelope);
/* Forgets what was gathered and frees the memory of a large message. */
void sk_milter_message_drop(SkMilterMessage *message);

void sk_milter_message_set_sender(SkMilterMessage *message, const SkMilterAddress *sender);
void sk_milter_message_add_recipient(SkMilterMessage *message,
                                     const SkMilterAddress *recipient);
void sk_milter_message_add_header(SkMilterMessage *message, const SkMilterPair *field);
void sk_milter_message_end_header(SkMilterMessage *message);
void sk_milter_message_add_body(SkMilterMessage *message, SkBytes body);
/* No more will come. */
void sk_milter_message_finish(SkMilterMessage *message);

/* The message is not to be handed over but answered with ANSWER, a constant; the first stays.
 */
void sk_milter_message_refuse(SkMilterMessage *message, const char *answer);
/* NULL: none. */
const char *sk_milter_message_peek_trouble(const SkMilterMessage *message);

/* A string of ours from foreign TEXT, cut to MAX bytes. Caller owns. */
char *sk_milter_text_dup(SkBytes text, size_t max);
