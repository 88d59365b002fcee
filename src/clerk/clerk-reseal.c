/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/log.h"
#include "blob/blob-store.h"
#include "clerk/clerk-duties.h"
#include "process/process-keeper.h"
#include "seal/seal-store.h"

/* Keys of one step: the keeper opens and seals each, some 0.1 ms, and may take seconds for the
 * first one of a site key. */
#define BATCH 20
/* An old site key stays so long after the rotation, because programs that store files seal to
 * the active key as they last saw it: nothing could open what they seal to a key that is gone.
 * They have to look again at least as often. */
#define GRACE_US (1000000LL * SK_LIMIT_BLOB_ORPHAN_S)

/* One key, sealed anew. */
typedef struct {
    const SkBlobRow *row; /* borrowed */
    GBytes *sealed;
} Resealed;

typedef struct {
    const SkJob *job;
    const SkSiteKey *active;
    GArray *resealed; /* of Resealed */
    int64_t removed;
} Work;

static void
clear_resealed(void *data)
{
    g_bytes_unref(((Resealed *)data)->sealed);
}

static SkBytes
bytes_of(GBytes *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return sk_bytes(data, len);
}

static SkKeeper *
keeper_new(const SkSettings *settings)
{
    return sk_keeper_new(sk_settings_peek_text(settings, "keeper", "socket"),
                         sk_settings_peek_text(settings, "keeper", "grants"));
}

/* NULL: the keeper could not, or was not there. */
static GBytes *
reseal_one(SkKeeper *keeper,
           SkDb *keep,
           const SkBlobRow *row,
           const SkSealPublic *to,
           GError **error)
{
    g_autofree char *why = g_strdup_printf("rotation, stored file %s", row->id);
    g_autoptr(SkSiteKey) old = NULL;
    SkKeeperSiteKey site_key;

    if (!sk_seal_store_load(keep, row->seal_id, &old, error))
        return NULL;
    if (old == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "there is no site key %s any more",
                    row->seal_id);
        return NULL;
    }
    site_key = (SkKeeperSiteKey){.id = old->id, .wrapped = bytes_of(old->wrapped)};
    return sk_keeper_reseal(keeper, &site_key, SK_SEAL_BLOB, row->id, bytes_of(row->sealed_key),
                            to, why, error);
}

/* REFUSED by the keeper; of all in a batch: then it is not the files, but he who refuses, and
 * the rest would be asked for in vain, with a line in the log for each. */
static bool
check_any(const GPtrArray *rows, const GArray *resealed, const GError *refused, GError **error)
{
    if (resealed->len > 0 || rows->len < BATCH)
        return true;
    g_set_error(
        error, SK_ERROR, SK_ERROR_DENIED,
        "none of the next %u keys can be sealed anew, perhaps because the keeper of this "
        "host has another secret than the site: %s",
        rows->len, refused->message);
    return false;
}

/* One that cannot be opened is no reason to leave the others; its site key stays, and the end
 * of the job says so. */
static bool
reseal_all(const SkClerkWorld *world,
           const GPtrArray *rows,
           const SkSealPublic *to,
           GArray *resealed,
           GError **error)
{
    g_autoptr(SkKeeper) keeper = keeper_new(world->settings);
    g_autoptr(GError) refused = NULL;

    for (guint i = 0; i < rows->len; i++) {
        g_autoptr(GError) trouble = NULL;
        Resealed one = {.row = rows->pdata[i]};

        one.sealed = reseal_one(keeper, world->keep, one.row, to, &trouble);
        if (one.sealed != NULL) {
            g_array_append_val(resealed, one);
        } else if (g_error_matches(trouble, SK_ERROR, SK_ERROR_DENIED)) {
            sk_log(SK_LOG_WARNING, "key of a stored file not sealed anew", "blob", one.row->id,
                   "site_key", one.row->seal_id, "error", trouble->message, NULL);
            g_clear_error(&refused);
            refused = g_steal_pointer(&trouble);
        } else {
            g_propagate_error(error, g_steal_pointer(&trouble));
            return false;
        }
    }
    return check_any(rows, resealed, refused, error);
}

static bool
write_resealed(SkDb *keep, void *data, GError **error)
{
    const Work *work = data;

    if (!sk_job_hold(keep, work->job, error))
        return false;
    for (guint i = 0; i < work->resealed->len; i++) {
        const Resealed *one = &g_array_index(work->resealed, Resealed, i);

        if (!sk_blob_store_reseal(keep, one->row->id, one->row->seal_id, work->active->id,
                                  bytes_of(one->sealed), error))
            return false;
    }
    return true;
}

/* ROWS, and where the next step goes on. */
static bool
reseal_rows(const SkClerkWorld *world,
            SkJob *job,
            const SkSiteKey *active,
            const GPtrArray *rows,
            GError **error)
{
    g_autoptr(GArray) resealed = g_array_new(FALSE, TRUE, sizeof(Resealed));
    Work work = {.job = job, .active = active, .resealed = resealed};

    g_array_set_clear_func(resealed, clear_resealed);
    if (!reseal_all(world, rows, &active->public, resealed, error) ||
        !sk_db_transact(world->keep, write_resealed, &work, error))
        return false;
    sk_clerk_tally_add(world->tally, "keys sealed anew", resealed->len);
    g_free(job->payload);
    job->payload = g_strdup(((const SkBlobRow *)rows->pdata[rows->len - 1])->id);
    return true;
}

static bool
remove_unused(SkDb *keep, const SkSiteKey *key, int64_t *removed, GError **error)
{
    int64_t n = 0, bytes = 0;

    if (key->active)
        return true;
    if (!sk_blob_store_count(keep, key->id, &n, &bytes, error))
        return false;
    if (n > 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "%" G_GINT64_FORMAT " stored files are still sealed to site key %s", n,
                    key->id);
        return false;
    }
    if (!sk_seal_store_remove(keep, key->id, error))
        return false;
    (*removed)++;
    return true;
}

/* Whether KEYS say of the active one what was believed: after one more rotation the key that
 * was active until then has its grace before it, and a job of its own. */
static bool
is_active(const GPtrArray *keys, const SkSiteKey *active)
{
    for (guint i = 0; i < keys->len; i++) {
        const SkSiteKey *key = keys->pdata[i];

        if (key->active)
            return strcmp(key->id, active->id) == 0;
    }
    return false;
}

static bool
remove_old_keys(SkDb *keep, void *data, GError **error)
{
    Work *work = data;
    g_autoptr(GPtrArray) keys = NULL;

    work->removed = 0;
    if (!sk_job_hold(keep, work->job, error) || !sk_seal_store_list(keep, &keys, error))
        return false;
    for (guint i = 0; i < keys->len && is_active(keys, work->active); i++) {
        if (!remove_unused(keep, keys->pdata[i], &work->removed, error))
            return false;
    }
    return true;
}

/* All are sealed to the active key, but for what other programs have added meanwhile. */
static bool
end(const SkClerkWorld *world,
    const SkJob *job,
    const SkSiteKey *active,
    SkDutyState *ret_state,
    GError **error)
{
    Work work = {.job = job, .active = active};
    int64_t now = 0;

    if (!sk_db_now_us(world->keep, &now, error))
        return false;
    if (now < active->made_us + GRACE_US) {
        *ret_state = SK_DUTY_GONE;
        return sk_job_repeat(world->keep, job, NULL, active->made_us + GRACE_US, error);
    }
    if (!sk_db_transact(world->keep, remove_old_keys, &work, error))
        return false;
    sk_clerk_tally_add(world->tally, "site keys removed", work.removed);
    *ret_state = SK_DUTY_DONE;
    return true;
}

bool
sk_clerk_reseal_step(const SkClerkWorld *world,
                     SkJob *job,
                     SkDutyState *ret_state,
                     GError **error)
{
    const char *after = job->payload != NULL ? job->payload : "";
    g_autoptr(SkSiteKey) active = NULL;
    g_autoptr(GPtrArray) rows = NULL;

    if (!sk_seal_store_load_active(world->keep, &active, error))
        return false;
    if (active == NULL) {
        *ret_state = SK_DUTY_DONE;
        return true;
    }
    if (!sk_blob_store_list_other(world->keep, active->id, after, BATCH, &rows, error))
        return false;
    if (rows->len == 0)
        return end(world, job, active, ret_state, error);
    *ret_state = SK_DUTY_MORE;
    return reseal_rows(world, job, active, rows, error);
}
