/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-envelope - what the SMTP dialogue said about a message
 *
 * Addresses are kept as the client sent them, without angle brackets, with their ESMTP
 * arguments beside them; the empty sender is "". They are foreign text and may be anything.
 *
 * Limits: SK_LIMIT_RECIPIENTS recipients, SK_LIMIT_ADDRESS bytes an address; beyond them the
 * add functions say false and the caller refuses the message.
 * Standards: RFC 5321 4.1.1.2, 4.1.1.3; RFC 6531.
 */

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *address;
    char *args; /* "NOTIFY=NEVER ORCPT=…" or NULL */
} SkRecipient;

typedef struct {
    char *client_address;  /* "192.0.2.1", "2001:db8::1"; NULL: unknown or local */
    char *client_name;     /* as Postfix resolved it; NULL: unknown */
    char *helo;            /* NULL: none */
    char *login;           /* {auth_authen}; NULL: not authenticated */
    char *queue_id;        /* {i}; NULL until Postfix knows it */
    char *sender;          /* MAIL FROM; "" for <>; NULL: not yet said */
    char *sender_args;     /* "SIZE=100 BODY=8BITMIME", or NULL */
    GPtrArray *recipients; /* of SkRecipient */
} SkEnvelope;

SkEnvelope *sk_envelope_new(void);
SkEnvelope *sk_envelope_dup(const SkEnvelope *envelope);
/* A copy of the connection's part: client, helo, login; for the next message on it. */
SkEnvelope *sk_envelope_dup_connection(const SkEnvelope *envelope);
void sk_envelope_free(SkEnvelope *envelope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkEnvelope, sk_envelope_free)

/* ARGS may be NULL. */
bool sk_envelope_set_sender(SkEnvelope *envelope,
                            const char *address,
                            const char *args) G_GNUC_WARN_UNUSED_RESULT;
bool sk_envelope_add_recipient(SkEnvelope *envelope,
                               const char *address,
                               const char *args) G_GNUC_WARN_UNUSED_RESULT;

/* How many recipients there are; and one of them, borrowed. */
guint sk_envelope_count(const SkEnvelope *envelope);
const SkRecipient *sk_envelope_peek(const SkEnvelope *envelope, guint i);
