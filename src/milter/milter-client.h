/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * milter-client - speaks to a milter as Postfix does; for tests and tools
 *
 * Small and blocking. Sends what Postfix 3.7 sends, in its order: a macro packet before each
 * step, header fields with their leading blanks and folds as LF, the body in chunks of 65,535
 * bytes, the last of them with the end of the message.
 *
 * Errors: IO, TIMEOUT (60 s without an answer), PROTOCOL.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "milter/milter-server.h"

typedef struct SkMilterClient SkMilterClient;

typedef struct {
    const char *client_name;       /* NULL: "unknown" */
    const char *client_address;    /* NULL: none (family U) */
    const char *helo;              /* NULL: not said */
    const char *login;             /* NULL: not authenticated */
    const char *queue_id;          /* NULL: none */
    const char *sender;            /* "" for <> */
    const char *const *recipients; /* ends with NULL */
} SkMilterMail;

typedef struct {
    char verdict;     /* the letter of the protocol: a, c, d, y, r, t */
    char *smtp;       /* with y: the SMTP answer */
    GPtrArray *edits; /* of SkHeaderEdit, as they came */
} SkMilterOutcome;

void sk_milter_outcome_clear(SkMilterOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkMilterOutcome, sk_milter_outcome_clear)

/* Takes over FD, a connected blocking socket. */
SkMilterClient *sk_milter_client_new(int fd);
/* ENDPOINT: "unix:PATH", "inet:ADDRESS:PORT", "inet:[V6]:PORT". */
SkMilterClient *sk_milter_client_connect(const char *endpoint, GError **error);
void sk_milter_client_free(SkMilterClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkMilterClient, sk_milter_client_free)

/* Negotiates and tells of the SMTP client. Once a connection. */
bool sk_milter_client_open(SkMilterClient *client,
                           const SkMilterMail *mail,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends a message (CRLF line ends) with its envelope and reads the answer. */
bool sk_milter_client_send(SkMilterClient *client,
                           const SkMilterMail *mail,
                           SkBytes message,
                           SkMilterOutcome *ret_outcome,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The two halves of the same. */
bool sk_milter_client_submit(SkMilterClient *client,
                             const SkMilterMail *mail,
                             SkBytes message,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_milter_client_wait(SkMilterClient *client,
                           SkMilterOutcome *ret_outcome,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A packet without data: abort, quit. */
bool sk_milter_client_say(SkMilterClient *client,
                          char command,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
