/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store-bench-commit bare|port full|normal FILE SECONDS: commits of one row, as fast as they go
 * store-bench-commit port URL SECONDS: the same on a server
 * store-bench-commit group FILE SECONDS: what a gate does to know: 20 rows each 5 ms
 */

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/random.h"
#include "store/store-bench-fixture.h"
#include "store/store-postgres.h"
#include "store/store-sqlite.h"

static const char SQL_MAKE[] =
    "CREATE TABLE IF NOT EXISTS bench (id BIGINT NOT NULL PRIMARY KEY, note TEXT NOT NULL)";
static const char SQL_ADD[] = "INSERT INTO bench (id, note) VALUES ($1, $2)";
static const char NOTE[] = "a row of about the size of a job that waits to be done by someone";

static int64_t
new_id(void)
{
    int64_t id;

    sk_random_fill(&id, sizeof id);
    return id;
}

static void
must(int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        g_error("SQLite: %s", sqlite3_errstr(rc));
}

/* The loop one would write by hand, with the pragmas of store-sqlite. */
static int
bare(const char *level, const char *path, double seconds)
{
    g_autofree char *pragmas =
        g_strconcat("PRAGMA journal_mode = WAL; PRAGMA synchronous = ", level,
                    "; PRAGMA journal_size_limit = 67108864; ", SQL_MAKE, NULL);
    sqlite3 *db;
    sqlite3_stmt *add;
    BenchRun run;
    int64_t start;

    must(sqlite3_open(path, &db));
    must(sqlite3_exec(db, pragmas, NULL, NULL, NULL));
    must(sqlite3_prepare_v2(db, SQL_ADD, -1, &add, NULL));
    bench_begin(&run, seconds);
    do {
        start = g_get_monotonic_time();
        must(sqlite3_bind_int64(add, 1, new_id()));
        must(sqlite3_bind_text(add, 2, NOTE, -1, SQLITE_STATIC));
        must(sqlite3_step(add));
        must(sqlite3_reset(add));
    } while (bench_more(&run, start));
    bench_end(&run);
    must(sqlite3_finalize(add));
    must(sqlite3_close(db));
    return 0;
}

static void
add_row(SkStmt *add)
{
    g_autoptr(GError) error = NULL;

    sk_stmt_bind_int(add, 1, new_id());
    sk_stmt_bind_text(add, 2, NOTE);
    if (!sk_stmt_run(add, &error))
        g_error("%s", error->message);
}

static void
run_port(SkDb *db, double seconds)
{
    g_autoptr(SkStmt) add = NULL;
    BenchRun run;
    int64_t start;

    g_assert_true(sk_db_run(db, SQL_MAKE, NULL));
    add = sk_db_prepare(db, SQL_ADD, NULL);
    g_assert_nonnull(add);
    bench_begin(&run, seconds);
    do {
        start = g_get_monotonic_time();
        add_row(add);
    } while (bench_more(&run, start));
    bench_end(&run);
}

static void
run_groups(SkDb *db, double seconds)
{
    g_autoptr(SkStmt) add = NULL;
    BenchRun run;
    int64_t start;

    g_assert_true(sk_db_run(db, SQL_MAKE, NULL));
    add = sk_db_prepare(db, SQL_ADD, NULL);
    g_assert_nonnull(add);
    bench_begin(&run, seconds);
    do {
        g_usleep(5000);
        start = g_get_monotonic_time();
        g_assert_true(sk_db_begin(db, NULL));
        for (int i = 0; i < 20; i++)
            add_row(add);
        g_assert_true(sk_db_commit(db, NULL));
    } while (bench_more(&run, start));
    bench_end(&run);
}

static SkDb *
open_file(const char *path, SkStoreDurability durability)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_sqlite_open(path, durability, &error);

    if (db == NULL)
        g_error("%s", error->message);
    return db;
}

static SkDb *
open_server(const char *url)
{
    SkPostgresOptions options = {.url = url, .program = "sekisho-bench", .schema = "public"};
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_postgres_open(&options, &error);

    if (db == NULL)
        g_error("%s", error->message);
    return db;
}

int
main(int argc, char **argv)
{
    g_autoptr(SkDb) db = NULL;
    double seconds = argc > 1 ? strtod(argv[argc - 1], NULL) : 0;

    if (argc == 5 && strcmp(argv[1], "bare") == 0)
        return bare(argv[2], argv[3], seconds);
    if (argc == 5)
        db = open_file(argv[3], strcmp(argv[2], "full") == 0 ? SK_STORE_FULL : SK_STORE_NORMAL);
    else if (strcmp(argv[1], "group") == 0)
        db = open_file(argv[2], SK_STORE_NORMAL);
    else
        db = open_server(argv[2]);
    if (strcmp(argv[1], "group") == 0)
        run_groups(db, seconds);
    else
        run_port(db, seconds);
    return 0;
}
