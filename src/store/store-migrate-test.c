/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-migrate.h"

#include <string.h>

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-postgres-testing.h"

static const SkMigration first[] = {
    {1, "things",
     "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY);\n"
     "INSERT INTO thing (id) VALUES ('a');"},
    {0},
};
static const SkMigration second[] = {
    {1, "things",
     "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY);\n"
     "INSERT INTO thing (id) VALUES ('a');"},
    {2, "colours",
     "ALTER TABLE thing ADD COLUMN colour TEXT;"
     "UPDATE thing SET colour = 'red'"},
    {0},
};
static const SkMigration broken[] = {
    {1, "things",
     "CREATE TABLE thing (id TEXT NOT NULL PRIMARY KEY);\n"
     "INSERT INTO thing (id) VALUES ('a');"},
    {2, "nonsense", "DELETE FROM thing; INSERT INTO nowhere (x) VALUES (1)"},
    {0},
};

typedef struct {
    SkTestDir dir;
    SkTestEngine engine;
    char *place;
    SkDb *db;
} Fixture;

static SkDb *
open_db(const char *place)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_test_place_open(place, &error);

    g_assert_no_error(error);
    return db;
}

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;

    sk_test_dir_init(&f->dir);
    f->engine = *(const SkTestEngine *)data;
    f->place = sk_test_place_new(f->engine, &f->dir, "a.db");
    f->db = open_db(f->place);
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;

    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static void
migrate(SkDb *db, const SkMigration *steps)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_store_migrate(db, "test", steps, &error));
    g_assert_no_error(error);
}

static void
test_steps(void *fixture, const void *data)
{
    Fixture *f = fixture;
    migrate(f->db, first);
    g_assert_true(sk_store_check(f->db, "test", first, NULL));
    g_assert_false(sk_store_check(f->db, "test", second, NULL));
    migrate(f->db, first);
    migrate(f->db, second);
    g_assert_true(sk_db_run(f->db, "SELECT colour FROM thing", NULL));
    g_assert_true(sk_store_check(f->db, "test", second, NULL));
    /* Another module counts for itself. */
    g_assert_false(sk_store_check(f->db, "other", second, NULL));
}

static void
test_newer(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL, same = NULL;

    migrate(f->db, second);
    g_assert_false(sk_store_migrate(f->db, "test", first, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "version 2, this program knows 1"));
    g_assert_false(sk_store_check(f->db, "test", first, &same));
    g_assert_error(same, SK_ERROR, SK_ERROR_CONFIG);
}

static void
test_failure(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) count = NULL;
    bool row = false;

    migrate(f->db, first);
    g_assert_false(sk_store_migrate(f->db, "test", broken, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "step 2 of \"test\" (nonsense) failed"));
    g_assert_true(sk_store_check(f->db, "test", first, NULL));
    count = sk_db_prepare(f->db, "SELECT count(*) FROM thing", NULL);
    g_assert_true(sk_stmt_next(count, &row, NULL));
    g_assert_cmpint(sk_stmt_get_int(count, 0), ==, 1);
}

/* Whichever call fails, a second start finds a database it can go on with. */
static void
test_faults(void *fixture, const void *data)
{
    Fixture *f = fixture;
    /* A database of a server takes its time to make. */
    unsigned step = f->engine == SK_TEST_POSTGRES ? 3 : 1;

    for (unsigned every = 1; every < 25; every += step) {
        g_autofree char *name = g_strdup_printf("%u.db", every);
        g_autofree char *place = sk_test_place_new(f->engine, &f->dir, name);
        SkFaults faults = {.every = every, .failed = every};
        g_autoptr(SkDb) db = sk_faulty_db_new(open_db(place), &faults);
        bool ok = sk_store_migrate(db, "test", second, NULL);

        g_assert_true(ok || faults.failed > every);
        faults.every = 0;
        migrate(db, second);
        g_assert_true(sk_db_run(db, "SELECT colour FROM thing", NULL));
    }
}

static void *
migrate_in_thread(void *place)
{
    g_autoptr(SkDb) db = open_db(place);

    migrate(db, second);
    return NULL;
}

static void
test_start_together(void *fixture, const void *data)
{
    Fixture *f = fixture;
    GThread *threads[6];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("starter", migrate_in_thread, f->place);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_true(sk_store_check(f->db, "test", second, NULL));
}

/* Of a damaged file, or by somebody's hand. */
static void
test_damaged_version(void *fixture, const void *data)
{
    static const char *const damages[] = {
        "UPDATE schema_version SET version = -5",
        "UPDATE schema_version SET version = 4294967297",
    };
    Fixture *f = fixture;

    migrate(f->db, second);
    for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) again = NULL;

        g_assert_true(sk_db_run(f->db, damages[i], NULL));
        g_assert_false(sk_store_migrate(f->db, "test", second, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, SK_ERROR_IO);
        g_assert_false(sk_store_check(f->db, "test", second, &again));
        g_assert_error(again, SK_ERROR, SK_ERROR_IO);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SkTestFunc test;
    } cases[] = {
        {"steps", test_steps},
        {"newer", test_newer},
        {"damaged-version", test_damaged_version},
        {"failure", test_failure},
        {"faults", test_faults},
        {"start-together", test_start_together},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        sk_test_add_both("store-migrate", cases[i].name, sizeof(Fixture), set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
