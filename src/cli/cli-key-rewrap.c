/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-rewrap.h"

#include <string.h>

#include "base/error.h"
#include "cli/cli-key-site.h"

/* The keys as they were, and how they are to be wrapped, in the same order. */
typedef struct {
    GPtrArray *keys;    /* of SkSiteKey */
    GPtrArray *wrapped; /* of GBytes */
    SkSealCost cost;
} Rewrap;

static bool
wrap_all(Rewrap *rewrap, const SkSecret *old, const SkSecret *new, GError **error)
{
    for (guint i = 0; i < rewrap->keys->len; i++) {
        g_autoptr(SkSealPair) pair = sk_cli_site_key_unwrap(rewrap->keys->pdata[i], old, error);
        GBytes *wrapped =
            pair != NULL ? sk_seal_wrap(pair, sk_secret_bytes(new), rewrap->cost, error) : NULL;

        if (wrapped == NULL)
            return false;
        g_ptr_array_add(rewrap->wrapped, wrapped);
    }
    return true;
}

static bool
is_same(const SkSiteKey *a, const SkSiteKey *b, GBytes *wrapped)
{
    return strcmp(a->id, b->id) == 0 && a->active == b->active &&
           g_bytes_equal(b->wrapped, wrapped);
}

/* After we have touched every row: a rotation that came in between is seen here, and one that
 * comes now has to wait for us and sees that its key was wrapped anew. */
static bool
check_all(SkDb *keep, const Rewrap *rewrap, GError **error)
{
    g_autoptr(GPtrArray) now = NULL;
    bool same;

    if (!sk_seal_store_list(keep, &now, error))
        return false;
    same = now->len == rewrap->keys->len;
    for (guint i = 0; same && i < now->len; i++)
        same = is_same(rewrap->keys->pdata[i], now->pdata[i], rewrap->wrapped->pdata[i]);
    if (!same)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "somebody else has changed the site keys at this moment; try again");
    return same;
}

static bool
store_all(SkDb *keep, void *data, GError **error)
{
    const Rewrap *rewrap = data;

    for (guint i = 0; i < rewrap->keys->len; i++) {
        const SkSiteKey *key = rewrap->keys->pdata[i];
        GBytes *wrapped = rewrap->wrapped->pdata[i];

        if (!sk_seal_store_rewrap(
                keep, key->id,
                sk_bytes(g_bytes_get_data(wrapped, NULL), g_bytes_get_size(wrapped)), error))
            return false;
    }
    return check_all(keep, rewrap, error);
}

bool
sk_cli_key_rewrap(SkDb *keep,
                  const SkSecret *old,
                  const SkSecret *new,
                  SkSealCost cost,
                  unsigned *ret_n,
                  GError **error)
{
    g_autoptr(GPtrArray) keys = NULL;
    g_autoptr(GPtrArray) wrapped =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    Rewrap rewrap;

    if (!sk_seal_store_list(keep, &keys, error))
        return false;
    rewrap = (Rewrap){keys, wrapped, cost};
    if (!wrap_all(&rewrap, old, new, error) || !sk_db_transact(keep, store_all, &rewrap, error))
        return false;
    *ret_n = keys->len;
    return true;
}
