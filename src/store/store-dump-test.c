/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-dump.h"

#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "store/store-postgres-testing.h"
#include "store/store-postgres.h"

typedef struct {
    SkTestDir dir;
    char *url, *other, *file;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    static const char *const made[] = {
        "CREATE SCHEMA keep",
        "CREATE SCHEMA know",
        "CREATE SCHEMA mine",
        "CREATE TABLE keep.thing (id TEXT NOT NULL PRIMARY KEY, b BYTEA)",
        "CREATE TABLE know.login (n BIGINT NOT NULL)",
        "CREATE TABLE mine.secret (n BIGINT)",
        "INSERT INTO keep.thing (id, b) VALUES ('a', '\\x00ff'), ('\xe8\xad\xb0\xe4\xba\x8b', "
        "NULL)",
        "INSERT INTO know.login (n) SELECT * FROM generate_series(1, 1000)",
    };

    sk_test_dir_init(&f->dir);
    f->file = sk_test_dir_file(&f->dir, "store.dump");
    f->url = sk_test_postgres_database();
    f->other = sk_test_postgres_database();
    for (size_t i = 0; i < G_N_ELEMENTS(made); i++)
        sk_test_postgres_run(f->url, made[i]);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_test_dir_clear(&f->dir);
    g_free(f->url);
    g_free(f->other);
    g_free(f->file);
}

static int64_t
ask(const char *url, const char *sql)
{
    const SkPostgresOptions options = {
        .url = url, .program = "test", .schema = "keep", .owner = true};
    g_autoptr(GError) error = NULL;
    g_autoptr(SkDb) db = sk_store_postgres_open(&options, &error);
    g_autoptr(SkStmt) stmt = NULL;
    bool row = false;

    g_assert_no_error(error);
    stmt = sk_db_prepare(db, sql, &error);
    g_assert_no_error(error);
    g_assert_true(sk_stmt_next(stmt, &row, &error));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static SkDumpServer
at(const char *url)
{
    return (SkDumpServer){.url = url};
}

static void
dump(Fixture *f, SkFileSum *ret_sum)
{
    const SkDumpServer server = at(f->url);
    g_autoptr(GError) error = NULL;
    bool ok = sk_store_dump(&server, f->file, ret_sum, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static void
expect_empty(const char *url)
{
    const SkDumpServer server = at(url);
    g_autoptr(GError) error = NULL;
    bool ok = sk_store_dump_check_free(&server, &error);

    g_assert_no_error(error);
    g_assert_true(ok);
}

static void
test_there_and_back(Fixture *f, const void *data)
{
    const SkDumpServer from = at(f->url), to = at(f->other);
    g_autoptr(GError) error = NULL, taken = NULL, twice = NULL, exists = NULL;
    SkFileSum sum, found;
    struct stat st;
    bool ok;

    dump(f, &sum);
    g_assert_cmpint(stat(f->file, &st), ==, 0);
    g_assert_cmpint(st.st_mode & 07777, ==, 0600);
    g_assert_true(sk_file_sum(f->file, NULL, NULL, &found, NULL));
    g_assert_true(sk_file_sum_equal(&sum, &found));
    g_assert_false(sk_store_dump(&from, f->file, &sum, &exists));
    g_assert_error(exists, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_false(sk_store_dump_check_free(&from, &taken));
    g_assert_error(taken, SK_ERROR, SK_ERROR_CONFLICT);
    expect_empty(f->other);
    ok = sk_store_dump_restore(&to, f->file, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    g_assert_cmpint(ask(f->other, "SELECT count(*) FROM keep.thing"), ==, 2);
    g_assert_cmpint(ask(f->other, "SELECT sum(n)::bigint FROM know.login"), ==, 500500);
    /* What is not ours stays where it is. */
    g_assert_cmpint(ask(f->other, "SELECT count(*) FROM pg_namespace WHERE nspname = 'mine'"),
                    ==, 0);
    g_assert_false(sk_store_dump_restore(&to, f->file, &twice));
    g_test_message("%s", twice->message);
    g_assert_error(twice, SK_ERROR, SK_ERROR_IO);
    g_assert_nonnull(strstr(twice->message, "already exists"));
    g_assert_cmpint(ask(f->other, "SELECT count(*) FROM know.login"), ==, 1000);
}

static void
test_damaged(Fixture *f, const void *data)
{
    const SkDumpServer to = at(f->other);
    g_autoptr(GError) error = NULL;
    SkFileSum sum;

    dump(f, &sum);
    g_assert_cmpint(truncate(f->file, (off_t)sum.size - 100), ==, 0);
    g_assert_false(sk_store_dump_restore(&to, f->file, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    expect_empty(f->other);
}

static void
test_no_program(Fixture *f, const void *data)
{
    const SkDumpServer from = at(f->url);
    g_autofree char *path = g_strdup(g_getenv("PATH"));
    g_autoptr(GError) error = NULL;
    SkFileSum sum;

    g_setenv("PATH", f->dir.path, TRUE);
    g_assert_false(sk_store_dump(&from, f->file, &sum, &error));
    g_setenv("PATH", path, TRUE);
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(error->message, "postgresql-client"));
    g_assert_cmpint(access(f->file, F_OK), !=, 0);
}

static void
test_no_server(Fixture *f, const void *data)
{
    const SkDumpServer from = at("postgresql:///nowhere?host=/nonexistent");
    g_autoptr(GError) error = NULL;
    SkFileSum sum;

    g_assert_false(sk_store_dump(&from, f->file, &sum, &error));
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "nowhere"));
    g_assert_cmpint(access(f->file, F_OK), !=, 0);
}

static void
skip(void)
{
    (void)sk_test_postgres_or_skip();
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"/store-dump/there-and-back", test_there_and_back},
        {"/store-dump/damaged", test_damaged},
        {"/store-dump/no-program", test_no_program},
        {"/store-dump/no-server", test_no_server},
    };

    g_test_init(&argc, &argv, NULL);
    if (!sk_test_postgres_is_installed()) {
        g_test_add_func("/store-dump", skip);
        return g_test_run();
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_test_add(cases[i].name, Fixture, NULL, set_up, cases[i].test, tear_down);
    return sk_test_postgres_run_tests();
}
