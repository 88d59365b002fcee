/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-verify.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/error.h"
#include "base/limit.h"

/* Rows, or names, of one page. */
#define PAGE 256
/* Bytes read at once. */
#define READ_SIZE (1 * SK_MIB)

typedef struct {
    SkDb *keep;
    SkBlobPlace *place;
    const SkBlobWatcher *watcher;
    SkBlobTally tally;
    bool stopped;
} Walk;

const char *
sk_blob_state_name(SkBlobState state)
{
    static const char *const names[] = {
        [SK_BLOB_FINE] = "fine",         [SK_BLOB_MISSING] = "missing",
        [SK_BLOB_CUT] = "cut",           [SK_BLOB_TOO_LONG] = "too long",
        [SK_BLOB_DAMAGED] = "damaged",   [SK_BLOB_UNREADABLE] = "unreadable",
        [SK_BLOB_ORPHAN] = "not needed", [SK_BLOB_FOREIGN] = "not ours",
    };

    g_assert(state < G_N_ELEMENTS(names));
    return names[state];
}

static SkBlobState
judge(const SkBlobRow *row, uint64_t len, const uint8_t digest[SK_BLOB_DIGEST_LEN])
{
    if (len < row->stored_size)
        return SK_BLOB_CUT;
    if (len > row->stored_size)
        return SK_BLOB_TOO_LONG;
    return memcmp(digest, row->digest, SK_BLOB_DIGEST_LEN) == 0 ? SK_BLOB_FINE
                                                                : SK_BLOB_DAMAGED;
}

static SkBlobState
judge_data(const SkBlobRow *row)
{
    gsize len;
    const void *data = g_bytes_get_data(row->data, &len);
    uint8_t digest[SK_BLOB_DIGEST_LEN] = {0};
    int rc = EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);

    g_assert(rc == 1);
    return judge(row, len, digest);
}

/* All of SOURCE, or one byte more than there should be. */
static bool
digest_source(SkBlobSource *source,
              uint64_t limit,
              EVP_MD_CTX *md,
              uint64_t *ret_len,
              GError **error)
{
    g_autofree uint8_t *buffer = g_malloc(READ_SIZE);
    uint64_t len = 0;
    size_t got = 1;

    while (got > 0 && len <= limit) {
        size_t n = (size_t)MIN(READ_SIZE, limit + 1 - len);

        if (!sk_blob_source_read(source, len, buffer, n, &got, error))
            return false;
        EVP_DigestUpdate(md, buffer, got);
        len += got;
    }
    *ret_len = len;
    return true;
}

static bool
judge_source(SkBlobSource *source, const SkBlobRow *row, SkBlobState *ret_state, GError **error)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    uint8_t digest[SK_BLOB_DIGEST_LEN] = {0};
    uint64_t len = 0;
    bool ok;

    EVP_DigestInit_ex(md, EVP_sha256(), NULL);
    ok = digest_source(source, row->stored_size, md, &len, error);
    EVP_DigestFinal_ex(md, digest, NULL);
    EVP_MD_CTX_free(md);
    if (ok)
        *ret_state = judge(row, len, digest);
    return ok;
}

static bool
judge_place(SkBlobPlace *place, const SkBlobRow *row, SkBlobState *ret_state, GError **error)
{
    g_autoptr(SkBlobSource) source = sk_blob_place_open(place, row->id, error);

    return source != NULL && judge_source(source, row, ret_state, error);
}

bool
sk_blob_verify_row(SkBlobPlace *place,
                   const SkBlobRow *row,
                   SkBlobState *ret_state,
                   GError **error)
{
    g_autoptr(GError) trouble = NULL;

    g_assert(!row->in_row || row->data != NULL);
    if (row->data != NULL)
        *ret_state = judge_data(row);
    else if (judge_place(place, row, ret_state, &trouble))
        return true;
    else if (g_error_matches(trouble, SK_ERROR, SK_ERROR_NOT_FOUND))
        *ret_state = SK_BLOB_MISSING;
    else if (g_error_matches(trouble, SK_ERROR, SK_ERROR_IO) ||
             g_error_matches(trouble, SK_ERROR, SK_ERROR_DENIED))
        *ret_state = SK_BLOB_UNREADABLE; /* the others are worth looking at nevertheless */
    else {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    return true;
}

static void
tell(Walk *w, SkBlobState state, const char *name)
{
    w->tally.trouble++;
    w->watcher->trouble(state, name, w->watcher->data);
}

static void
tell_foreign(const char *name, void *data)
{
    tell(data, SK_BLOB_FOREIGN, name);
}

static void
tell_progress(Walk *w)
{
    if (w->watcher->progress != NULL)
        w->stopped = !w->watcher->progress(&w->tally, w->watcher->data);
}

/* The whole row as it is now; none: it was removed meanwhile. */
static bool
check_again(Walk *w, const char *id, SkBlobState *ret_state, GError **error)
{
    g_autoptr(SkBlobRow) row = NULL;

    *ret_state = SK_BLOB_FINE;
    if (!sk_blob_store_load(w->keep, id, &row, error))
        return false;
    return row == NULL || sk_blob_verify_row(w->place, row, ret_state, error);
}

static bool
check_row(Walk *w, const SkBlobRow *row, GError **error)
{
    SkBlobState state = SK_BLOB_FINE;
    bool ok = row->in_row || sk_blob_verify_row(w->place, row, &state, error);

    /* A list of rows has not their data. */
    if (ok && (row->in_row || state != SK_BLOB_FINE))
        ok = check_again(w, row->id, &state, error);
    if (!ok)
        return false;
    w->tally.rows++;
    w->tally.bytes += row->stored_size;
    if (state != SK_BLOB_FINE)
        tell(w, state, row->id);
    tell_progress(w);
    return true;
}

static bool
check_rows(Walk *w, GError **error)
{
    char after[SK_BLOB_ID_LEN + 1] = "";
    guint n = PAGE;

    while (n == PAGE && !w->stopped) {
        g_autoptr(GPtrArray) rows = NULL;

        if (!sk_blob_store_list(w->keep, after, PAGE, &rows, error))
            return false;
        n = rows->len;
        for (guint i = 0; i < n && !w->stopped; i++) {
            const SkBlobRow *row = rows->pdata[i];

            if (!check_row(w, row, error))
                return false;
            g_strlcpy(after, row->id, sizeof after);
        }
    }
    return true;
}

/* Ids of blobs at the place that were made in a span of time. */
typedef struct {
    GPtrArray *ids;
    unsigned max;
    int64_t since_us;
} Page;

static bool
collect(const char *id, uint64_t size, int64_t made_us, void *data)
{
    Page *page = data;

    (void)size;
    if (made_us >= page->since_us)
        g_ptr_array_add(page->ids, g_strdup(id));
    return page->ids->len < page->max;
}

/* Up to N ids after AFTER of blobs that nobody is still about to add a row for. */
static GPtrArray *
list_old(SkBlobPlace *place,
         const char *after,
         int64_t since_us,
         int64_t now_us,
         unsigned n,
         GError **error)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
    Page page = {ids, n, since_us};
    int64_t before_us = now_us - SK_LIMIT_BLOB_ORPHAN_S * INT64_C(1000000);

    if (!sk_blob_place_list(place, after, before_us, collect, &page, error))
        return NULL;
    return g_steal_pointer(&ids);
}

static bool
check_blob(Walk *w, const char *id, GError **error)
{
    bool named;

    if (!sk_blob_store_names(w->keep, id, &named, error))
        return false;
    w->tally.blobs++;
    if (!named)
        tell(w, SK_BLOB_ORPHAN, id);
    return true;
}

static bool
check_blobs(Walk *w, int64_t now_us, GError **error)
{
    char after[SK_BLOB_ID_LEN + 1] = "";
    guint n = PAGE;

    while (n == PAGE && !w->stopped) {
        g_autoptr(GPtrArray) ids = list_old(w->place, after, INT64_MIN, now_us, PAGE, error);

        if (ids == NULL)
            return false;
        n = ids->len;
        for (guint i = 0; i < n; i++) {
            if (!check_blob(w, ids->pdata[i], error))
                return false;
            g_strlcpy(after, ids->pdata[i], sizeof after);
        }
        tell_progress(w);
    }
    return true;
}

bool
sk_blob_verify(SkDb *keep,
               SkBlobPlace *place,
               int64_t now_us,
               const SkBlobWatcher *watcher,
               SkBlobTally *ret_tally,
               GError **error)
{
    Walk w = {.keep = keep, .place = place, .watcher = watcher};
    bool ok;

    sk_blob_place_watch_foreign(place, tell_foreign, &w);
    ok = check_rows(&w, error) && (w.stopped || check_blobs(&w, now_us, error));
    sk_blob_place_watch_foreign(place, NULL, NULL);
    if (ok)
        *ret_tally = w.tally;
    return ok;
}

/* Its row is asked for right before it goes. */
static bool
remove_if_orphan(SkDb *keep,
                 SkBlobPlace *place,
                 const char *id,
                 unsigned *removed,
                 GError **error)
{
    bool named;

    if (!sk_blob_store_names(keep, id, &named, error))
        return false;
    if (named)
        return true;
    if (!sk_blob_place_remove(place, id, error))
        return false;
    (*removed)++;
    return true;
}

bool
sk_blob_remove_orphans(SkDb *keep,
                       SkBlobPlace *place,
                       int64_t now_us,
                       unsigned n,
                       char cursor[SK_BLOB_ID_LEN + 1],
                       unsigned *ret_removed,
                       GError **error)
{
    g_autoptr(GPtrArray) ids = NULL;
    unsigned removed = 0;
    int64_t since_us;

    g_assert(n > 0);
    if (!sk_blob_store_since(keep, now_us, &since_us, error))
        return false;
    ids = list_old(place, cursor, since_us, now_us, n, error);
    if (ids == NULL)
        return false;
    for (guint i = 0; i < ids->len; i++) {
        if (!remove_if_orphan(keep, place, ids->pdata[i], &removed, error))
            return false;
    }
    g_strlcpy(cursor, ids->len == n ? ids->pdata[n - 1] : "", SK_BLOB_ID_LEN + 1);
    *ret_removed = removed;
    return true;
}
