/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-migrate.h"

#include <string.h>

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

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
    char *path;
    SkDb *db;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "a.db");
    f->db = sk_store_sqlite_open(f->path, SK_STORE_FULL, NULL);
    g_assert_nonnull(f->db);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->path);
}

static void
migrate(SkDb *db, const SkMigration *steps)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_store_migrate(db, "test", steps, &error));
    g_assert_no_error(error);
}

static void
test_steps(Fixture *f, const void *data)
{
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
test_newer(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL, same = NULL;

    migrate(f->db, second);
    g_assert_false(sk_store_migrate(f->db, "test", first, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
    g_assert_nonnull(strstr(error->message, "version 2, this program knows 1"));
    g_assert_false(sk_store_check(f->db, "test", first, &same));
    g_assert_error(same, SK_ERROR, SK_ERROR_CONFIG);
}

static void
test_failure(Fixture *f, const void *data)
{
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
test_faults(Fixture *f, const void *data)
{
    for (unsigned every = 1; every < 25; every++) {
        g_autofree char *name = g_strdup_printf("%u.db", every);
        g_autofree char *path = sk_test_dir_file(&f->dir, name);
        SkFaults faults = {.every = every, .failed = every};
        g_autoptr(SkDb) db =
            sk_faulty_db_new(sk_store_sqlite_open(path, SK_STORE_FULL, NULL), &faults);
        bool ok = sk_store_migrate(db, "test", second, NULL);

        g_assert_true(ok || faults.failed > every);
        faults.every = 0;
        migrate(db, second);
        g_assert_true(sk_db_run(db, "SELECT colour FROM thing", NULL));
    }
}

static void *
migrate_in_thread(void *path)
{
    g_autoptr(SkDb) db = sk_store_sqlite_open(path, SK_STORE_FULL, NULL);

    migrate(db, second);
    return NULL;
}

static void
test_start_together(Fixture *f, const void *data)
{
    GThread *threads[6];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("starter", migrate_in_thread, f->path);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    g_assert_true(sk_store_check(f->db, "test", second, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/store-migrate/steps", Fixture, NULL, set_up, test_steps, tear_down);
    g_test_add("/store-migrate/newer", Fixture, NULL, set_up, test_newer, tear_down);
    g_test_add("/store-migrate/failure", Fixture, NULL, set_up, test_failure, tear_down);
    g_test_add("/store-migrate/faults", Fixture, NULL, set_up, test_faults, tear_down);
    g_test_add("/store-migrate/start-together", Fixture, NULL, set_up, test_start_together,
               tear_down);
    return g_test_run();
}
