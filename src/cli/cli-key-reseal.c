/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-reseal.h"

#include <inttypes.h>

#include "base/error.h"
#include "blob/blob-store.h"
#include "cli/cli-progress.h"
#include "job/job-store.h"

#define KIND    "key.reseal"
#define LOOK_US (G_USEC_PER_SEC / 4)

/* A job for each rotation: that of the one before may still be there, half done. */
bool
sk_cli_key_reseal_add(SkDb *keep, const char *id, GError **error)
{
    g_autofree char *job = g_strdup_printf("%s %s", KIND, id);
    int64_t now_us;

    return sk_db_now_us(keep, &now_us, error) &&
           sk_job_add(keep, job, KIND, NULL, now_us, error);
}

bool
sk_cli_key_reseal_count(SkDb *keep, const char *id, int64_t *ret_n, GError **error)
{
    int64_t bytes;

    return sk_blob_store_count(keep, id, ret_n, &bytes, error);
}

bool
sk_cli_key_reseal_left(SkDb *keep, const char *id, int64_t *ret_n, GError **error)
{
    int64_t all, done;

    if (!sk_cli_key_reseal_count(keep, NULL, &all, error) ||
        !sk_cli_key_reseal_count(keep, id, &done, error))
        return false;
    *ret_n = MAX(all - done, 0);
    return true;
}

/* Whether anybody will still do it: not when all jobs of the kind were given up. */
static bool
check_awaited(SkDb *keep, int64_t left, GError **error)
{
    int64_t due_us;

    if (!sk_job_next_due(keep, KIND, &due_us, error))
        return false;
    if (left == 0 || due_us < INT64_MAX)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "the clerk has given up, and the keys of %" PRId64 " stored files are still "
                "sealed to older site keys, which stay: the log of sekisho-clerk says why; "
                "another rotation has it try again",
                left);
    return false;
}

bool
sk_cli_key_reseal_wait(SkDb *keep, const char *id, GError **error)
{
    SkProgress *progress = NULL;
    int64_t total, left;
    bool ok = sk_cli_key_reseal_left(keep, id, &total, error);

    left = ok ? total : 0;
    progress = sk_progress_new("keys", (uint64_t)left);
    while (ok && left > 0) {
        g_usleep(LOOK_US);
        ok = sk_cli_key_reseal_left(keep, id, &left, error) && check_awaited(keep, left, error);
        /* Files come and go meanwhile. */
        sk_progress_set(progress, (uint64_t)MAX(total - left, 0));
    }
    sk_progress_free(progress);
    return ok;
}
