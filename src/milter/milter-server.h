/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-server - takes messages from Postfix by the milter protocol, version 6
 *
 * Collects envelope and bytes of each message and hands them over whole at its end; the answer
 * comes later, from anywhere in the same event loop. Nothing is answered earlier, at RCPT for
 * instance: through non_smtpd_milters Postfix would defer.
 *
 * The bytes are those Postfix will deliver: header fields as they came ("Name:" and the value
 * with its leading blanks, SMFIP_HDR_LEADSPC), line ends CRLF, body untouched; without the
 * Received field that Postfix puts before them, and with an empty line after the header where
 * there is none. Recipients are those that Postfix took; one that another milter refused after
 * us is still among them. The queue id is known from DATA on.
 *
 * Limits: SK_LIMIT_MILTER_PACKET a packet, the message limit given; larger messages are refused
 * with 552 5.3.4. A connection is closed when silent for SK_LIMIT_MILTER_IDLE_S.
 * Errors: a connection that breaks the protocol is closed and said to the log hook; others do
 * not notice.
 * Security: the peer is Postfix, by the permissions of the socket; its packets are read as
 * hostile all the same.
 * Standards: the Sendmail milter protocol as spoken by Postfix 3.5 and later (MILTER_README).
 */

#include <glib.h>
#include <stdbool.h>

#include "base/loop.h"
#include "mail/mail-edit.h"
#include "mail/mail-envelope.h"
#include "mail/mail-spool.h"

typedef struct SkMilterServer SkMilterServer;
typedef struct SkMilterMessage SkMilterMessage;

typedef enum {
    SK_MILTER_ACCEPT,  /* with edits, all or nothing */
    SK_MILTER_REPLY,   /* reject or defer: code and text */
    SK_MILTER_DISCARD, /* Postfix says 250 and forgets it */
} SkMilterVerdict;

typedef struct {
    SkMilterVerdict verdict;
    const char *smtp; /* REPLY: "550 5.7.1 text", ASCII, one line, at most 400 bytes */
    GPtrArray *edits; /* ACCEPT: of SkHeaderEdit, in order; NULL: none */
} SkMilterReply;

/* What a message is, until it is answered. Borrowed. */
const SkEnvelope *sk_milter_message_peek_envelope(const SkMilterMessage *message);
SkSpool *sk_milter_message_peek_spool(SkMilterMessage *message);
/* Length of the header section in the spool's bytes, its closing empty line included. */
size_t sk_milter_message_header_size(const SkMilterMessage *message);
/* The header section itself; borrowed, in memory even if the message lies in a memfd. */
SkBytes sk_milter_message_peek_header(const SkMilterMessage *message);
/* The server's data pointer of the socket it came through. */
void *sk_milter_message_peek_socket_data(const SkMilterMessage *message);

/* Answers; the message is gone afterwards. Must be called once for each message handed over and
 * not abandoned; from the loop's thread, also from within the handler. To remove several fields
 * of one name begin with the last. */
void sk_milter_message_reply(SkMilterMessage *message, const SkMilterReply *reply);

typedef struct {
    /* A complete message waits for its answer. */
    void (*message)(SkMilterMessage *message, void *data);
    /* Postfix has gone away or given up (ABORT) before the answer: the message must not be
     * touched after this call. */
    void (*abandoned)(SkMilterMessage *message, void *data);
    /* The server itself answered a message that breaks a limit with ANSWER. May be NULL. The
     * envelope may lack the sender. */
    void (*turned_away)(const SkEnvelope *envelope, const char *answer, void *data);
    /* A connection was closed by us; WHY is English, without foreign text. May be NULL. */
    void (*refused)(const char *why, void *data);
    void *data;
} SkMilterHandler;

SkMilterServer *sk_milter_server_new(SkLoop *loop,
                                     const SkMilterHandler *handler,
                                     size_t message_limit);
/* Closes every connection (Postfix tempfails what it had under way); messages that wait are
 * abandoned. */
void sk_milter_server_free(SkMilterServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkMilterServer, sk_milter_server_free)

/* Takes connections from the listening socket FD (borrowed, non-blocking; several loops may
 * share it). SOCKET_DATA is what sk_milter_message_peek_socket_data() gives for them. */
bool sk_milter_server_listen(SkMilterServer *server, int fd, void *socket_data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Takes no new connections; those that are open go on. For a graceful stop. */
void sk_milter_server_drain(SkMilterServer *server);
/* Closes connections that are silent for SECONDS instead of SK_LIMIT_MILTER_IDLE_S; one whose
 * message waits for its answer is not silent. */
void sk_milter_server_set_idle(SkMilterServer *server, unsigned seconds);
/* Open connections. */
unsigned sk_milter_server_count(const SkMilterServer *server);
