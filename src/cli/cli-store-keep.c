/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-keep.h"

#include <inttypes.h>

#include "base/clock.h"
#include "blob/blob-store.h"
#include "cli/cli-words.h"
#include "job/job-store.h"
#include "seal/seal-store.h"

bool
sk_status_add_key(SkStatus *status, GError **error)
{
    g_autoptr(SkSiteKey) key = NULL;
    g_autofree char *age = NULL;

    if (status->db[SK_KEEP] == NULL)
        return true;
    if (!sk_seal_store_load_active(status->db[SK_KEEP], &key, error))
        return false;
    if (key == NULL) {
        sk_status_line(status, "site key", "none yet; `sekisho key init` makes it");
        return true;
    }
    age = sk_cli_age(key->made_us, sk_clock_now_us(sk_clock_real()));
    sk_status_line(status, "site key", "%s, made %s", key->id, age);
    json_object_set_new(
        status->json, "site_key",
        json_pack("{s:s, s:I}", "id", key->id, "made_us", (json_int_t)key->made_us));
    return true;
}

bool
sk_status_add_jobs(SkStatus *status, GError **error)
{
    g_autofree char *given_up = NULL;
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
    given_up = sk_cli_count(jobs.given_up, "jobs");
    if (jobs.given_up > 0)
        sk_status_need(status, "%s given up: the log of sekisho-clerk says why", given_up);
    return true;
}

bool
sk_status_add_blobs(SkStatus *status, GError **error)
{
    const char *where = sk_store_peek_blobs(status->store->store);
    g_autofree char *size = NULL, *files = NULL;
    int64_t n, bytes;

    if (status->db[SK_KEEP] == NULL)
        return true;
    if (!sk_blob_store_count(status->db[SK_KEEP], NULL, &n, &bytes, error))
        return false;
    size = g_format_size((guint64)MAX(bytes, 0));
    files = sk_cli_count(n, "stored files");
    sk_status_line(status, "files", "%s: %s, %s", where, files, size);
    json_object_set_new(status->json, "blobs",
                        json_pack("{s:s, s:I, s:I}", "where", where, "count", (json_int_t)n,
                                  "bytes", (json_int_t)bytes));
    return true;
}
