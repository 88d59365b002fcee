/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * hold-store - held messages and their copies (database keep)
 *
 * Stop and release meet in one compare-and-set on the copy's row: who comes first wins, and the
 * other is told. A copy is claimed for release with a lease and a claim number, as jobs are;
 * when a lease ends by itself, the copy may be claimed again and is sent again, with the same
 * Message-ID, since SMTP is at least once; it cannot be stopped any more, for it may be gone,
 * and whatever later tries come to does not change that. Between tries after a 4xx it waits
 * again, and can, unless the end of an earlier one is unknown.
 *
 * What is held for people (anything open but TIME) is not due until they have answered.
 *
 * Limits: SK_HOLD_PREFIX_MIN letters make an id in commands.
 * Errors: those of port/db.h. CONFLICT from those that take a claimed copy: the lease is lost,
 * somebody else has claimed it since; nothing may be written. A lease whose time is over is not
 * lost before that, except to the gate (sk_hold_check): what has been done may still be said.
 *
 * Each change of a copy writes its event. Addresses, ESMTP arguments and ids of messages come
 * back byte for byte, whatever they are.
 */

#include "hold/hold-copy.h"
#include "port/tables.h"

#define SK_HOLD_PREFIX_MIN 6
/* claim_us of what is not due before somebody has answered. */
#define SK_HOLD_NEVER INT64_MAX

/* Of the folder alone, without retention and requests of a person: what is forgotten takes its
 * stored file along, so engine-hold-forget makes of these what programs know. */
extern const SkTables sk_hold_tables;
extern const SkMigration sk_hold_steps[];
extern const char *const sk_hold_grants[];
extern const SkCount sk_hold_counts[];

/* ---- holding ---- */

/* In the caller's transaction, together with the row of the blob. COPIES: of SkHeldCopy, with
 * ids of the message's. Due times are taken from the copies; a copy without open waits but TIME
 * becomes due at due_us. Writes the event "held". */
bool sk_hold_add(SkDb *keep,
                 const SkHeldMessage *message,
                 const GPtrArray *copies,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Copies still waiting of messages with the same SENDER, MESSAGE_ID and BODY: somebody's
 * program sends again what it thinks was not taken. None without a MESSAGE_ID (NULL).
 * RET_COPIES (of SkHeldCopy) is the caller's. */
bool sk_hold_find_same(SkDb *keep,
                       const char *sender,
                       const char *message_id,
                       const uint8_t body[SK_HOLD_BODY_LEN],
                       GPtrArray **ret_copies,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- reading; what is returned is the caller's ---- */

/* NULL: there is none. */
bool sk_hold_load_message(SkDb *keep,
                          const char *id,
                          SkHeldMessage **ret_message,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool sk_hold_load_copy(SkDb *keep, const char *id, SkHeldCopy **ret_copy, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* All copies of a message, in order. */
bool sk_hold_load_copies(SkDb *keep,
                         const char *message,
                         GPtrArray **ret_copies,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The id of the one message that TYPED, SK_HOLD_PREFIX_MIN or more letters, begins, or, with a
 * hyphen and a number behind them, of its copy; NULL: none; CONFLICT: several; USAGE: too
 * short. A message's stands for all its copies. */
bool sk_hold_resolve(SkDb *keep, const char *typed, char **ret_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Which copies are wanted; zero and NULL: all that have not ended. */
typedef struct {
    bool ended;            /* those that have ended as well */
    unsigned open;         /* of SkWait: one of these is open */
    const char *owner;     /* sent by this address of ours */
    const char *recipient; /* for this address */
    const char *after;     /* ids after this one, for pages; NULL: from the first */
    unsigned limit;        /* 0: 1000 */
} SkHoldFilter;

/* One line of a list; borrowed, foreign texts are safe to be shown. */
typedef struct {
    const SkHeldCopy *copy;
    int64_t made_us;
    const char *owner, *sender, *from, *subject;
    uint64_t size;
} SkHoldLine;
/* False: enough. */
typedef bool (*SkHoldFunc)(const SkHoldLine *line, void *data);
/* In the order of ids, that is, of age. FUNC must not use KEEP. */
bool sk_hold_list(SkDb *keep,
                  const SkHoldFilter *filter,
                  SkHoldFunc func,
                  void *data,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    int64_t waiting, due, releasing; /* due: of the waiting ones */
    int64_t oldest_us;               /* made_us of the oldest not ended; 0: none */
    int64_t next_due_us;             /* SK_HOLD_NEVER: none */
    int64_t overdue_us;              /* due_us of the longest due; 0: none is due */
} SkHoldCounts;
bool sk_hold_count(SkDb *keep,
                   SkHoldCounts *ret_counts,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- release: by the clerk ---- */

/* Claims at most N due copies, the longest due first, in a transaction of its own. */
bool sk_hold_claim(SkDb *keep,
                   const char *holder,
                   int64_t lease_us,
                   unsigned n,
                   GPtrArray **ret_copies,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* When the next copy can be claimed; SK_HOLD_NEVER: none. */
bool sk_hold_next_due(SkDb *keep,
                      int64_t *ret_due_us,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The lease ends LEASE_US from now. */
bool sk_hold_renew(SkDb *keep, SkHeldCopy *copy, int64_t lease_us, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The copy if claim number CLAIM still holds it, else NULL: for the gate, which is shown both
 * by whoever wants to release something. */
bool sk_hold_check(SkDb *keep,
                   const char *id,
                   int64_t claim,
                   SkHeldCopy **ret_copy,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A claimed copy ends: SENT, RETURNED or EXPIRED. */
bool sk_hold_finish(SkDb *keep,
                    const SkHeldCopy *copy,
                    SkCopyState end,
                    const char *by,
                    const char *why,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* It waits again until RETRY_US, for LEFT (of SkRecipient; NULL: as before), because of
 * TROUBLE. */
bool sk_hold_retry(SkDb *keep,
                   const SkHeldCopy *copy,
                   const GPtrArray *left,
                   int64_t retry_us,
                   const char *trouble,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Nobody knows whether it left: it is tried again at RETRY_US, and cannot be stopped. */
bool sk_hold_doubt(SkDb *keep,
                   const SkHeldCopy *copy,
                   int64_t retry_us,
                   const char *trouble,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* It is due again as it was, because it was not even tried: no try is counted. */
bool sk_hold_give_back(SkDb *keep,
                       const SkHeldCopy *copy,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A claimed copy is held again for WAITS, until EXPIRES_US: something new was found in it, or
 * only LEFT (of SkRecipient; NULL: as before) have not got it, and nobody can be told so. TIME
 * among WAITS is over now. */
bool sk_hold_again(SkDb *keep,
                   const SkHeldCopy *copy,
                   const GPtrArray *left,
                   unsigned waits,
                   SkReview review,
                   int64_t expires_us,
                   const char *why,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what people do; each one compare-and-set, in the caller's transaction or its own ---- */

typedef enum {
    SK_HOLD_DONE,
    SK_HOLD_TOO_LATE, /* it is being sent, or was */
    SK_HOLD_ENDED,    /* it was stopped, returned or has expired before */
    SK_HOLD_NOTHING,  /* that wait is not open, or no such copy */
    SK_N_HOLD_OUTCOMES
} SkHoldOutcome;
/* "done", "too-late" … Static. */
const char *sk_hold_outcome_name(SkHoldOutcome outcome);

/* BY: who, for people; WHY may be NULL. */
bool sk_hold_stop(SkDb *keep,
                  const char *id,
                  const char *by,
                  const char *why,
                  SkHoldOutcome *ret_outcome,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, but it goes back to its sender: RETURNED; or it is EXPIRED. */
bool sk_hold_end(SkDb *keep,
                 const char *id,
                 SkCopyState end,
                 const char *by,
                 const char *why,
                 SkHoldOutcome *ret_outcome,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* ANSWERED (of SkWait) are not open any more; when that was the last but TIME, it is due at
 * due_us; with TIME among ANSWERED, now. The event's text has the names of ANSWERED before WHY.
 * NOTHING: none of them was open. */
bool sk_hold_answer(SkDb *keep,
                    const char *id,
                    unsigned answered,
                    const char *by,
                    const char *why,
                    SkHoldOutcome *ret_outcome,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* More was found in a waiting copy than was known: an administrator has to review it, whatever
 * else it waits for, and no password is asked for any more. */
bool sk_hold_refer(SkDb *keep,
                   const char *id,
                   const char *why,
                   SkHoldOutcome *ret_outcome,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- what happened, for people ---- */

typedef struct {
    int64_t at_us;    /* to be added: 0 is now */
    const char *copy; /* or NULL: the whole message */
    const char *what; /* "held", "told", "stopped", "answered", "tried", "sent" … */
    const char *who;  /* or NULL */
    const char *text; /* or NULL */
} SkHoldEvent;
bool sk_hold_event_add(SkDb *keep,
                       const char *message,
                       const SkHoldEvent *event,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef bool (*SkHoldEventFunc)(const SkHoldEvent *event, void *data);
bool sk_hold_event_list(SkDb *keep,
                        const char *message,
                        SkHoldEventFunc func,
                        void *data,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* ---- its content ---- */

/* The blob of a message none of whose copies needs it any more (all were sent) is no longer
 * named; RET_BLOB (or NULL) is the caller's, to be removed in the same transaction. */
bool sk_hold_drop_content(SkDb *keep, const char *message, char **ret_blob, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* At most MAX messages all of whose copies ended before BEFORE_US are forgotten, with events
 * and tokens; RET_BLOBS (of char *) is the caller's, to be removed in the same transaction. */
bool sk_hold_forget(SkDb *keep,
                    int64_t before_us,
                    unsigned max,
                    GPtrArray **ret_blobs,
                    int64_t *ret_rows,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
