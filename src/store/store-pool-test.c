/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-pool.h"

#include "base/error.h"
#include "store/store-postgres-testing.h"

static const SkMigration steps[] = {
    {1, "things", "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY)"},
    {0},
};
static const SkTables tables = {.name = "test", .database = SK_KEEP, .steps = steps};
static const SkTables *const all[] = {&tables, NULL};

typedef struct {
    SkTestDir dir;
    char *url;
    SkStore *store;
    SkStorePool *pool; /* of two */
} Fixture;

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL;
    SkDb *owner;

    sk_test_dir_init(&f->dir);
    f->url = *(const SkTestEngine *)data == SK_TEST_POSTGRES
                 ? sk_test_postgres_database()
                 : g_strconcat("sqlite:", f->dir.path, NULL);
    f->store = sk_test_store_new(f->url, NULL, "sekisho-test", all, &error);
    g_assert_no_error(error);
    owner = sk_store_open(f->store, SK_KEEP, SK_STORE_OWNER, &error);
    g_assert_no_error(error);
    sk_db_close(owner);
    f->pool = sk_store_pool_new(f->store, SK_KEEP, SK_STORE_WRITE, 2);
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;

    sk_store_pool_free(f->pool);
    sk_store_free(f->store);
    sk_test_dir_clear(&f->dir);
    g_free(f->url);
}

static SkDb *
take(Fixture *f)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_pool_take(f->pool, 60000, &error);

    g_assert_no_error(error);
    return db;
}

static void
test_bound(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL;
    SkDb *first = take(f), *second = take(f);

    g_assert_true(first != second);
    g_assert_null(sk_store_pool_take(f->pool, 1, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_TIMEOUT);
    sk_store_pool_give(f->pool, second);
    g_assert_true(take(f) == second);
    sk_store_pool_give(f->pool, first);
    sk_store_pool_give(f->pool, second);
    g_assert_cmpuint(sk_store_pool_count(f->pool), ==, 2);
}

static void
test_left_in_transaction(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkDb *db = take(f);

    g_assert_true(sk_db_begin(db, NULL));
    g_assert_true(sk_db_run(db, "INSERT INTO thing (id) VALUES ('never committed')", NULL));
    sk_store_pool_give(f->pool, db);
    db = take(f);
    g_assert_true(sk_db_run(db, "INSERT INTO thing (id) VALUES ('never committed')", NULL));
    sk_store_pool_give(f->pool, db);
}

static void
test_tidy(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkDb *first = take(f), *second = take(f);

    sk_store_pool_give(f->pool, first);
    sk_store_pool_tidy(f->pool, 3600 * 1000);
    g_assert_cmpuint(sk_store_pool_count(f->pool), ==, 2);
    /* Never one that is lent. */
    sk_store_pool_tidy(f->pool, 0);
    g_assert_cmpuint(sk_store_pool_count(f->pool), ==, 1);
    first = take(f);
    g_assert_true(sk_db_run(first, "SELECT id FROM thing", NULL));
    sk_store_pool_give(f->pool, first);
    sk_store_pool_give(f->pool, second);
}

static void *
use_often(void *data)
{
    Fixture *f = data;

    for (int i = 0; i < 20; i++) {
        SkDb *db = take(f);
        g_autofree char *id = g_strdup_printf("%p %d", (void *)g_thread_self(), i);
        g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO thing (id) VALUES ($1)", NULL);

        sk_stmt_bind_text(add, 1, id);
        g_assert_true(sk_stmt_run(add, NULL));
        sk_stmt_free(g_steal_pointer(&add));
        g_assert_cmpuint(sk_store_pool_count(f->pool), <=, 2);
        sk_store_pool_give(f->pool, db);
    }
    return NULL;
}

static void
test_threads(void *fixture, const void *data)
{
    Fixture *f = fixture;
    GThread *threads[6];
    g_autoptr(SkStmt) count = NULL;
    bool row = false;
    SkDb *db;

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("user", use_often, f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    db = take(f);
    count = sk_db_prepare(db, "SELECT count(*) FROM thing", NULL);
    g_assert_true(sk_stmt_next(count, &row, NULL));
    g_assert_cmpint(sk_stmt_get_int(count, 0), ==, 120);
    sk_stmt_free(g_steal_pointer(&count));
    sk_store_pool_give(f->pool, db);
}

/* What cannot be opened is not counted: another may be tried at once. */
static void
test_unopenable(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkStore) store =
        sk_test_store_new("sqlite:/nowhere/deeper", NULL, "sekisho-test", all, NULL);
    g_autoptr(SkStorePool) pool = sk_store_pool_new(store, SK_KEEP, SK_STORE_READ, 1);

    g_assert_nonnull(f->pool);
    for (int i = 0; i < 3; i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(sk_store_pool_take(pool, 60000, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
        g_assert_cmpuint(sk_store_pool_count(pool), ==, 0);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SkTestFunc test;
    } cases[] = {
        {"bound", test_bound},
        {"left-in-transaction", test_left_in_transaction},
        {"tidy", test_tidy},
        {"threads", test_threads},
        {"unopenable", test_unopenable},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        sk_test_add_both("store-pool", cases[i].name, sizeof(Fixture), set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
