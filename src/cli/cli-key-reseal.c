/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-reseal.h"

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
        ok = sk_cli_key_reseal_left(keep, id, &left, error);
        /* Files come and go meanwhile. */
        sk_progress_set(progress, (uint64_t)MAX(total - left, 0));
    }
    sk_progress_free(progress);
    return ok;
}
