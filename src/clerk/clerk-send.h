/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-send - takes one claimed copy to the release listener, and says what became of that
 *
 * Changes nothing in the database: clerk-plan decides what follows from it, clerk-settle writes
 * it down.
 */

#include "base/settings.h"
#include "clerk/clerk-note.h"
#include "clerk/clerk-original.h"
#include "hold/hold-ticket.h"
#include "net/net-smtp.h"

/* What one thread sends with. All borrowed. */
typedef struct {
    const SkSettings *settings;
    const uint8_t *key; /* SK_TICKET_KEY_LEN */
    SkClerkNote *notes; /* SK_N_CLERK_NEEDS of them */
    SkDb *keep;
    SkBlobPlace *blobs;
    SkKeeper *keeper;
    SkSmtp *smtp;
} SkClerkSender;

typedef enum {
    SK_SENT_ANSWERED, /* every recipient has an answer */
    SK_SENT_NOT,      /* nothing left: something is away that all copies need */
    SK_SENT_UNKNOWN,  /* the connection was lost in the middle: it may be gone */
    SK_SENT_TROUBLE,  /* with this copy, of ours */
} SkClerkSentState;

typedef struct {
    SkHeldCopy *copy;
    SkHeldMessage *message; /* NULL: could not be read */
    SkClerkSentState state;
    SkSmtpRecipient *answers; /* one for each recipient of the copy; ANSWERED only */
    char *trouble;            /* otherwise: what is wrong */
    int64_t took_us;
} SkClerkSent;

/* Takes COPY. */
SkClerkSent *sk_clerk_send(const SkClerkSender *sender, SkHeldCopy *copy);
/* A copy that was not even begun with. Takes COPY. */
SkClerkSent *sk_clerk_sent_not(SkHeldCopy *copy);
void sk_clerk_sent_free(SkClerkSent *sent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkClerkSent, sk_clerk_sent_free)
