/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * passage - the record of one decided message
 *
 * Everything a policy can ask is in it, per recipient, so that the passage can be judged again
 * under another policy; and what was decided, so that the id in an SMTP answer can be
 * explained. Kept as one row: columns for what is searched by, one JSON document for the rest
 * (the form is in doc/schemata.md).
 *
 * Limits: none of its own; what goes in was limited before.
 * Errors: those of port/db.h.
 * Security: holds addresses and subjects, never bodies.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "mail/mail-envelope.h"
#include "port/db.h"
#include "verdict/decision.h"
#include "verdict/direction.h"
#include "verdict/finding.h"

/* One recipient: the inputs of his conditions, and what came of them. */
typedef struct {
    char *address;
    SkDirection direction;
    bool to_internal;
    SkDecision *decision;
    SkDecision *observed; /* what the observed rules would have done */
} SkPassageRecipient;

typedef struct {
    char *id;
    int64_t received_us;
    SkOrigin origin;
    SkEnvelope *envelope;
    char *from; /* address of the From field, or NULL */
    bool from_internal;
    char *subject;    /* decoded, cut; or NULL */
    char *message_id; /* as written; or NULL */
    uint64_t size;
    unsigned external_domains;
    SkFindings *findings;
    GPtrArray *recipients; /* of SkPassageRecipient */
    SkFate fate;           /* what was answered for all */
    char *smtp;            /* the reply, "550 5.7.1 …"; NULL: accepted */
    int64_t took_us;       /* from end of message to the answer */
} SkPassage;

SkPassage *sk_passage_new(void);
void sk_passage_free(SkPassage *passage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPassage, sk_passage_free)
SkPassageRecipient *sk_passage_recipient_new(const char *address);
void sk_passage_recipient_free(SkPassageRecipient *recipient);
