/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-verify.h"
#include "clerk/clerk-duties.h"

/* Blobs of one step: their rows are looked for one by one. */
#define BATCH 500

/* Where the next step goes on stands in the payload. */
bool
sk_clerk_orphans_step(const SkClerkWorld *world,
                      SkJob *job,
                      SkDutyState *ret_state,
                      GError **error)
{
    char cursor[SK_BLOB_ID_LEN + 1] = "";
    unsigned removed = 0;
    int64_t now = 0;

    if (job->payload != NULL)
        g_strlcpy(cursor, job->payload, sizeof cursor);
    if (!sk_db_now_us(world->keep, &now, error) ||
        !sk_blob_remove_orphans(world->keep, world->blobs, now, BATCH, cursor, &removed, error))
        return false;
    sk_clerk_tally_add(world->tally, "orphaned blobs", removed);
    g_free(job->payload);
    job->payload = g_strdup(cursor);
    *ret_state = *cursor == '\0' ? SK_DUTY_DONE : SK_DUTY_MORE;
    return true;
}
