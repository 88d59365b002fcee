/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-verify.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/random.h"
#include "blob/blob-testing.h"
#include "port/faulty-blob.h"

#define DAY_US (SK_LIMIT_BLOB_ORPHAN_S * INT64_C(1000000))

static void
set_up(SkBlobTest *t, const void *data)
{
    sk_blob_test_init(t, data);
}

static void
tear_down(SkBlobTest *t, const void *data)
{
    sk_blob_test_clear(t);
}

/* With its row. */
static SkBlobRow *
store(SkBlobTest *t, uint64_t size)
{
    SkBlobRow *row = sk_blob_test_store(t, size, 1);

    g_assert_true(sk_blob_store_add(t->keep, row, NULL));
    return row;
}

static void
set_age(const SkBlobTest *t, const char *id, int64_t made_us)
{
    g_autofree char *path = sk_blob_test_path(t, id);
    struct timespec times[2] = {{.tv_sec = made_us / 1000000}, {.tv_sec = made_us / 1000000}};

    g_assert_cmpint(utimensat(AT_FDCWD, path, times, 0), ==, 0);
}

/* One that no row names. */
static char *
store_orphan(SkBlobTest *t, int64_t made_us)
{
    g_autoptr(SkBlobRow) row = sk_blob_test_store(t, 300000, 1);

    set_age(t, row->id, made_us);
    return g_strdup(row->id);
}

static void
change_file(const char *path, SkBlobState wanted)
{
    struct stat st;
    int fd;

    g_assert_cmpint(stat(path, &st), ==, 0);
    if (wanted == SK_BLOB_MISSING)
        g_assert_cmpint(unlink(path), ==, 0);
    else if (wanted == SK_BLOB_CUT)
        g_assert_cmpint(truncate(path, st.st_size - 1), ==, 0);
    else if (wanted == SK_BLOB_TOO_LONG)
        g_assert_cmpint(truncate(path, st.st_size + 1), ==, 0);
    else if (wanted == SK_BLOB_DAMAGED) {
        fd = open(path, O_WRONLY | O_CLOEXEC);
        g_assert_cmpint(pwrite(fd, "damage", 6, st.st_size / 2), ==, 6);
        close(fd);
    } else if (wanted == SK_BLOB_UNREADABLE) {
        g_assert_cmpint(unlink(path), ==, 0);
        g_assert_cmpint(symlink("/etc/hostname", path), ==, 0);
    }
}

static void
test_row(SkBlobTest *t, const void *data)
{
    for (SkBlobState wanted = SK_BLOB_FINE; wanted <= SK_BLOB_UNREADABLE; wanted++) {
        g_autoptr(SkBlobRow) row = sk_blob_test_store(t, 2500000, 1);
        g_autofree char *path = sk_blob_test_path(t, row->id);
        SkBlobState state;

        change_file(path, wanted);
        g_assert_true(sk_blob_verify_row(t->place, row, &state, NULL));
        g_assert_cmpstr(sk_blob_state_name(state), ==, sk_blob_state_name(wanted));
    }
}

static void
test_row_data(SkBlobTest *t, const void *data)
{
    static const struct {
        int more; /* bytes */
        uint8_t flip;
        SkBlobState state;
    } cases[] = {{0, 0, SK_BLOB_FINE},
                 {-1, 0, SK_BLOB_CUT},
                 {1, 0, SK_BLOB_TOO_LONG},
                 {0, 1, SK_BLOB_DAMAGED}};

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SkBlobRow) row = sk_blob_test_store(t, 1000, 1);
        g_autofree uint8_t *bytes = g_malloc0(row->stored_size + 1);
        SkBlobState state;

        memcpy(bytes, g_bytes_get_data(row->data, NULL), row->stored_size);
        bytes[row->stored_size / 2] ^= cases[i].flip;
        g_bytes_unref(row->data);
        row->data = g_bytes_new(bytes, row->stored_size + (gsize)cases[i].more);
        g_assert_true(sk_blob_verify_row(t->place, row, &state, NULL));
        g_assert_cmpint(state, ==, cases[i].state);
    }
}

typedef struct {
    GString *told; /* "damaged ID\n" */
    unsigned stop_after;
} Told;

static void
on_trouble(SkBlobState state, const char *name, void *data)
{
    g_string_append_printf(((Told *)data)->told, "%s %s\n", sk_blob_state_name(state), name);
}

static bool
on_progress(const SkBlobTally *tally, void *data)
{
    return tally->rows < ((Told *)data)->stop_after;
}

static SkBlobTally
verify(SkBlobTest *t, Told *told)
{
    SkBlobWatcher watcher = {on_trouble, on_progress, told};
    SkBlobTally tally = {0};
    g_autoptr(GError) error = NULL;
    bool ok = sk_blob_verify(t->keep, t->place, g_get_real_time(), &watcher, &tally, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return tally;
}

/* More rows and blobs than a page holds, and one of each kind of trouble among them. */
static void
test_walk(SkBlobTest *t, const void *data)
{
    int64_t now_us = g_get_real_time();
    g_autofree char *old = NULL, *new = NULL, *foreign = g_build_filename(t->blobs, "x", NULL);
    g_autoptr(GString) expected = g_string_new(NULL);
    Told told = {g_string_new(NULL), UINT_MAX};
    SkBlobTally tally;

    g_assert_true(sk_db_begin(t->keep, NULL));
    for (unsigned i = 0; i < 300; i++)
        sk_blob_row_free(store(t, 10 + i));
    for (SkBlobState state = SK_BLOB_FINE; state <= SK_BLOB_UNREADABLE; state++) {
        g_autoptr(SkBlobRow) row = store(t, 300000);
        g_autofree char *path = sk_blob_test_path(t, row->id);

        set_age(t, row->id, now_us - 2 * DAY_US);
        change_file(path, state);
        if (state != SK_BLOB_FINE)
            g_string_append_printf(expected, "%s %s\n", sk_blob_state_name(state), row->id);
    }
    g_assert_true(sk_db_commit(t->keep, NULL));
    old = store_orphan(t, now_us - 2 * DAY_US);
    new = store_orphan(t, now_us - DAY_US / 2);
    g_assert_true(g_file_set_contents(foreign, "", 0, NULL));
    g_string_append_printf(expected, "not needed %s\nnot ours x\n", old);
    tally = verify(t, &told);
    g_assert_cmpuint(tally.rows, ==, 306);
    g_assert_cmpuint(tally.trouble, ==, 8); /* the link is two of them */
    g_assert_cmpuint(tally.bytes, >, 6 * 300000);
    {
        g_auto(GStrv) wanted = g_strsplit(expected->str, "\n", -1);

        for (char **line = wanted; *line != NULL; line++)
            g_assert_nonnull(strstr(told.told->str, *line));
        g_assert_null(strstr(told.told->str, new));
    }
    g_string_free(told.told, TRUE);
}

static void
test_walk_pages(SkBlobTest *t, const void *data)
{
    int64_t old_us = g_get_real_time() - 2 * DAY_US;
    Told told = {g_string_new(NULL), UINT_MAX};
    unsigned lines = 0;

    for (unsigned i = 0; i < 270; i++) {
        g_autofree char *id = sk_random_long_id();
        g_autoptr(SkBlobSink) sink = sk_blob_place_create(t->place, id, NULL);

        g_assert_true(sk_blob_sink_commit(sink, NULL));
        set_age(t, id, old_us);
    }
    g_assert_cmpuint(verify(t, &told).blobs, ==, 270);
    for (const char *c = told.told->str; *c != '\0'; c++)
        lines += *c == '\n';
    g_assert_cmpuint(lines, ==, 270);
    g_string_free(told.told, TRUE);
}

static void
test_stop(SkBlobTest *t, const void *data)
{
    Told told = {g_string_new(NULL), 3};

    for (unsigned i = 0; i < 10; i++)
        sk_blob_row_free(store(t, 10));
    g_assert_cmpuint(verify(t, &told).rows, ==, 3);
    g_string_free(told.told, TRUE);
}

static bool
exists(const SkBlobTest *t, const char *id)
{
    g_autofree char *path = sk_blob_test_path(t, id);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* A round in steps of N; how many were removed. */
static unsigned
remove_all(SkBlobTest *t, SkBlobPlace *place, int64_t now_us, unsigned n, GError **error)
{
    char cursor[SK_BLOB_ID_LEN + 1] = "";
    unsigned removed = 0;

    do {
        unsigned some = 0;

        if (!sk_blob_remove_orphans(t->keep, place, now_us, n, cursor, &some, error))
            return removed;
        removed += some;
    } while (*cursor != '\0');
    return removed;
}

static void
test_orphans(SkBlobTest *t, const void *data)
{
    static const unsigned steps[] = {1, 2, 5, 100};
    int64_t now_us = g_get_real_time(), since_us;

    g_assert_true(sk_blob_store_since(t->keep, now_us - 10 * DAY_US, &since_us, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        g_autoptr(SkBlobRow) named = store(t, 300000);
        g_autofree char *new = store_orphan(t, now_us - DAY_US + 1000000);
        g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) error = NULL;

        set_age(t, named->id, now_us - 2 * DAY_US);
        for (int k = 0; k < 5; k++)
            g_ptr_array_add(old, store_orphan(t, now_us - 2 * DAY_US));
        g_assert_cmpuint(remove_all(t, t->place, now_us, steps[i], &error), ==, 5);
        g_assert_no_error(error);
        for (guint k = 0; k < old->len; k++)
            g_assert_false(exists(t, old->pdata[k]));
        g_assert_true(exists(t, named->id));
        g_assert_true(exists(t, new));
        g_assert_true(sk_blob_place_remove(t->place, new, NULL));
    }
}

/* A blob whose file lies in its row, too: nothing refers to the one at the place. */
static void
test_orphan_of_row(SkBlobTest *t, const void *data)
{
    int64_t now_us = g_get_real_time(), since_us;
    g_autoptr(SkBlobRow) row = store(t, 100);
    SkBlobSink *sink = sk_blob_place_create(t->place, row->id, NULL);

    g_assert_true(sk_blob_sink_commit(sink, NULL));
    sk_blob_sink_free(sink);
    set_age(t, row->id, now_us - 2 * DAY_US);
    g_assert_true(sk_blob_store_since(t->keep, now_us - 10 * DAY_US, &since_us, NULL));
    g_assert_cmpuint(remove_all(t, t->place, now_us, 10, NULL), ==, 1);
    g_assert_false(exists(t, row->id));
}

/* Somebody set up an empty database beside the blobs of years: not one of them goes, then or
 * later. */
static void
test_wrong_database(SkBlobTest *t, const void *data)
{
    int64_t now_us = g_get_real_time();
    g_autofree char *old = store_orphan(t, now_us - 30 * DAY_US);
    g_autofree char *recent = store_orphan(t, now_us - 2 * DAY_US);
    g_autofree char *later = NULL;

    g_assert_cmpuint(remove_all(t, t->place, now_us, 10, NULL), ==, 0);
    later = store_orphan(t, now_us + DAY_US);
    g_assert_cmpuint(remove_all(t, t->place, now_us + 10 * DAY_US, 10, NULL), ==, 1);
    g_assert_true(exists(t, old));
    g_assert_true(exists(t, recent));
    g_assert_false(exists(t, later));
}

/* Whatever fails, only orphans go, and in the end all of them. */
static void
test_orphans_faulty(SkBlobTest *t, const void *data)
{
    int64_t now_us = g_get_real_time(), since_us;
    SkFaults faults = {.every = 3};
    g_autoptr(SkBlobPlace) place = sk_faulty_blob_new(sk_blob_test_open_place(t), &faults);
    g_autoptr(SkBlobRow) named = store(t, 300000);
    char *old[6];
    bool left = true;

    g_assert_true(sk_blob_store_since(t->keep, now_us - 10 * DAY_US, &since_us, NULL));
    set_age(t, named->id, now_us - 2 * DAY_US);
    for (size_t i = 0; i < G_N_ELEMENTS(old); i++)
        old[i] = store_orphan(t, now_us - 2 * DAY_US);
    for (int round = 0; left && round < 100; round++) {
        (void)remove_all(t, place, now_us, 2, NULL);
        left = false;
        for (size_t i = 0; i < G_N_ELEMENTS(old); i++)
            left |= exists(t, old[i]);
    }
    g_assert_false(left);
    g_assert_cmpuint(faults.failed, >=, 2);
    g_assert_true(exists(t, named->id));
    for (size_t i = 0; i < G_N_ELEMENTS(old); i++)
        g_free(old[i]);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(SkBlobTest *t, const void *data);
    } cases[] = {
        {"row", test_row},
        {"row-data", test_row_data},
        {"walk", test_walk},
        {"walk-pages", test_walk_pages},
        {"stop", test_stop},
        {"orphans", test_orphans},
        {"orphan-of-row", test_orphan_of_row},
        {"wrong-database", test_wrong_database},
        {"orphans-faulty", test_orphans_faulty},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(SkBlobTest, "blob-verify", cases[i].name, set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
