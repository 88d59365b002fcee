/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * blob-testing - a directory of blobs, a database for their rows and a site's keys, for tests
 */

#include <string.h>

#include "blob/blob-reader.h"
#include "blob/blob-writer.h"
#include "store/store-blob-directory.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"
#include "store/store-tree-testing.h"

typedef struct {
    char *root;
    char *blobs;
    SkBlobPlace *place;
    char *rows; /* the place of the database */
    SkDb *keep;
    SkSealPair *pair;
    SkBlobSite site;
} SkBlobTest;

/* Another connection to where the rows are kept. */
static inline SkDb *
sk_blob_test_open_keep(const SkBlobTest *t)
{
    g_autoptr(GError) error = NULL;
    SkDb *keep = sk_test_place_open(t->rows, &error);

    g_assert_no_error(error);
    return keep;
}

static inline void
sk_blob_test_make_keep(SkBlobTest *t, SkTestEngine engine)
{
    const SkTestDir dir = {t->root};
    g_autoptr(GError) error = NULL;
    bool ok;

    t->rows = sk_test_place_new(engine, &dir, "keep.db");
    t->keep = sk_blob_test_open_keep(t);
    ok = sk_store_migrate(t->keep, sk_blob_tables.name, sk_blob_tables.steps, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
}

static inline SkBlobPlace *
sk_blob_test_open_place(const SkBlobTest *t)
{
    g_autoptr(GError) error = NULL;
    SkBlobPlace *place = sk_store_blob_directory_open(t->blobs, SK_DIRECTORY_UNNAMED, &error);

    g_assert_no_error(error);
    return place;
}

/* ENGINE may be NULL: no database. */
static inline void
sk_blob_test_init(SkBlobTest *t, const SkTestEngine *engine)
{
    t->root = sk_test_tree_new();
    t->blobs = g_build_filename(t->root, "blobs", NULL);
    t->place = sk_blob_test_open_place(t);
    if (engine != NULL)
        sk_blob_test_make_keep(t, *engine);
    t->pair = sk_seal_pair_new();
    t->site.seal_to = sk_seal_pair_get_public(t->pair);
    memset(t->site.hash_key, 'h', sizeof t->site.hash_key);
}

static inline void
sk_blob_test_clear(SkBlobTest *t)
{
    sk_blob_place_close(t->place);
    sk_db_close(t->keep);
    sk_seal_pair_free(t->pair);
    sk_test_tree_remove(t->root);
    g_free(t->root);
    g_free(t->blobs);
    g_free(t->rows);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkBlobTest, sk_blob_test_clear)

/* SIZE bytes that differ with SEED and do not repeat by chunks. Caller owns. */
static inline uint8_t *
sk_blob_test_bytes(uint64_t size, unsigned seed)
{
    uint8_t *bytes = g_malloc(size + 1);
    uint32_t state = 1 + seed;

    for (uint64_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
    return bytes;
}

/* Stores SIZE bytes of SEED in pieces of STEP; NULL and ERROR if the place fails. */
static inline SkBlobRow *
sk_blob_test_put(SkBlobPlace *place,
                 const SkBlobSite *site,
                 uint64_t size,
                 unsigned seed,
                 size_t step,
                 GError **error)
{
    g_autofree uint8_t *bytes = sk_blob_test_bytes(size, seed);
    g_autoptr(SkBlobWriter) writer = sk_blob_writer_new(place, site, g_get_real_time());
    SkBytes rest = sk_bytes(bytes, size);

    while (rest.len > 0) {
        SkBytes some = sk_bytes_slice(rest, 0, step);

        if (!sk_blob_writer_add(writer, some, error))
            return NULL;
        rest = sk_bytes_from(rest, some.len);
    }
    return sk_blob_writer_finish(writer, error);
}

/* The same, where nothing may fail. */
static inline SkBlobRow *
sk_blob_test_store(const SkBlobTest *t, uint64_t size, unsigned seed)
{
    g_autoptr(GError) error = NULL;
    SkBlobRow *row = sk_blob_test_put(t->place, &t->site, size, seed, 60000, &error);

    g_assert_no_error(error);
    return row;
}

/* Opens ROW's blob with the key that is sealed in it. */
static inline SkBlobReader *
sk_blob_test_open(const SkBlobTest *t, const SkBlobRow *row, GError **error)
{
    gsize len;
    const void *sealed = g_bytes_get_data(row->sealed_key, &len);
    g_autoptr(SkSecret) key =
        sk_seal_open(t->pair, SK_SEAL_BLOB, row->id, sk_bytes(sealed, len), error);

    if (key == NULL)
        return NULL;
    return sk_blob_reader_new(t->place, row, sk_secret_bytes(key), error);
}

/* Whether all of it can be read and is what SEED makes; an error if it cannot be read. */
static inline bool
sk_blob_test_is_right(const SkBlobTest *t, const SkBlobRow *row, unsigned seed, GError **error)
{
    g_autofree uint8_t *expected = sk_blob_test_bytes(row->size, seed);
    g_autofree uint8_t *got = g_malloc(row->size + 1);
    g_autoptr(SkBlobReader) reader = sk_blob_test_open(t, row, error);
    size_t n = 0;

    if (reader == NULL || !sk_blob_reader_read(reader, 0, got, row->size + 1, &n, error))
        return false;
    return n == row->size && memcmp(got, expected, n) == 0;
}

/* The file of a blob at its place. Caller owns. */
static inline char *
sk_blob_test_path(const SkBlobTest *t, const char *id)
{
    return g_strdup_printf("%s/%c/%c/%s", t->blobs, id[0], id[1], id);
}
