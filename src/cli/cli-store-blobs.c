/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-store-blobs.h"

#include "base/clock.h"
#include "blob/blob-verify.h"

/* Rows first, then what lies at the place: as many again, as far as anybody knows. */
typedef struct {
    SkVerify *verify;
    int64_t rows;
} Blobs;

static void
on_blob(SkBlobState state, const char *name, void *data)
{
    const Blobs *blobs = data;

    sk_verify_trouble(blobs->verify, name, sk_blob_state_name(state));
}

static bool
on_blobs(const SkBlobTally *tally, void *data)
{
    const Blobs *blobs = data;

    sk_verify_progress(blobs->verify, "files", tally->rows + tally->blobs,
                       2 * (uint64_t)blobs->rows);
    return true;
}

static bool
verify_place(Blobs *blobs, SkDb *keep, GError **error)
{
    g_autoptr(SkBlobPlace) place = sk_store_open_blobs(blobs->verify->store->store, error);
    const SkBlobWatcher watcher = {on_blob, on_blobs, blobs};
    int64_t now_us = sk_clock_now_us(sk_clock_real());
    SkBlobTally tally;

    if (place == NULL || !sk_blob_verify(keep, place, now_us, &watcher, &tally, error))
        return false;
    sk_verify_checked(blobs->verify, "blobs", (int64_t)tally.rows);
    return true;
}

bool
sk_verify_blobs(SkVerify *verify, GError **error)
{
    const char *where = sk_store_peek_blobs(verify->store->store);
    SkDb *keep = verify->db[SK_KEEP];
    Blobs blobs = {.verify = verify};
    int64_t bytes;

    if (keep == NULL)
        return true;
    if (!sk_blob_store_count(keep, NULL, &blobs.rows, &bytes, error))
        return false;
    verify->where = "blobs";
    if (g_file_test(where, G_FILE_TEST_IS_DIR))
        return verify_place(&blobs, keep, error);
    if (blobs.rows > 0)
        sk_verify_trouble(verify, where,
                          "the folder is not there: find it, or correct [store] blobs");
    sk_verify_checked(verify, "blobs", 0);
    return true;
}
