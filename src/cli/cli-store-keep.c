/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-keep.h"

#include <inttypes.h>

#include "base/clock.h"
#include "blob/blob-store.h"
#include "job/job-store.h"
#include "seal/seal-store.h"

#define DAY_US (INT64_C(86400) * G_USEC_PER_SEC)

bool
sk_status_add_key(SkStatus *status, GError **error)
{
    g_autoptr(SkSiteKey) key = NULL;
    int64_t now_us = sk_clock_now_us(sk_clock_real());

    if (status->db[SK_KEEP] == NULL)
        return true;
    if (!sk_seal_store_load_active(status->db[SK_KEEP], &key, error))
        return false;
    if (key == NULL) {
        sk_status_line(status, "site key", "none yet; `sekisho key init` makes it");
        return true;
    }
    sk_status_line(status, "site key", "%s, %" PRId64 " days old", key->id,
                   MAX(now_us - key->made_us, 0) / DAY_US);
    json_object_set_new(
        status->json, "site_key",
        json_pack("{s:s, s:I}", "id", key->id, "made_us", (json_int_t)key->made_us));
    return true;
}

bool
sk_status_add_jobs(SkStatus *status, GError **error)
{
    SkJobCounts jobs;
    json_t *json;

    if (status->db[SK_KEEP] == NULL)
        return true;
    if (!sk_job_count(status->db[SK_KEEP], &jobs, error))
        return false;
    sk_status_line(status, "jobs",
                   "%" PRId64 " waiting, %" PRId64 " due, %" PRId64 " being done, %" PRId64
                   " given up",
                   jobs.waiting, jobs.due, jobs.leased, jobs.given_up);
    json = json_pack("{s:I, s:I, s:I, s:I}", "waiting", (json_int_t)jobs.waiting, "due",
                     (json_int_t)jobs.due, "leased", (json_int_t)jobs.leased, "given_up",
                     (json_int_t)jobs.given_up);
    if (jobs.due > 0)
        json_object_set_new(json, "oldest_due_us", json_integer(jobs.oldest_due_us));
    json_object_set_new(status->json, "jobs", json);
    if (jobs.given_up > 0)
        sk_status_need(status,
                       "%" PRId64 " jobs were given up: the log of sekisho-clerk says why",
                       jobs.given_up);
    return true;
}

bool
sk_status_add_blobs(SkStatus *status, GError **error)
{
    const char *where = sk_store_peek_blobs(status->store->store);
    g_autofree char *size = NULL;
    int64_t n, bytes;

    if (status->db[SK_KEEP] == NULL)
        return true;
    if (!sk_blob_store_count(status->db[SK_KEEP], NULL, &n, &bytes, error))
        return false;
    size = g_format_size((guint64)MAX(bytes, 0));
    sk_status_line(status, "files", "%s, %" PRId64 " files, %s", where, n, size);
    json_object_set_new(status->json, "blobs",
                        json_pack("{s:s, s:I, s:I}", "where", where, "count", (json_int_t)n,
                                  "bytes", (json_int_t)bytes));
    return true;
}
