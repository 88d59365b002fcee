/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-hold-forget.h"

#include "blob/blob-store.h"
#include "hold/hold-about.h"
#include "hold/hold-store.h"

/* Messages of one step: with their copies, recipients, events and files they keep the lock of
 * the database longer than rows of one table. */
#define AT_A_TIME 50

static bool
forget(SkDb *keep, int64_t before_us, unsigned max, int64_t *ret_rows, GError **error)
{
    g_autoptr(GPtrArray) blobs = NULL;

    if (!sk_hold_forget(keep, before_us, MIN(max, AT_A_TIME), &blobs, ret_rows, error))
        return false;
    for (guint i = 0; i < blobs->len; i++) {
        if (!sk_blob_store_remove(keep, blobs->pdata[i], error))
            return false;
    }
    return true;
}

static const SkRetention retention[] = {
    {"held", "held messages", .forget = forget},
    {0},
};

static bool
erase(SkDb *keep, const SkPersonRequest *request, int64_t *ret_rows, GError **error)
{
    return sk_hold_about_erase(keep, request, sk_blob_store_remove, ret_rows, error);
}

static const SkPersonTables person = {.export_to = sk_hold_about_export, .erase = erase};

const SkTables sk_engine_hold_tables = {.name = "hold",
                                        .database = SK_KEEP,
                                        .steps = sk_hold_steps,
                                        .grants = sk_hold_grants,
                                        .counts = sk_hold_counts,
                                        .retention = retention,
                                        .person = &person};
