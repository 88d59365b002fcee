/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-tell - one notice to one person: a job that writes it as things are now, and sends it
 *
 * An order (engine-notice) is about a mail; whom it concerns is decided once (clerk-notice),
 * and each of those people gets a job of this kind, so that trouble with one is tried again
 * for him alone. What is not true any more when its turn comes is not told.
 *
 * Tokens are stored before the notice that has them is sent. A notice is sent at least once;
 * the second one has the same Message-ID, and tokens of its own.
 *
 * Errors: those of the database, of the keeper for originals, of clerk-post but DENIED: a
 * notice that is refused, or whose reader has no address that can be written, is given up with
 * a line in the log.
 */

#include "clerk/clerk-duty.h"
#include "clerk/clerk-tools.h"
#include "notice/notice.h"

#define SK_TELL_JOB "notice.tell"

/* Not one of SkLetter: a delivery status report. */
#define SK_LETTER_REPORT SK_N_LETTERS

typedef struct {
    int letter; /* SkLetter, or SK_LETTER_REPORT */
    bool again;
    char *to;
    char *message;    /* id; NULL: a digest */
    char *copy;       /* or NULL: all of the message */
    char *who, *text; /* as in the order */
    int64_t at_us;    /* when it was ordered: its Date */
} SkTelling;

void sk_telling_clear(SkTelling *telling);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkTelling, sk_telling_clear)

/* In the caller's transaction; the same telling twice is one job. */
bool sk_clerk_tell_add(SkDb *keep,
                       const SkTelling *telling,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The step of such a job, with TOOLS. */
bool sk_clerk_tell(const SkClerkWorld *world,
                   const SkClerkTools *tools,
                   SkJob *job,
                   SkDutyState *ret_state,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
