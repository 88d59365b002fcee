/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-reader.h"

#include <sys/stat.h>

#include <unistd.h>

#include "base/error.h"
#include "base/limit.h"
#include "blob/blob-testing.h"

/* Four chunks and a little: larger than a row would take. */
#define LARGE (4 * SK_BLOB_CHUNK + 777)

/* A file, and its blob where the test can change it: at the place, whatever its size. */
typedef struct {
    SkBlobTest t;
    SkBlobRow *row;
    uint8_t *stored;
    char *path;
} Fixture;

static GBytes *
read_stored(const SkBlobTest *t, const SkBlobRow *row)
{
    g_autofree char *path = sk_blob_test_path(t, row->id);
    char *file = NULL;
    gsize len = 0;

    if (row->data != NULL)
        return g_bytes_ref(row->data);
    g_assert_true(g_file_get_contents(path, &file, &len, NULL));
    return g_bytes_new_take(file, len);
}

static void
write_stored(const Fixture *f, const void *data, size_t len)
{
    g_assert_true(g_file_set_contents(f->path, data, (gssize)len, NULL));
}

static void
set_up(Fixture *f, uint64_t size)
{
    g_autoptr(GBytes) stored = NULL;
    g_autoptr(SkBlobRow) folders = NULL;

    sk_blob_test_init(&f->t, NULL);
    folders = sk_blob_test_store(&f->t, LARGE, 0); /* makes them */
    f->row = sk_blob_test_store(&f->t, size, 1);
    f->path = sk_blob_test_path(&f->t, f->row->id);
    stored = read_stored(&f->t, f->row);
    f->stored = g_memdup2(g_bytes_get_data(stored, NULL), g_bytes_get_size(stored));
    g_clear_pointer(&f->row->data, g_bytes_unref);
    f->row->in_row = false;
    write_stored(f, f->stored, f->row->stored_size);
}

static void
tear_down(Fixture *f)
{
    sk_blob_row_free(f->row);
    sk_blob_test_clear(&f->t);
    g_free(f->stored);
    g_free(f->path);
}

/* Nothing of the file is given out, and the text says which one it was. */
static void
assert_refused(const SkBlobTest *t, const SkBlobRow *row)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkBlobReader) reader = sk_blob_test_open(t, row, &error);
    g_autofree uint8_t *got = g_malloc(row->size + 1);
    static const uint8_t zeros[2 * LARGE];
    size_t n = 99;

    memset(got, 'x', row->size + 1);
    if (reader != NULL) {
        g_assert_false(sk_blob_reader_read(reader, 0, got, row->size + 1, &n, &error));
        g_assert_cmpmem(got, row->size, zeros, row->size);
    }
    g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    g_assert_nonnull(strstr(error->message, row->id));
    g_assert_cmpuint(n, ==, 99);
}

/* The same in the row. */
static void
assert_refused_in_row(const SkBlobTest *t, const SkBlobRow *row, const void *data, size_t len)
{
    SkBlobRow copy = *row;

    copy.data = g_bytes_new(data, len);
    assert_refused(t, &copy);
    g_bytes_unref(copy.data);
}

static void
check_range(SkBlobReader *reader, SkBytes plain, uint64_t at, size_t n)
{
    g_autofree uint8_t *got = g_malloc(n + 1);
    SkBytes expected = sk_bytes_slice(plain, at, n);
    g_autoptr(GError) error = NULL;
    size_t got_n = 0;
    bool ok = sk_blob_reader_read(reader, at, got, n, &got_n, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    g_assert_cmpmem(got, got_n, expected.data, expected.len);
}

/* From around every edge to around every edge, with one reader, so that what it remembers of
 * one read meets the next. */
static void
check_edges(const SkBlobTest *t, uint64_t size)
{
    g_autoptr(SkBlobRow) row = sk_blob_test_store(t, size, 5);
    g_autofree uint8_t *bytes = sk_blob_test_bytes(size, 5);
    g_autoptr(SkBlobReader) reader = sk_blob_test_open(t, row, NULL);
    uint64_t edges[40];
    size_t n_edges = 0;

    for (uint64_t edge = 0; edge <= size + SK_BLOB_CHUNK; edge += SK_BLOB_CHUNK) {
        for (int near = edge > 0 ? -1 : 0; near <= 1; near++)
            edges[n_edges++] = edge + (uint64_t)near;
    }
    edges[n_edges++] = size;
    edges[n_edges++] = size + 1;
    g_assert_cmpuint(n_edges, <=, G_N_ELEMENTS(edges));
    for (size_t from = 0; from < n_edges; from++) {
        for (size_t to = 0; to < n_edges; to++) {
            if (edges[to] >= edges[from])
                check_range(reader, sk_bytes(bytes, size), edges[from],
                            (size_t)(edges[to] - edges[from]));
        }
    }
    check_range(reader, sk_bytes(bytes, size), UINT64_MAX, 10);
    check_range(reader, sk_bytes(bytes, size), 0, size + 100);
}

static void
test_ranges(void)
{
    static const uint64_t sizes[] = {0,
                                     1,
                                     100,
                                     SK_BLOB_CHUNK - 1,
                                     SK_BLOB_CHUNK,
                                     SK_BLOB_CHUNK + 1,
                                     3 * SK_BLOB_CHUNK,
                                     LARGE,
                                     6 * SK_BLOB_CHUNK};
    g_auto(SkBlobTest) t = {NULL};

    sk_blob_test_init(&t, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        check_edges(&t, sizes[i]);
}

/* More at once than is fetched at once, and in pieces that fit no chunk. */
static void
test_large(void)
{
    static const size_t steps[] = {1000, 65536, 65537, 5 * SK_BLOB_CHUNK, 3 * SK_MIB};
    const uint64_t size = 5 * SK_MIB + 11;
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) row = NULL;
    g_autofree uint8_t *bytes = sk_blob_test_bytes(size, 5);

    sk_blob_test_init(&t, NULL);
    row = sk_blob_test_store(&t, size, 5);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(SkBlobReader) reader = sk_blob_test_open(&t, row, NULL);

        for (uint64_t at = 0; at <= size; at += steps[i])
            check_range(reader, sk_bytes(bytes, size), at, steps[i]);
    }
}

static void
test_flips(void)
{
    Fixture f;
    uint64_t len;

    set_up(&f, 50);
    len = f.row->stored_size;
    g_assert_true(sk_blob_test_is_right(&f.t, f.row, 1, NULL));
    for (uint64_t bit = 0; bit < 8 * len; bit++) {
        f.stored[bit / 8] ^= (uint8_t)(1 << bit % 8);
        write_stored(&f, f.stored, len);
        assert_refused(&f.t, f.row);
        assert_refused_in_row(&f.t, f.row, f.stored, len);
        f.stored[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    write_stored(&f, f.stored, len);
    g_assert_true(sk_blob_test_is_right(&f.t, f.row, 1, NULL));
    tear_down(&f);
}

/* Of a large one, a bit in each chunk and each tag: a read of any range that touches the chunk
 * fails, one that does not is served. */
static void
test_flips_large(void)
{
    g_autofree uint8_t *plain = sk_blob_test_bytes(LARGE, 1);
    Fixture f;

    set_up(&f, LARGE);
    for (uint64_t number = 0; number < sk_blob_count_chunks(LARGE); number++) {
        uint64_t at = sk_blob_chunk_at(number) + 333;
        g_autoptr(SkBlobReader) reader = NULL;
        uint8_t byte;
        size_t n;

        f.stored[at] ^= 0x10;
        write_stored(&f, f.stored, f.row->stored_size);
        assert_refused(&f.t, f.row);
        reader = sk_blob_test_open(&f.t, f.row, NULL);
        for (uint64_t other = 0; other < sk_blob_count_chunks(LARGE); other++) {
            bool ok = sk_blob_reader_read(reader, other * SK_BLOB_CHUNK, &byte, 1, &n, NULL);

            g_assert_cmpint(ok, ==, other != number);
            if (ok)
                g_assert_cmpuint(byte, ==, plain[other * SK_BLOB_CHUNK]);
        }
        f.stored[at] ^= 0x10;
    }
    tear_down(&f);
}

static void
test_lengths(void)
{
    Fixture f;
    g_autofree uint8_t *longer = NULL;
    uint64_t len;

    set_up(&f, 50);
    len = f.row->stored_size;
    for (uint64_t n = 0; n < len; n++) {
        write_stored(&f, f.stored, n);
        assert_refused(&f.t, f.row);
        assert_refused_in_row(&f.t, f.row, f.stored, n);
    }
    longer = g_malloc0(len + 1);
    memcpy(longer, f.stored, len);
    write_stored(&f, longer, len + 1);
    assert_refused(&f.t, f.row);
    assert_refused_in_row(&f.t, f.row, longer, len + 1);
    tear_down(&f);
}

/* Whole chunks moved, left out, added, also with a row that was changed to fit. */
static void
test_chunks(void)
{
    static const struct {
        const char *order; /* digits: which chunk of the original stands there */
        bool fit;          /* the row says this length */
    } cases[] = {
        {"10234", false}, {"01324", false}, {"00234", false}, {"0123", false},
        {"0123", true},   {"01234", true},  {"1234", true},   {"0124", true},
        {"012344", true}, {"012304", true}, {"0", true},      {"4", true},
    };
    const size_t step = SK_BLOB_CHUNK + SK_BLOB_TAG_LEN;
    Fixture f;
    uint64_t size;

    set_up(&f, LARGE);
    size = f.row->size;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        const char *order = cases[i].order;

        g_byte_array_append(all, f.stored, SK_BLOB_HEADER_LEN);
        for (const char *c = order; *c != '\0'; c++)
            g_byte_array_append(all, f.stored + SK_BLOB_HEADER_LEN + (size_t)(*c - '0') * step,
                                *c == '4' ? 777 + SK_BLOB_TAG_LEN : (guint)step);
        write_stored(&f, all->data, all->len);
        if (strcmp(order, "01234") == 0) {
            g_assert_true(sk_blob_test_is_right(&f.t, f.row, 1, NULL));
            continue;
        }
        if (cases[i].fit && sk_blob_size_from_stored(all->len, &f.row->size))
            f.row->stored_size = all->len;
        assert_refused(&f.t, f.row);
        f.row->size = size;
        g_assert_true(sk_blob_size_to_stored(size, &f.row->stored_size));
    }
    tear_down(&f);
}

/* A blob under the name of another, of the same length; and a key of another. */
static void
test_swapped(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) one = NULL, two = NULL;
    g_autofree char *path_one = NULL, *path_two = NULL, *path = NULL;
    g_autofree uint8_t *header = g_malloc(SK_BLOB_HEADER_LEN);
    uint8_t key[SK_BLOB_KEY_LEN] = {0};
    SkBlobReader *reader;
    uint8_t got;
    size_t n;

    sk_blob_test_init(&t, NULL);
    one = sk_blob_test_store(&t, LARGE, 1);
    two = sk_blob_test_store(&t, LARGE, 2);
    path_one = sk_blob_test_path(&t, one->id);
    path_two = sk_blob_test_path(&t, two->id);
    path = g_build_filename(t.root, "between", NULL);
    g_assert_cmpint(rename(path_one, path), ==, 0);
    g_assert_cmpint(rename(path_two, path_one), ==, 0);
    g_assert_cmpint(rename(path, path_two), ==, 0);
    assert_refused(&t, one);
    assert_refused(&t, two);
    /* Even with a header to fit, it is not this blob's content. */
    sk_blob_header_write(one->id, header);
    {
        g_autofree char *file = NULL;
        gsize len;

        g_assert_true(g_file_get_contents(path_one, &file, &len, NULL));
        memcpy(file, header, SK_BLOB_HEADER_LEN);
        g_assert_true(g_file_set_contents(path_one, file, (gssize)len, NULL));
    }
    assert_refused(&t, one);
    /* A row that names another blob. */
    g_strlcpy(two->id, one->id, sizeof two->id);
    reader = sk_blob_reader_new(t.place, two, sk_bytes(key, sizeof key), NULL);
    g_assert_nonnull(reader);
    g_assert_false(sk_blob_reader_read(reader, 0, &got, 1, &n, NULL));
    sk_blob_reader_free(reader);
}

/* In the row, and two rows changed their data. */
static void
test_swapped_in_row(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) one = NULL, two = NULL;
    GBytes *data;

    sk_blob_test_init(&t, NULL);
    one = sk_blob_test_store(&t, 100, 1);
    two = sk_blob_test_store(&t, 100, 2);
    data = one->data;
    one->data = two->data;
    two->data = data;
    assert_refused(&t, one);
    assert_refused(&t, two);
}

static void
test_wrong_key(void)
{
    static const uint64_t sizes[] = {0, 50, LARGE};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_auto(SkBlobTest) t = {NULL};
        g_autoptr(SkBlobRow) row = NULL;
        uint8_t key[SK_BLOB_KEY_LEN + 1] = {1}, got;
        g_autoptr(SkBlobReader) reader = NULL;
        g_autoptr(GError) wrong = NULL, too_long = NULL;
        size_t n;

        sk_blob_test_init(&t, NULL);
        row = sk_blob_test_store(&t, sizes[i], 1);
        reader = sk_blob_reader_new(t.place, row, sk_bytes(key, SK_BLOB_KEY_LEN), NULL);
        g_assert_nonnull(reader);
        g_assert_false(sk_blob_reader_read(reader, 0, &got, 1, &n, &wrong));
        g_test_message("%s", wrong->message);
        g_assert_error(wrong, SK_ERROR, SK_ERROR_PROTOCOL);
        g_assert_null(sk_blob_reader_new(t.place, row, sk_bytes(key, sizeof key), &too_long));
        g_assert_error(too_long, SK_ERROR, SK_ERROR_PROTOCOL);
    }
}

/* Rows that no writer made. */
static void
test_rows(void)
{
    static const struct {
        const char *id;
        uint64_t size, stored_size;
    } cases[] = {
        {"00000000000000000000000000", 50, 91},
        {"00000000000000000000000000", UINT64_MAX, 40},
        {"00000000000000000000000000", UINT64_MAX, UINT64_MAX},
        {"00000000000000000000000000", 0, 0},
        {"../../etc/passwd", 50, 90},
        {"", 50, 90},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkBlobRow) row = g_new0(SkBlobRow, 1);
        uint8_t key[SK_BLOB_KEY_LEN] = {0};
        g_autoptr(GError) error = NULL;

        g_strlcpy(row->id, cases[i].id, sizeof row->id);
        row->size = cases[i].size;
        row->stored_size = cases[i].stored_size;
        row->data = g_bytes_new_static(key, sizeof key);
        g_assert_null(sk_blob_reader_new(NULL, row, sk_bytes(key, sizeof key), &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_PROTOCOL);
    }
}

static void
test_missing(void)
{
    g_autoptr(GError) error = NULL;
    Fixture f;

    set_up(&f, 50);
    g_assert_cmpint(unlink(f.path), ==, 0);
    g_assert_null(sk_blob_test_open(&f.t, f.row, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    tear_down(&f);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blob-reader/ranges", test_ranges);
    g_test_add_func("/blob-reader/large", test_large);
    g_test_add_func("/blob-reader/flips", test_flips);
    g_test_add_func("/blob-reader/flips/large", test_flips_large);
    g_test_add_func("/blob-reader/lengths", test_lengths);
    g_test_add_func("/blob-reader/chunks", test_chunks);
    g_test_add_func("/blob-reader/swapped", test_swapped);
    g_test_add_func("/blob-reader/swapped/in-row", test_swapped_in_row);
    g_test_add_func("/blob-reader/wrong-key", test_wrong_key);
    g_test_add_func("/blob-reader/rows", test_rows);
    g_test_add_func("/blob-reader/missing", test_missing);
    return g_test_run();
}
