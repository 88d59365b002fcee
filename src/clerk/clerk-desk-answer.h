/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-desk-answer - carries out one question about held mail, and answers it
 *
 * Who asks with a token may look, stop, ask for release or give a password, as the token is
 * for; who asks on the operator's socket may do everything, in his own name or another's. Each
 * act is one transaction, with its event and the notices it makes necessary.
 *
 * Errors: none: trouble of ours is the answer FAILED, and one line in the log.
 * Security: a token that is none, another purpose's or old is answered by UNKNOWN only. Looking
 * changes nothing. Passwords and tokens are neither stored nor logged.
 */

#include "base/settings.h"
#include "engine/engine-site.h"
#include "hold/hold-desk.h"
#include "hold/hold-groups.h"
#include "process/process-edit.h"
#include "store/store-open.h"

typedef struct SkDeskWorld SkDeskWorld;

/* How originals are got at and passwords tried; tests have hands of their own. WHY is for the
 * keeper's log. */
typedef struct {
    /* All of it in a sealed memfd, the caller's; -1: an error. */
    int (*copy)(const SkDeskWorld *world,
                const SkHeldMessage *message,
                const char *why,
                GError **error);
    /* N bytes from AT on; fewer at the end. */
    bool (*read)(const SkDeskWorld *world,
                 const SkHeldMessage *message,
                 const char *why,
                 uint64_t at,
                 void *data,
                 size_t n,
                 size_t *ret_n,
                 GError **error);
    /* As sk_process_try_password(). */
    bool (*try_password)(const char *socket,
                         int fd,
                         const char *password,
                         SkEditOutcome *ret_outcome,
                         SkFindings **ret_findings,
                         GError **error);
} SkDeskHands;
extern const SkDeskHands sk_clerk_desk_hands;

/* What an answer is made from; all borrowed, KEEP for this one only. */
struct SkDeskWorld {
    SkDb *keep;
    const SkStore *store;
    const SkSettings *settings;
    const SkSite *site;
    const SkHoldGroups *groups;
    /* Held while tries are counted, so that two at a time are two. With several clerks each of
     * them may allow one too many. */
    GMutex *counting;
    const SkDeskHands *hands;
};

/* OPERATOR: it came on his socket. Caller owns. */
SkDeskAnswer *sk_clerk_desk_answer(const SkDeskWorld *world,
                                   const SkDeskQuestion *question,
                                   bool operator_asks);
