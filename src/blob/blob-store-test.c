/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-store.h"

#include "base/error.h"
#include "blob/blob-testing.h"
#include "store/store-handle.h"

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

/* Of SIZE bytes, with an id of its own that ends with LETTER. */
static SkBlobRow *
make_row(const SkBlobTest *t, uint64_t size, char letter)
{
    SkBlobRow *row = sk_blob_test_store(t, size, 1);

    memset(row->id, '0', SK_BLOB_ID_LEN);
    row->id[SK_BLOB_ID_LEN - 1] = letter;
    return row;
}

static void
must_add(const SkBlobTest *t, const SkBlobRow *row)
{
    g_autoptr(GError) error = NULL;
    bool ok = sk_blob_store_add(t->keep, row, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static SkBlobRow *
load(const SkBlobTest *t, const char *id)
{
    SkBlobRow *row = NULL;
    g_autoptr(GError) error = NULL;
    bool ok = sk_blob_store_load(t->keep, id, &row, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
    return row;
}

static void
assert_equal(const SkBlobRow *a, const SkBlobRow *b)
{
    g_assert_cmpstr(a->id, ==, b->id);
    g_assert_cmpint(a->made_us, ==, b->made_us);
    g_assert_cmpuint(a->size, ==, b->size);
    g_assert_cmpuint(a->stored_size, ==, b->stored_size);
    g_assert_cmpmem(a->digest, SK_BLOB_DIGEST_LEN, b->digest, SK_BLOB_DIGEST_LEN);
    g_assert_cmpmem(a->content, SK_BLOB_DIGEST_LEN, b->content, SK_BLOB_DIGEST_LEN);
    g_assert_cmpstr(a->seal_id, ==, b->seal_id);
    g_assert_true(g_bytes_equal(a->sealed_key, b->sealed_key));
    g_assert_cmpint(a->in_row, ==, b->in_row);
}

static void
test_round_trip(SkBlobTest *t, const void *data)
{
    static const uint64_t sizes[] = {0, 1000, 200000, 300000};

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(SkBlobRow) row = sk_blob_test_store(t, sizes[i], 3);
        g_autoptr(SkBlobRow) got = NULL;
        bool named;

        g_assert_null(load(t, row->id));
        must_add(t, row);
        got = load(t, row->id);
        assert_equal(got, row);
        g_assert_true(sk_blob_test_is_right(t, got, 3, NULL));
        g_assert_true(sk_blob_store_names(t->keep, row->id, &named, NULL));
        g_assert_cmpint(named, ==, sizes[i] == 300000);
        g_assert_true(sk_blob_store_remove(t->keep, row->id, NULL));
        g_assert_null(load(t, row->id));
        g_assert_true(sk_blob_store_remove(t->keep, row->id, NULL));
    }
}

/* What no writer makes no row can hold. */
static void
test_constraints(SkBlobTest *t, const void *data)
{
    enum {
        ID,
        SIZE,
        LARGE,
        STORED,
        SEAL_ID,
        KEY,
        DATA,
        TWICE,
        N
    };

    for (int what = 0; what < N; what++) {
        g_autoptr(SkBlobRow) row = make_row(t, 100, '1');
        g_autoptr(GError) error = NULL;
        int64_t n, bytes;

        if (what == ID)
            row->id[5] = '\0';
        else if (what == SIZE)
            row->size = (uint64_t)-1;
        else if (what == LARGE)
            row->size = row->stored_size - 39;
        else if (what == STORED)
            row->stored_size = 0;
        else if (what == SEAL_ID)
            row->seal_id[3] = '\0';
        else if (what == KEY) {
            g_bytes_unref(row->sealed_key);
            row->sealed_key = g_bytes_new_static("", 0);
        } else if (what == DATA) {
            g_bytes_unref(row->data);
            row->data = g_bytes_new_static("short", 5);
        } else
            must_add(t, row);
        g_assert_false(sk_blob_store_add(t->keep, row, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
        g_assert_true(sk_blob_store_count(t->keep, NULL, &n, &bytes, NULL));
        g_assert_cmpint(n, ==, what == TWICE);
    }
}

static void
test_list(SkBlobTest *t, const void *data)
{
    const char *letters = "0189abcz";
    char after[SK_BLOB_ID_LEN + 1] = "";
    g_autoptr(GPtrArray) rows = NULL;
    unsigned n = 0;

    for (const char *c = letters; *c != '\0'; c++) {
        g_autoptr(SkBlobRow) row = make_row(t, *c == 'b' ? 300000 : 10, *c);

        must_add(t, row);
    }
    do {
        g_clear_pointer(&rows, g_ptr_array_unref);
        g_assert_true(sk_blob_store_list(t->keep, after, 3, &rows, NULL));
        g_assert_cmpuint(rows->len, <=, 3);
        for (guint i = 0; i < rows->len; i++) {
            const SkBlobRow *row = rows->pdata[i];

            g_assert_cmpint(row->id[SK_BLOB_ID_LEN - 1], ==, letters[n]);
            g_assert_null(row->data);
            g_assert_cmpint(row->in_row, ==, letters[n] != 'b');
            g_strlcpy(after, row->id, sizeof after);
            n++;
        }
    } while (rows->len > 0);
    g_assert_cmpuint(n, ==, strlen(letters));
}

/* Rotation: the others are found, changed one by one, and nobody changes one twice. */
static void
test_reseal(SkBlobTest *t, const void *data)
{
    static const char NEW[] = "00000000000000ff";
    g_autoptr(SkBlobRow) row = make_row(t, 10, '1'), other = make_row(t, 10, '2'), got = NULL;
    g_autoptr(GPtrArray) before = NULL, after = NULL;
    g_autoptr(GError) error = NULL;
    SkBytes key = sk_bytes("sealed anew", 11);
    int64_t n, bytes;

    must_add(t, row);
    must_add(t, other);
    g_assert_true(sk_blob_store_list_other(t->keep, NEW, "", 10, &before, NULL));
    g_assert_cmpuint(before->len, ==, 2);
    g_assert_true(sk_blob_store_reseal(t->keep, row->id, row->seal_id, NEW, key, NULL));
    g_assert_false(sk_blob_store_reseal(t->keep, row->id, row->seal_id, NEW, key, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_true(sk_blob_store_list_other(t->keep, NEW, "", 10, &after, NULL));
    g_assert_cmpuint(after->len, ==, 1);
    g_assert_cmpstr(((SkBlobRow *)after->pdata[0])->id, ==, other->id);
    got = load(t, row->id);
    g_assert_cmpstr(got->seal_id, ==, NEW);
    g_assert_cmpmem(g_bytes_get_data(got->sealed_key, NULL), g_bytes_get_size(got->sealed_key),
                    key.data, key.len);
    g_assert_true(sk_blob_store_count(t->keep, NEW, &n, &bytes, NULL));
    g_assert_cmpint(n, ==, 1);
    g_assert_cmpint(bytes, ==, (int64_t)row->stored_size);
    g_assert_true(sk_blob_store_count(t->keep, NULL, &n, &bytes, NULL));
    g_assert_cmpint(n, ==, 2);
    g_assert_cmpint(bytes, ==, 2 * (int64_t)row->stored_size);
}

static void
test_count_none(SkBlobTest *t, const void *data)
{
    int64_t n = 7, bytes = 7;

    g_assert_true(sk_blob_store_count(t->keep, NULL, &n, &bytes, NULL));
    g_assert_cmpint(n, ==, 0);
    g_assert_cmpint(bytes, ==, 0);
}

/* The first answer stays. */
static void
test_since(SkBlobTest *t, const void *data)
{
    int64_t since = 0;

    g_assert_true(sk_blob_store_since(t->keep, 1000, &since, NULL));
    g_assert_cmpint(since, ==, 1000);
    g_assert_true(sk_blob_store_since(t->keep, 500, &since, NULL));
    g_assert_cmpint(since, ==, 1000);
}

/* In the transaction of whoever refers to it. */
static void
test_transaction(SkBlobTest *t, const void *data)
{
    g_autoptr(SkBlobRow) row = make_row(t, 10, '1');

    g_assert_true(sk_db_begin(t->keep, NULL));
    must_add(t, row);
    sk_db_rollback(t->keep);
    g_assert_null(load(t, row->id));
}

/* Who looks for orphans may have seen the blob and no row for it, and be about to remove it. */
static void
test_too_late(SkBlobTest *t, const void *data)
{
    g_autoptr(SkBlobRow) at_place = sk_blob_test_store(t, 300000, 1);
    g_autoptr(SkBlobRow) in_row = sk_blob_test_store(t, 100, 1);
    g_autoptr(GError) error = NULL;

    at_place->made_us -= 13 * 3600 * INT64_C(1000000);
    in_row->made_us = 1;
    g_assert_false(sk_blob_store_add(t->keep, at_place, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
    g_assert_null(load(t, at_place->id));
    at_place->made_us += 2 * 3600 * INT64_C(1000000);
    must_add(t, at_place);
    must_add(t, in_row);
}

static char *last_sql;

static SkStmt *
prepare_and_note(SkDb *db, const char *sql, GError **error)
{
    g_free(last_sql);
    last_sql = g_strdup(sql);
    return sk_sqlite_engine.prepare(db, sql, error);
}

static void
expect_index_only(SkDb *keep, const char *seal_id)
{
    SkDbEngine calls = sk_sqlite_engine;
    g_autofree char *explain = NULL;
    g_autoptr(SkStmt) stmt = NULL;
    int64_t n, bytes;
    bool row;

    calls.prepare = prepare_and_note;
    keep->engine = &calls;
    g_assert_true(sk_blob_store_count(keep, seal_id, &n, &bytes, NULL));
    keep->engine = &sk_sqlite_engine;
    explain = g_strconcat("EXPLAIN QUERY PLAN ", last_sql, NULL);
    stmt = sk_db_prepare(keep, explain, NULL);
    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    g_test_message("%s", sk_stmt_peek_text(stmt, 3));
    g_assert_nonnull(strstr(sk_stmt_peek_text(stmt, 3), "USING COVERING INDEX blob_seal"));
    g_clear_pointer(&last_sql, g_free);
}

/* Of SQLite only: rows may be as large as SK_LIMIT_BLOB_IN_ROW, and counting them is done for
 * people, and while the clerk has the database's write lock. */
static void
test_plan(void)
{
    static const SkTestEngine sqlite = SK_TEST_SQLITE;
    g_auto(SkBlobTest) t = {0};

    sk_blob_test_init(&t, &sqlite);
    expect_index_only(t.keep, NULL);
    expect_index_only(t.keep, "0123456789abcdef");
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(SkBlobTest *t, const void *data);
    } cases[] = {
        {"round-trip", test_round_trip},
        {"constraints", test_constraints},
        {"list", test_list},
        {"reseal", test_reseal},
        {"count-none", test_count_none},
        {"since", test_since},
        {"transaction", test_transaction},
        {"too-late", test_too_late},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(SkBlobTest, "blob-store", cases[i].name, set_up, cases[i].test,
                         tear_down);
    g_test_add_func("/blob-store/plan", test_plan);
    return sk_test_postgres_run_tests();
}
