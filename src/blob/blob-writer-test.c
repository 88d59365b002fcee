/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-writer.h"

#include "base/error.h"
#include "base/limit.h"
#include "blob/blob-testing.h"

/* The largest file whose ciphertext lies in its row. */
#define ROW_SIZE (SK_LIMIT_BLOB_IN_ROW - SK_BLOB_HEADER_LEN - 5 * SK_BLOB_TAG_LEN)

static bool
is_at_place(const SkBlobTest *t, const SkBlobRow *row)
{
    g_autofree char *path = sk_blob_test_path(t, row->id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
assert_hex(const char *expected, const uint8_t *digest)
{
    GString *hex = g_string_new(NULL);

    for (size_t i = 0; i < SK_BLOB_DIGEST_LEN; i++)
        g_string_append_printf(hex, "%02x", digest[i]);
    g_assert_cmpstr(hex->str, ==, expected);
    g_string_free(hex, TRUE);
}

/* Both digests are what GLib makes of the file and of what is stored. */
static void
check_digests(const SkBlobTest *t, const SkBlobRow *row, unsigned seed)
{
    g_autofree uint8_t *plain = sk_blob_test_bytes(row->size, seed);
    g_autofree char *path = sk_blob_test_path(t, row->id);
    g_autofree char *file = NULL, *digest = NULL, *content = NULL;
    gsize len = 0;
    const void *stored;

    if (row->data != NULL)
        stored = g_bytes_get_data(row->data, &len);
    else {
        g_assert_true(g_file_get_contents(path, &file, &len, NULL));
        stored = file;
    }
    g_assert_cmpuint(len, ==, row->stored_size);
    digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, stored, len);
    content = g_compute_hmac_for_data(G_CHECKSUM_SHA256, t->site.hash_key,
                                      sizeof t->site.hash_key, plain, row->size);
    assert_hex(digest, row->digest);
    assert_hex(content, row->content);
}

static const uint64_t sizes[] = {
    0,
    1,
    SK_BLOB_CHUNK - 1,
    SK_BLOB_CHUNK,
    SK_BLOB_CHUNK + 1,
    2 * SK_BLOB_CHUNK,
    ROW_SIZE - 1,
    ROW_SIZE,
    ROW_SIZE + 1,
    SK_BLOB_PIECE - 1,
    SK_BLOB_PIECE,
    SK_BLOB_PIECE + 1,
    2 * SK_BLOB_PIECE,
    2 * SK_BLOB_PIECE + SK_BLOB_CHUNK + 1,
    10 * SK_MIB,
};
/* Bytes a call adds: what the milter gives, all at once, and in between. */
static const size_t steps[] = {7777, 65535, SK_BLOB_CHUNK, SK_BLOB_PIECE + 1, SIZE_MAX};

static void
test_round_trip(void)
{
    g_auto(SkBlobTest) t = {NULL};

    sk_blob_test_init(&t, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(sizes) * G_N_ELEMENTS(steps); i++) {
        uint64_t size = sizes[i / G_N_ELEMENTS(steps)], stored = 0;
        size_t step = steps[i % G_N_ELEMENTS(steps)];
        int64_t before_us = g_get_real_time();
        g_autoptr(GError) error = NULL;
        g_autoptr(SkBlobRow) row = sk_blob_test_put(t.place, &t.site, size, i, step, &error);

        g_assert_no_error(error);
        g_assert_true(sk_blob_size_to_stored(size, &stored));
        g_assert_cmpuint(row->size, ==, size);
        g_assert_cmpuint(row->stored_size, ==, stored);
        g_assert_cmpint(row->made_us, >=, before_us);
        g_assert_cmpint(row->made_us, <=, g_get_real_time());
        g_assert_cmpint(row->data != NULL, ==, size <= ROW_SIZE);
        g_assert_cmpint(row->in_row, ==, size <= ROW_SIZE);
        g_assert_cmpint(is_at_place(&t, row), ==, size > ROW_SIZE);
        check_digests(&t, row, i);
        g_assert_true(sk_blob_test_is_right(&t, row, i, &error));
        g_assert_no_error(error);
    }
}

/* The same file twice: known again by its digest, and by nothing else. */
static void
test_twice(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) one = NULL, two = NULL, other = NULL;

    sk_blob_test_init(&t, NULL);
    one = sk_blob_test_store(&t, 5000, 1);
    two = sk_blob_test_store(&t, 5000, 1);
    g_assert_cmpstr(one->id, !=, two->id);
    g_assert_cmpmem(one->content, SK_BLOB_DIGEST_LEN, two->content, SK_BLOB_DIGEST_LEN);
    g_assert_true(memcmp(one->digest, two->digest, SK_BLOB_DIGEST_LEN) != 0);
    g_assert_false(g_bytes_equal(one->sealed_key, two->sealed_key));
    t.site.hash_key[0] ^= 1;
    other = sk_blob_test_store(&t, 5000, 1);
    g_assert_true(memcmp(one->content, other->content, SK_BLOB_DIGEST_LEN) != 0);
}

/* The key is for this blob and this site alone. */
static void
test_sealed_key(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) row = NULL, renamed = NULL;
    g_autoptr(SkSealPair) pair = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *seal_id = NULL;

    sk_blob_test_init(&t, NULL);
    row = sk_blob_test_store(&t, 100, 1);
    renamed = sk_blob_test_store(&t, 100, 1);
    seal_id = sk_seal_id(&t.site.seal_to);
    g_assert_cmpstr(row->seal_id, ==, seal_id);
    g_bytes_unref(renamed->sealed_key);
    renamed->sealed_key = g_bytes_ref(row->sealed_key);
    g_assert_null(sk_blob_test_open(&t, renamed, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_clear_error(&error);
    pair = g_steal_pointer(&t.pair);
    t.pair = sk_seal_pair_new();
    g_assert_null(sk_blob_test_open(&t, row, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
}

static bool
count_blob(const char *id, uint64_t size, int64_t made_us, void *data)
{
    (*(unsigned *)data)++;
    return true;
}

/* However far it had come. */
static void
test_unfinished(void)
{
    g_auto(SkBlobTest) t = {NULL};
    unsigned n = 0;

    sk_blob_test_init(&t, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree uint8_t *bytes = sk_blob_test_bytes(sizes[i], 1);
        g_autoptr(SkBlobWriter) writer = sk_blob_writer_new(t.place, &t.site, 1);

        g_assert_true(sk_blob_writer_add(writer, sk_bytes(bytes, sizes[i]), NULL));
    }
    g_assert_true(sk_blob_place_list(t.place, "", INT64_MAX, count_blob, &n, NULL));
    g_assert_cmpuint(n, ==, 0);
}

/* A place that says no when the blob grows out of the row: nothing later makes a row of it. */
static void
test_broken(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autofree uint8_t *bytes = sk_blob_test_bytes(2 * SK_BLOB_PIECE, 1);
    g_autofree char *outer = NULL;
    g_autoptr(SkBlobWriter) writer = NULL;
    g_autoptr(GError) error = NULL, again = NULL, end = NULL;

    sk_blob_test_init(&t, NULL);
    for (const char *c = "01234567"; *c != '\0'; c++) {
        g_autofree char *path = g_strdup_printf("%s/%c", t.blobs, *c);

        g_assert_true(g_file_set_contents(path, "no folder", -1, NULL));
    }
    writer = sk_blob_writer_new(t.place, &t.site, 1);
    g_assert_false(sk_blob_writer_add(writer, sk_bytes(bytes, 2 * SK_BLOB_PIECE), &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_false(sk_blob_writer_add(writer, sk_bytes(bytes, 1), &again));
    g_assert_error(again, SK_ERROR, SK_ERROR_IO);
    g_assert_null(sk_blob_writer_finish(writer, &end));
    g_assert_error(end, SK_ERROR, SK_ERROR_IO);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blob-writer/round-trip", test_round_trip);
    g_test_add_func("/blob-writer/twice", test_twice);
    g_test_add_func("/blob-writer/sealed-key", test_sealed_key);
    g_test_add_func("/blob-writer/unfinished", test_unfinished);
    g_test_add_func("/blob-writer/broken", test_broken);
    return g_test_run();
}
