/* SPDX-License-Identifier: Apache-2.0 */

/* What every engine behind port/db.h owes its callers. An engine joins by a line in
 * `engines`; nothing in the cases knows which one it is. */

#include "base/error.h"
#include "port/faulty-db.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

static SkFaults no_faults;

static SkDb *
open_sqlite(const char *path)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_sqlite_open(path, SK_STORE_FULL, &error);

    g_assert_no_error(error);
    return db;
}

static SkDb *
open_wrapped(const char *path)
{
    return sk_faulty_db_new(open_sqlite(path), &no_faults);
}

static const struct {
    const char *name;
    SkDb *(*open)(const char *path);
} engines[] = {{"sqlite", open_sqlite}, {"wrapped", open_wrapped}};

typedef struct {
    SkTestDir dir;
    char *path;
    SkDb *db;
} Fixture;

static void
run(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, sql, &error));
    g_assert_no_error(error);
}

static SkStmt *
prepare(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    SkStmt *stmt = sk_db_prepare(db, sql, &error);

    g_assert_no_error(error);
    return stmt;
}

static bool
next(SkStmt *stmt)
{
    g_autoptr(GError) error = NULL;
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, &error));
    g_assert_no_error(error);
    return row;
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = prepare(db, sql);

    g_assert_true(next(stmt));
    return sk_stmt_get_int(stmt, 0);
}

static void
set_up(Fixture *f, const void *data)
{
    const size_t *engine = data;

    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "test.db");
    f->db = engines[*engine].open(f->path);
    run(f->db, "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, n BIGINT, b BYTEA)");
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    sk_test_dir_clear(&f->dir);
    g_free(f->path);
}

static void
test_values(Fixture *f, const void *data)
{
    static const uint8_t zeros[] = {0, 255, 0, 1};
    /* Binds out of order and repeated: they go by number, not by place. */
    g_autoptr(SkStmt) add =
        prepare(f->db, "INSERT INTO t (n, b, id) VALUES ($2, $3, $1) RETURNING n + $2");
    g_autoptr(SkStmt) get = NULL;
    SkBytes blob;

    sk_stmt_bind_text(add, 1, "x'; DROP TABLE t; --");
    sk_stmt_bind_int(add, 2, INT64_MIN / 2);
    sk_stmt_bind_blob(add, 3, sk_bytes(zeros, sizeof zeros));
    g_assert_true(next(add));
    g_assert_cmpint(sk_stmt_get_int(add, 0), ==, INT64_MIN);
    g_assert_false(next(add));
    get = prepare(f->db, "SELECT id, n, b FROM t");
    g_assert_true(next(get));
    g_assert_cmpstr(sk_stmt_peek_text(get, 0), ==, "x'; DROP TABLE t; --");
    g_assert_cmpint(sk_stmt_get_int(get, 1), ==, INT64_MIN / 2);
    blob = sk_stmt_peek_blob(get, 2);
    g_assert_cmpmem(blob.data, blob.len, zeros, sizeof zeros);
    g_assert_false(next(get));
}

static void
test_nulls_and_empties(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) add = prepare(f->db, "INSERT INTO t (id, n, b) VALUES ($1, $2, $3)");
    g_autoptr(SkStmt) get = prepare(f->db, "SELECT n, b, n FROM t WHERE id = $1");

    sk_stmt_bind_text(add, 1, "");
    sk_stmt_bind_int(add, 2, 7);
    sk_stmt_bind_blob(add, 3, sk_bytes(NULL, 0));
    g_assert_true(sk_stmt_run(add, NULL));
    /* After a run nothing of the last row is left: what is not bound is NULL. */
    sk_stmt_bind_text(add, 1, "second");
    g_assert_true(sk_stmt_run(add, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t WHERE b IS NOT NULL AND n = 7"), ==, 1);
    sk_stmt_bind_text(get, 1, "second");
    g_assert_true(next(get));
    g_assert_cmpint(sk_stmt_get_int(get, 0), ==, 0);
    g_assert_cmpuint(sk_stmt_peek_blob(get, 1).len, ==, 0);
    g_assert_null(sk_stmt_peek_text(get, 2));
}

static void
test_conflict(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) add = prepare(f->db, "INSERT INTO t (id) VALUES ($1)");
    g_autoptr(GError) error = NULL;

    sk_stmt_bind_text(add, 1, "a");
    g_assert_true(sk_stmt_run(add, NULL));
    sk_stmt_bind_text(add, 1, "a");
    g_assert_false(sk_stmt_run(add, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    /* The statement was reset and serves again. */
    sk_stmt_bind_text(add, 1, "b");
    g_assert_true(sk_stmt_run(add, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 2);
}

static void
test_transactions(Fixture *f, const void *data)
{
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('gone')");
    sk_db_rollback(f->db);
    sk_db_rollback(f->db);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 0);
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('stays')");
    g_assert_true(sk_db_commit(f->db, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 1);
}

static void
test_reopen(Fixture *f, const void *data)
{
    const size_t *engine = data;

    run(f->db, "INSERT INTO t (id) VALUES ('stays')");
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('never committed')");
    sk_db_close(f->db);
    f->db = engines[*engine].open(f->path);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 1);
}

/* A reader sees what was committed when he began, and never waits for the writer. */
static void
test_isolation(Fixture *f, const void *data)
{
    const size_t *engine = data;
    g_autoptr(SkDb) other = engines[*engine].open(f->path);

    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('new')");
    g_assert_cmpint(ask(other, "SELECT count(*) FROM t"), ==, 0);
    g_assert_true(sk_db_commit(f->db, NULL));
    g_assert_cmpint(ask(other, "SELECT count(*) FROM t"), ==, 1);
}

static void
test_upsert(Fixture *f, const void *data)
{
    run(f->db, "INSERT INTO t (id, n) VALUES ('a', 1)");
    run(f->db, "INSERT INTO t (id, n) VALUES ('a', 2) ON CONFLICT (id) DO NOTHING");
    g_assert_cmpint(ask(f->db, "SELECT n FROM t"), ==, 1);
    run(f->db, "INSERT INTO t (id, n) VALUES ('a', 3)"
               " ON CONFLICT (id) DO UPDATE SET n = excluded.n");
    g_assert_cmpint(ask(f->db, "SELECT n FROM t"), ==, 3);
}

static void
test_nonsense(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_db_prepare(f->db, "SELECT nothing FROM nowhere", &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_IO);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 0);
}

typedef struct {
    int sure, maybe; /* rows that must be there, and that may be */
} Outcome;

/* Two rows in one transaction, as a caller does it. */
static void
add_pair(SkDb *db, int i, Outcome *outcome)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO t (id, n) VALUES ($1, $2)", &error);
    bool ok = add != NULL && sk_db_begin(db, &error);

    for (int k = 0; ok && k < 2; k++) {
        g_autofree char *id = g_strdup_printf("%d-%d", i, k);

        sk_stmt_bind_text(add, 1, id);
        sk_stmt_bind_int(add, 2, i);
        ok = sk_stmt_run(add, &error);
    }
    if (ok)
        ok = sk_db_commit(db, &error);
    else
        sk_db_rollback(db);
    outcome->sure += ok ? 2 : 0;
    outcome->maybe += g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN) ? 2 : 0;
}

static void
add_one(SkDb *db, int i, Outcome *outcome)
{
    g_autofree char *id = g_strdup_printf("single %d", i);
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) add = sk_db_prepare(db, "INSERT INTO t (id) VALUES ($1)", &error);
    bool ok = false;

    if (add != NULL) {
        sk_stmt_bind_text(add, 1, id);
        ok = sk_stmt_run(add, &error);
    }
    outcome->sure += ok ? 1 : 0;
    outcome->maybe += g_error_matches(error, SK_ERROR, SK_ERROR_UNCERTAIN) ? 1 : 0;
}

/* Whatever call fails, and whether before or after its effect: what was acknowledged is there,
 * what failed for certain is not, and no transaction is there by half. */
static void
test_faults(Fixture *f, const void *data)
{
    const size_t *engine = data;

    for (unsigned every = 2; every < 14; every++) {
        SkFaults faults = {.every = every};
        SkDb *db = sk_faulty_db_new(engines[*engine].open(f->path), &faults);
        Outcome outcome = {0, 0};
        int64_t rows;

        run(f->db, "DELETE FROM t");
        for (int i = 0; i < 60; i++) {
            add_pair(db, i, &outcome);
            add_one(db, i, &outcome);
        }
        sk_db_close(db);
        rows = ask(f->db, "SELECT count(*) FROM t");
        g_test_message("every %u: %u failed, %d sure, %d maybe", every, faults.failed,
                       outcome.sure, outcome.maybe);
        g_assert_cmpuint(faults.failed, >, 10);
        g_assert_cmpint(rows, ==, outcome.sure + outcome.maybe);
        g_assert_cmpint(ask(f->db, "SELECT count(*) FROM (SELECT n FROM t WHERE n IS NOT NULL"
                                   " GROUP BY n HAVING count(*) <> 2) AS halves"),
                        ==, 0);
    }
}

static void
add_cases(const size_t *engine)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"values", test_values},     {"nulls-and-empties", test_nulls_and_empties},
        {"conflict", test_conflict}, {"transactions", test_transactions},
        {"reopen", test_reopen},     {"isolation", test_isolation},
        {"upsert", test_upsert},     {"nonsense", test_nonsense},
        {"faults", test_faults},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path =
            g_strdup_printf("/store/%s/%s", engines[*engine].name, cases[i].name);

        g_test_add(path, Fixture, engine, set_up, cases[i].test, tear_down);
    }
}

int
main(int argc, char **argv)
{
    static const size_t numbers[G_N_ELEMENTS(engines)] = {0, 1};

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(engines); i++)
        add_cases(&numbers[i]);
    return g_test_run();
}
