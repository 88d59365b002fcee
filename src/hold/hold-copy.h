/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-copy - mail that waits: one original, and the copies that become of it
 *
 * A message is held once, whole, as it came; a copy is what some of its recipients get, with
 * the set of waits that keeps it here. What is done to a copy on its way out (marks, parts
 * taken away) stands in the decision of its recipients, in the document of the message's
 * passage.
 *
 *     waiting ──claim──▶ releasing ──▶ sent
 *        │  ◀──try again──┘    └─────▶ returned   (refused for good)
 *        ├──▶ stopped     a person, before it was claimed
 *        ├──▶ returned    to its sender, who is one of ours or proven: nobody answered, or "no"
 *        └──▶ expired     from outside, nobody answered; the recipient was told
 *
 * Limits: those of the envelope and the passage.
 * Errors: none.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "mail/mail-envelope.h"
#include "verdict/decision.h"
#include "verdict/direction.h"

typedef enum {
    SK_COPY_WAITING,
    SK_COPY_RELEASING, /* somebody has a lease: it may be with Postfix already */
    SK_COPY_SENT,
    SK_COPY_STOPPED,
    SK_COPY_RETURNED,
    SK_COPY_EXPIRED,
    SK_N_COPY_STATES
} SkCopyState;

/* Which bytes leave. */
typedef enum {
    SK_COPY_WHOLE,    /* the original */
    SK_COPY_STRIPPED, /* without the parts its decision takes away */
    SK_N_COPY_VARIANTS
} SkCopyVariant;

/* Octets of the digest by which a message that comes again is recognised. */
#define SK_HOLD_BODY_LEN 32

typedef struct {
    char *id; /* that of its passage */
    int64_t made_us;
    SkOrigin origin;
    char *owner;      /* address of the one of us who sent it; NULL: from outside */
    char *sender;     /* MAIL FROM; "" for <> */
    char *from;       /* address of the From field, or NULL */
    char *subject;    /* safe to be shown, or NULL */
    char *message_id; /* as written, or NULL */
    uint8_t body[SK_HOLD_BODY_LEN]; /* keyed digest of who says what, by which a repetition is
                                       known */
    uint64_t size;                  /* bytes of the original */
    char *blob;                     /* where the original lies; NULL: gone */
    char *document; /* its passage, by passage-json: findings, envelope, decisions */
} SkHeldMessage;

typedef struct {
    char *id; /* of the message, "-" and a number: "01kaj…-2" */
    char *message;
    SkCopyVariant variant;
    SkDirection direction;
    SkCopyState state;
    unsigned waits;         /* of SkWait: all that it has to wait for */
    unsigned open;          /* those that nobody has answered; TIME is over at due_us */
    SkReview review;        /* who may answer REVIEW */
    int64_t due_us;         /* when TIME is over; without that wait, when it was held */
    int64_t expires_us;     /* when waits that nobody answered end it; 0: never, only time */
    GPtrArray *recipients;  /* of SkRecipient, those that have not got it yet */
    unsigned tries;         /* releases that did not work so far */
    int64_t claim;          /* number of this claim */
    int64_t lease_until_us; /* without a lease: when it can be claimed, or SK_HOLD_NEVER */
    char *trouble;          /* of the last try, or NULL */
    int64_t ended_us;       /* 0: it has not */
    char *ended_by;         /* who, for people: an address, "operator", "time"; or NULL */
    char *why;              /* what that person said, or NULL */
} SkHeldCopy;

SkHeldMessage *sk_held_message_new(void);
void sk_held_message_free(SkHeldMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkHeldMessage, sk_held_message_free)

SkHeldCopy *sk_held_copy_new(void);
void sk_held_copy_free(SkHeldCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkHeldCopy, sk_held_copy_free)
/* ARGS may be NULL. */
void sk_held_copy_add_recipient(SkHeldCopy *copy, const char *address, const char *args);

/* "waiting", "releasing" … Static. */
const char *sk_copy_state_name(SkCopyState state);
bool sk_copy_state_parse(const char *name, SkCopyState *ret_state);
const char *sk_copy_variant_name(SkCopyVariant variant);
bool sk_copy_variant_parse(const char *name, SkCopyVariant *ret_variant);
/* Whether nothing more will become of it. */
bool sk_copy_state_is_end(SkCopyState state);
