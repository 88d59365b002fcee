/* SPDX-License-Identifier: Apache-2.0 */

/* Storing and reading files at a place, and in a database, that fail at every call. */

#include "base/error.h"
#include "blob/blob-testing.h"
#include "blob/blob-verify.h"
#include "port/faulty-blob.h"

static const uint64_t sizes[] = {100, 300000, 700000, 1500000};

typedef struct {
    SkBlobTest *t;
    SkBlobPlace *place;
    SkDb *keep;
    unsigned sure, maybe;
} Run;

static bool
add_row(SkDb *keep, void *row, GError **error)
{
    return sk_blob_store_add(keep, row, error);
}

/* As a program does it: the blob, then its row in a transaction. */
static void
store_one(Run *run, unsigned i)
{
    uint64_t size = sizes[i % G_N_ELEMENTS(sizes)];
    g_autoptr(GError) error = NULL;
    g_autoptr(SkBlobRow) row =
        sk_blob_test_put(run->place, &run->t->site, size, 1, 100000, &error);

    if (row == NULL)
        return;
    if (sk_db_transact(run->keep, add_row, row, &error))
        run->sure++;
    else
        run->maybe += g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN);
}

/* No row refers to a blob that is not whole and right. */
static unsigned
check_rows(SkBlobTest *t)
{
    g_autoptr(GPtrArray) rows = NULL;

    g_assert_true(sk_blob_store_list(t->keep, "", 1000, &rows, NULL));
    for (guint i = 0; i < rows->len; i++) {
        const SkBlobRow *listed = rows->pdata[i];
        g_autoptr(SkBlobRow) row = NULL;
        g_autoptr(GError) error = NULL;
        SkBlobState state = SK_BLOB_MISSING;

        g_assert_true(sk_blob_store_load(t->keep, listed->id, &row, NULL));
        g_assert_true(sk_blob_verify_row(t->place, row, &state, NULL));
        g_assert_cmpint(state, ==, SK_BLOB_FINE);
        g_assert_true(sk_blob_test_is_right(t, row, 1, &error));
        g_assert_no_error(error);
        g_assert_true(sk_blob_store_remove(t->keep, row->id, NULL));
    }
    return rows->len;
}

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

static void
test_store(SkBlobTest *t, const void *data)
{
    for (unsigned every = 2; every < 14; every++) {
        SkFaults at_place = {.every = every}, at_keep = {.every = every + 1};
        Run run = {.t = t,
                   .place = sk_faulty_blob_new(sk_blob_test_open_place(t), &at_place),
                   .keep = sk_faulty_db_new(sk_blob_test_open_keep(t), &at_keep)};
        unsigned rows;

        for (unsigned i = 0; i < 24; i++)
            store_one(&run, i);
        sk_blob_place_close(run.place);
        sk_db_close(run.keep);
        rows = check_rows(t);
        g_test_message(
            "every %u: %u failed at the place, %u in the database; %u sure, %u maybe", every,
            at_place.failed, at_keep.failed, run.sure, run.maybe);
        g_assert_cmpuint(at_place.failed + at_keep.failed, >, 5);
        g_assert_cmpuint(rows, ==, run.sure + run.maybe);
    }
}

/* Reading through a place that fails is an error or right, and never anything else. */
static void
test_read(void)
{
    g_auto(SkBlobTest) t = {NULL};
    g_autoptr(SkBlobRow) row = NULL;
    SkBlobPlace *sound;
    unsigned right = 0, failed = 0;

    sk_blob_test_init(&t, NULL);
    row = sk_blob_test_store(&t, 1500000, 1);
    sound = t.place;
    for (unsigned every = 2; every < 14; every++) {
        SkFaults faults = {.every = every};

        t.place = sk_faulty_blob_new(sk_blob_test_open_place(&t), &faults);
        for (int i = 0; i < 10; i++) {
            g_autoptr(GError) error = NULL;
            bool ok = sk_blob_test_is_right(&t, row, 1, &error);

            g_assert_true(ok != (error != NULL));
            if (error != NULL)
                g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
            right += ok;
            failed += !ok;
        }
        sk_blob_place_close(t.place);
    }
    t.place = sound;
    g_test_message("%u right, %u failed", right, failed);
    g_assert_cmpuint(right, >, 20);
    g_assert_cmpuint(failed, >, 20);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    SK_TEST_ADD_BOTH(SkBlobTest, "blob-faults", "store", set_up, test_store, tear_down);
    g_test_add_func("/blob-faults/read", test_read);
    return sk_test_postgres_run_tests();
}
