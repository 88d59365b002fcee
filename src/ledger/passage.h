/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * passage - the record of one decided message
 *
 * Everything a policy can ask is in it, per recipient, so that the passage can be judged again
 * under another policy; and what was decided, so that the id in an SMTP answer can be
 * explained. passage-json makes one document of it, passage-store keeps that.
 *
 * Limits: none of its own; what goes in was limited before.
 * Errors: none.
 * Security: holds addresses and subjects, never bodies.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "mail/mail-envelope.h"
#include "verdict/decision.h"
#include "verdict/direction.h"
#include "verdict/finding.h"
#include "verdict/tri.h"

/* Addresses of To and Cc that are looked at: more than people read. */
#define SK_PASSAGE_VISIBLE 1000

/* One recipient: the inputs of his conditions, and what came of them. */
typedef struct {
    char *address;
    SkDirection direction;
    bool to_internal;
    bool visible;     /* he stands in To or Cc: the other recipients know of him */
    char *to_partner; /* name of the agreement, or NULL */
    SkDecision *decision;
    SkDecision *observed; /* what the observed rules would have done */
} SkPassageRecipient;

typedef struct {
    char *id;
    int64_t received_us;
    SkOrigin origin;
    SkEnvelope *envelope; /* never NULL when it is recorded */
    char *from;           /* address of the From field, or NULL */
    bool from_internal;
    SkTri verified_internal; /* the login may use this From */
    SkTri verified_domain;   /* aligned DMARC pass */
    SkTri verified_address;  /* a signature bound to the From address */
    char *from_partner;      /* name of the agreement, or NULL */
    SkTri verified_partner;
    char *subject;    /* decoded, cut; or NULL */
    char *message_id; /* as written; or NULL */
    uint64_t size;
    unsigned external_domains;
    GHashTable *visible; /* set of the addresses in To and Cc, as sk_passage_see() has them */
    SkFindings *findings;
    GPtrArray *recipients; /* of SkPassageRecipient */
    SkFate fate;           /* what was answered for all */
    char *smtp;            /* the reply, "550 5.7.1 …"; NULL: accepted */
    char *held;            /* id of the held message in which its recipients wait: its own, or
                              of one that it repeats; NULL: it was not held */
    unsigned copies;       /* held ones that became of it; 0 of a repeated one */
    char *released;        /* id of the held copy, or of the notice, that it is; or NULL */
    int64_t took_us;       /* from end of message to the answer */
} SkPassage;

/* Nothing verified (SK_TRI_UNKNOWN), no envelope; the rest zero and empty. */
SkPassage *sk_passage_new(void);
void sk_passage_free(SkPassage *passage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkPassage, sk_passage_free)
/* ADDRESS stands in To or Cc; beyond SK_PASSAGE_VISIBLE of them it is as if it did not. */
void sk_passage_see(SkPassage *passage, const char *address);
bool sk_passage_sees(const SkPassage *passage, const char *address);
/* ADDRESS is copied; the decision is to be set. */
SkPassageRecipient *sk_passage_recipient_new(const char *address);
void sk_passage_recipient_free(SkPassageRecipient *recipient);
