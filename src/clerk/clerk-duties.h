/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * clerk-duties - the steps of each duty, for the registry in clerk-duties.c
 */

#include "clerk/clerk-duty.h"

/* Deletes what was kept long enough, a batch of rows of one table. Of keep in a transaction
 * with the lease; of know, where doing it twice deletes nothing more. */
bool sk_clerk_retention_step(const SkClerkWorld *world,
                             SkJob *job,
                             SkDutyState *ret_state,
                             GError **error);

/* Removes blobs that no row names, some of those at the place. */
bool sk_clerk_orphans_step(const SkClerkWorld *world,
                           SkJob *job,
                           SkDutyState *ret_state,
                           GError **error);

/* Seals the keys of stored files to the active site key, a few at a time, by the keeper; then
 * removes the old site keys. A job of this kind is added when the site key is rotated. */
bool sk_clerk_reseal_step(const SkClerkWorld *world,
                          SkJob *job,
                          SkDutyState *ret_state,
                          GError **error);

/* Looks after a copy that waits for people: reminds, asks deputies, ends it when nobody has
 * answered. All of a step in one transaction with the lease. */
bool sk_clerk_tend_step(const SkClerkWorld *world,
                        SkJob *job,
                        SkDutyState *ret_state,
                        GError **error);
/* Decides whom an order concerns (engine-notice), and adds a job for each of them. */
bool sk_clerk_notice_step(const SkClerkWorld *world,
                          SkJob *job,
                          SkDutyState *ret_state,
                          GError **error);
/* Writes the notice to one of them, as things are now, and sends it. */
bool sk_clerk_tell_step(const SkClerkWorld *world,
                        SkJob *job,
                        SkDutyState *ret_state,
                        GError **error);
/* Once a day, at the time that the settings say: one notice for all the mail that waits for a
 * person who chose so. */
bool sk_clerk_digest_step(const SkClerkWorld *world,
                          SkJob *job,
                          SkDutyState *ret_state,
                          GError **error);
/* Carries out what an answer to a notice asks for: the mail is stopped, in the transaction that
 * ends the job. Only its token counts. */
bool sk_clerk_reply_step(const SkClerkWorld *world,
                         SkJob *job,
                         SkDutyState *ret_state,
                         GError **error);
