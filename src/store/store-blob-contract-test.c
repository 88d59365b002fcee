/* SPDX-License-Identifier: Apache-2.0 */

/* What every engine behind port/blob.h owes its callers. An engine joins by a line in
 * `engines`; nothing in the cases knows which one it is. */

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "port/faulty-blob.h"
#include "store/store-blob-directory.h"
#include "store/store-tree-testing.h"

static SkFaults no_faults;

static SkBlobPlace *
open_as(const char *root, SkDirectoryParts parts)
{
    g_autofree char *path = g_build_filename(root, "blobs", NULL);
    g_autoptr(GError) error = NULL;
    SkBlobPlace *place = sk_store_blob_directory_open(path, parts, &error);

    g_assert_no_error(error);
    return place;
}

static SkBlobPlace *
open_directory(const char *root)
{
    return open_as(root, SK_DIRECTORY_UNNAMED);
}

static SkBlobPlace *
open_named(const char *root)
{
    return open_as(root, SK_DIRECTORY_NAMED);
}

static SkBlobPlace *
open_wrapped(const char *root)
{
    return sk_faulty_blob_new(open_directory(root), &no_faults);
}

typedef struct {
    const char *name;
    SkBlobPlace *(*open)(const char *root);
} Engine;

static const Engine engines[] = {
    {"directory", open_directory},
    {"directory-named", open_named},
    {"wrapped", open_wrapped},
};

typedef struct {
    char *root;
    SkBlobPlace *place;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    const Engine *engine = data;

    f->root = sk_test_tree_new();
    f->place = engine->open(f->root);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_blob_place_close(f->place);
    sk_test_tree_remove(f->root);
    g_free(f->root);
}

/* The byte at AT of the blob that is called ID. */
static uint8_t
byte_of(const char *id, uint64_t at)
{
    return (uint8_t)((uint8_t)id[at % SK_BLOB_ID_LEN] + at * 7 + (at >> 9));
}

static GByteArray *
content_of(const char *id, uint64_t size)
{
    GByteArray *all = g_byte_array_sized_new((guint)size + 1);

    g_byte_array_set_size(all, (guint)size);
    for (uint64_t i = 0; i < size; i++)
        all->data[i] = byte_of(id, i);
    return all;
}

static bool
write_parts(SkBlobSink *sink, SkBytes all, size_t step, GError **error)
{
    while (all.len > 0) {
        SkBytes some = sk_bytes_slice(all, 0, step);

        if (!sk_blob_sink_write(sink, some, error))
            return false;
        all = sk_bytes_from(all, some.len);
    }
    return true;
}

static bool
put(SkBlobPlace *place, const char *id, uint64_t size, GError **error)
{
    g_autoptr(SkBlobSink) sink = sk_blob_place_create(place, id, error);
    g_autoptr(GByteArray) all = content_of(id, size);

    return sink != NULL && write_parts(sink, sk_bytes(all->data, size), 100003, error) &&
           sk_blob_sink_commit(sink, error);
}

static void
must_put(Fixture *f, const char *id, uint64_t size)
{
    g_autoptr(GError) error = NULL;
    bool ok = put(f->place, id, size, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static bool
is_whole(SkBlobPlace *place, const char *id, uint64_t size)
{
    g_autoptr(SkBlobSource) source = sk_blob_place_open(place, id, NULL);
    g_autoptr(GByteArray) all = content_of(id, size);
    g_autofree uint8_t *got = g_malloc(size + 1);
    size_t n = 0;

    return source != NULL && sk_blob_source_read(source, 0, got, size + 1, &n, NULL) &&
           n == size && memcmp(got, all->data, size) == 0;
}

static void
assert_missing(Fixture *f, const char *id)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_blob_place_open(f->place, id, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
}

static void
test_sizes(Fixture *f, const void *data)
{
    static const uint64_t sizes[] = {0, 1, 4095, 4096, 100003, 1 << 20, (3 << 20) + 1};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *id = sk_random_long_id();

        assert_missing(f, id);
        must_put(f, id, sizes[i]);
        g_assert_true(is_whole(f->place, id, sizes[i]));
    }
}

static void
test_ranges(Fixture *f, const void *data)
{
    static const struct {
        uint64_t at;
        size_t n, expected;
    } cases[] = {
        {0, 0, 0},
        {0, 1, 1},
        {0, 70000, 70000},
        {69999, 1, 1},
        {69999, 2, 1},
        {70000, 1, 0},
        {70001, 1, 0},
        {4000, 60001, 60001},
        {60000, 1 << 20, 10000},
        {UINT64_MAX, 1, 0},
        {INT64_MAX, 100, 0},
        {1, 69999, 69999},
    };
    g_autofree char *id = sk_random_long_id();
    g_autofree uint8_t *got = g_malloc(1 << 20);
    g_autoptr(SkBlobSource) source = NULL;

    must_put(f, id, 70000);
    source = sk_blob_place_open(f->place, id, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t n = 99;

        g_assert_true(sk_blob_source_read(source, cases[i].at, got, cases[i].n, &n, NULL));
        g_assert_cmpuint(n, ==, cases[i].expected);
        for (size_t k = 0; k < n; k++)
            g_assert_cmpuint(got[k], ==, byte_of(id, cases[i].at + k));
    }
}

typedef struct {
    GPtrArray *ids;
    unsigned max;
    uint64_t size;
    int64_t made_us;
} Seen;

static bool
see(const char *id, uint64_t size, int64_t made_us, void *data)
{
    Seen *seen = data;

    g_ptr_array_add(seen->ids, g_strdup(id));
    seen->size = size;
    seen->made_us = made_us;
    return seen->ids->len < seen->max;
}

static Seen
list(Fixture *f, const char *after, int64_t before_us, unsigned max)
{
    Seen seen = {g_ptr_array_new_with_free_func(g_free), max, 0, 0};
    g_autoptr(GError) error = NULL;
    bool ok = sk_blob_place_list(f->place, after, before_us, see, &seen, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return seen;
}

static unsigned
count(Fixture *f)
{
    Seen seen = list(f, "", INT64_MAX, UINT_MAX);
    unsigned n = seen.ids->len;

    g_ptr_array_unref(seen.ids);
    return n;
}

/* Nobody sees anything before the commit; what is not committed was never there. */
static void
test_unfinished(Fixture *f, const void *data)
{
    g_autofree char *id = sk_random_long_id();

    for (int commits = 0; commits < 2; commits++) {
        g_autoptr(SkBlobSink) sink = sk_blob_place_create(f->place, id, NULL);
        g_autoptr(GByteArray) all = content_of(id, 300000);

        g_assert_true(write_parts(sink, sk_bytes(all->data, all->len), 65552, NULL));
        assert_missing(f, id);
        g_assert_cmpuint(count(f), ==, 0);
        if (commits)
            g_assert_true(sk_blob_sink_commit(sink, NULL));
    }
    g_assert_true(is_whole(f->place, id, 300000));
    g_assert_cmpuint(count(f), ==, 1);
}

static void
test_interleaved(Fixture *f, const void *data)
{
    g_autofree char *one = sk_random_long_id(), *two = sk_random_long_id();
    g_autoptr(SkBlobSink) first = sk_blob_place_create(f->place, one, NULL);
    g_autoptr(SkBlobSink) second = sk_blob_place_create(f->place, two, NULL);

    for (uint64_t i = 0; i < 5000; i++) {
        uint8_t a = byte_of(one, i), b = byte_of(two, i);

        g_assert_true(sk_blob_sink_write(first, sk_bytes(&a, 1), NULL));
        g_assert_true(sk_blob_sink_write(second, sk_bytes(&b, 1), NULL));
    }
    g_assert_true(sk_blob_sink_commit(second, NULL));
    g_assert_true(sk_blob_sink_commit(first, NULL));
    g_assert_true(is_whole(f->place, one, 5000));
    g_assert_true(is_whole(f->place, two, 5000));
}

/* A second one of the same id is refused, whenever it began; the first stays as it was. */
static void
test_conflict(Fixture *f, const void *data)
{
    g_autofree char *id = sk_random_long_id();
    g_autoptr(GError) error = NULL;

    must_put(f, id, 5000);
    g_assert_false(put(f->place, id, 6000, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_true(is_whole(f->place, id, 5000));
    g_assert_cmpuint(count(f), ==, 1);
}

static void
test_remove(Fixture *f, const void *data)
{
    g_autofree char *id = sk_random_long_id(), *other = sk_random_long_id();

    must_put(f, id, 10);
    must_put(f, other, 10);
    for (int i = 0; i < 2; i++) {
        g_assert_true(sk_blob_place_remove(f->place, id, NULL));
        assert_missing(f, id);
    }
    g_assert_true(is_whole(f->place, other, 10));
    must_put(f, id, 20); /* nothing of it is left in the way */
    g_assert_true(is_whole(f->place, id, 20));
}

static void
test_reopen(Fixture *f, const void *data)
{
    const Engine *engine = data;
    g_autofree char *id = sk_random_long_id();

    must_put(f, id, 100000);
    sk_blob_place_close(f->place);
    f->place = engine->open(f->root);
    g_assert_true(is_whole(f->place, id, 100000));
    g_assert_cmpuint(count(f), ==, 1);
}

static int
compare_ids(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pages of any size, put together, are all ids in order. */
static void
test_list_pages(Fixture *f, const void *data)
{
    static const unsigned pages[] = {1, 2, 7, 59, 60, 61, 1000};
    g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);

    for (int i = 0; i < 60; i++) {
        g_ptr_array_add(ids, sk_random_long_id());
        must_put(f, ids->pdata[i], 3);
    }
    g_ptr_array_sort(ids, compare_ids);
    for (size_t p = 0; p < G_N_ELEMENTS(pages); p++) {
        g_autofree char *after = g_strdup("");
        unsigned n = 0, got = 1;

        while (got > 0) {
            Seen seen = list(f, after, INT64_MAX, pages[p]);

            got = seen.ids->len;
            g_assert_cmpuint(got, <=, pages[p]);
            for (unsigned i = 0; i < got; i++)
                g_assert_cmpstr(seen.ids->pdata[i], ==, ids->pdata[n++]);
            if (got > 0) {
                g_free(after);
                after = g_strdup(ids->pdata[n - 1]);
            }
            g_ptr_array_unref(seen.ids);
        }
        g_assert_cmpuint(n, ==, ids->len);
    }
}

static void
test_list_age(Fixture *f, const void *data)
{
    g_autofree char *id = sk_random_long_id();
    int64_t before = g_get_real_time(), after;
    Seen seen;

    must_put(f, id, 12345);
    after = g_get_real_time();
    seen = list(f, "", INT64_MAX, UINT_MAX);
    g_assert_cmpuint(seen.ids->len, ==, 1);
    g_assert_cmpuint(seen.size, ==, 12345);
    /* Clocks of file systems tick. */
    g_assert_cmpint(seen.made_us, >=, before - 1000000);
    g_assert_cmpint(seen.made_us, <=, after + 1000000);
    g_ptr_array_unref(seen.ids);
    g_assert_cmpint(seen.made_us, >, 0);
    for (int later = 0; later < 2; later++) {
        Seen some = list(f, "", seen.made_us + later, UINT_MAX);

        g_assert_cmpuint(some.ids->len, ==, (unsigned)later);
        g_ptr_array_unref(some.ids);
    }
}

/* Whatever call fails, and whether before or after its effect: what was acknowledged is there
 * whole, what failed for certain is not there, and nothing is there by half. */
static void
test_faults(Fixture *f, const void *data)
{
    const Engine *engine = data;

    for (unsigned every = 2; every < 9; every++) {
        SkFaults faults = {.every = every};
        g_autoptr(SkBlobPlace) faulty = sk_faulty_blob_new(engine->open(f->root), &faults);
        unsigned sure = 0, maybe = 0, there = count(f);

        for (int i = 0; i < 20; i++) {
            g_autofree char *id = sk_random_long_id();
            g_autoptr(GError) error = NULL;
            uint64_t size = 70001 * (uint64_t)(i % 5); /* of more and of fewer calls */
            bool ok = put(faulty, id, size, &error), whole = is_whole(f->place, id, size);

            sure += ok;
            if (ok)
                g_assert_true(whole);
            else if (g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN))
                maybe += whole;
            else
                assert_missing(f, id);
        }
        g_test_message("every %u: %u failed, %u sure, %u done nevertheless", every,
                       faults.failed, sure, maybe);
        g_assert_cmpuint(faults.failed, >=, 5);
        g_assert_cmpuint(count(f) - there, ==, sure + maybe);
    }
}

static void
add_cases(const Engine *engine)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"sizes", test_sizes},           {"ranges", test_ranges},
        {"unfinished", test_unfinished}, {"interleaved", test_interleaved},
        {"conflict", test_conflict},     {"remove", test_remove},
        {"reopen", test_reopen},         {"list/pages", test_list_pages},
        {"list/age", test_list_age},     {"faults", test_faults},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/place/%s/%s", engine->name, cases[i].name);

        g_test_add(path, Fixture, engine, set_up, cases[i].test, tear_down);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(engines); i++)
        add_cases(&engines[i]);
    return g_test_run();
}
