/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-postgres.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "store/store-postgres-private.h"
#include "store/store-postgres-testing.h"

typedef struct {
    char *url;
    SkDb *db;
} Fixture;

static SkPostgresOptions
options_for(const char *url)
{
    return (SkPostgresOptions){.url = url, .program = "sekisho-test", .schema = "public"};
}

static SkDb *
open_with(const SkPostgresOptions *options)
{
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_postgres_open(options, &error);

    g_assert_no_error(error);
    return db;
}

static SkDb *
open_more(const Fixture *f)
{
    SkPostgresOptions options = options_for(f->url);

    return open_with(&options);
}

static void
run(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    if (!sk_db_run(db, sql, &error))
        g_assert_no_error(error);
}

/* Fails with CODE and TEXT in what it says. */
static void
run_badly(SkDb *db, const char *sql, int code, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_false(sk_db_run(db, sql, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, code);
    g_assert_nonnull(strstr(error->message, text));
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, &error);
    bool row = false;

    g_assert_no_error(error);
    if (!sk_stmt_next(stmt, &row, &error))
        g_assert_no_error(error);
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static void
set_up(Fixture *f, const void *data)
{
    f->url = sk_test_postgres_database();
    f->db = open_more(f);
    run(f->db, "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, n BIGINT)");
    run(f->db, "INSERT INTO t (id, n) VALUES ('a', 0), ('b', 0)");
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_db_close(f->db);
    g_free(f->url);
}

static void
test_codes(Fixture *f, const void *data)
{
    static const struct {
        const char *state;
        SkError code, committing;
    } cases[] = {
        {"23505", SK_ERROR_CONFLICT, SK_ERROR_CONFLICT},
        {"22021", SK_ERROR_CONFLICT, SK_ERROR_CONFLICT},
        {"40001", SK_ERROR_AGAIN, SK_ERROR_AGAIN},
        {"40P01", SK_ERROR_AGAIN, SK_ERROR_AGAIN},
        {"40002", SK_ERROR_AGAIN, SK_ERROR_AGAIN},
        {"40003", SK_ERROR_UNCERTAIN, SK_ERROR_UNCERTAIN},
        {"55P03", SK_ERROR_TIMEOUT, SK_ERROR_TIMEOUT},
        {"57014", SK_ERROR_TIMEOUT, SK_ERROR_TIMEOUT},
        {"53100", SK_ERROR_LIMIT, SK_ERROR_LIMIT},
        {"53200", SK_ERROR_LIMIT, SK_ERROR_LIMIT},
        {"53300", SK_ERROR_TIMEOUT, SK_ERROR_TIMEOUT},
        {"54000", SK_ERROR_LIMIT, SK_ERROR_LIMIT},
        {"42501", SK_ERROR_DENIED, SK_ERROR_DENIED},
        {"28P01", SK_ERROR_DENIED, SK_ERROR_DENIED},
        {"42P01", SK_ERROR_IO, SK_ERROR_IO},
        {"XX000", SK_ERROR_IO, SK_ERROR_IO},
        {"57P01", SK_ERROR_AGAIN, SK_ERROR_UNCERTAIN},
        {"08006", SK_ERROR_AGAIN, SK_ERROR_UNCERTAIN},
        {NULL, SK_ERROR_AGAIN, SK_ERROR_UNCERTAIN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].state);
        g_assert_cmpint(sk_postgres_code_of(cases[i].state, false), ==, cases[i].code);
        g_assert_cmpint(sk_postgres_code_of(cases[i].state, true), ==, cases[i].committing);
    }
}

static void
test_urls(Fixture *f, const void *data)
{
    static const struct {
        const char *url;
        const char *text;
    } cases[] = {
        {"postgresql://db.example.com", "names no database"},
        {"postgresql://db.example.com:port/sekisho/x?y", "no URL of a PostgreSQL"},
        {"postgresql://db.example.com/sekisho?nonsense=1", "no URL of a PostgreSQL"},
        {"http://db.example.com/sekisho", "no URL of a PostgreSQL"},
        {"postgresql://sekisho:hunter2@db.example.com/sekisho", "password_dir"},
        {"postgresql://db.example.com/sekisho?password=hunter2", "password_dir"},
        {"postgresql://db.example.com/sekisho?sslpassword=hunter2", "password_dir"},
        {"postgresql://sekisho:hunter2@db.example.com/%zz", "no URL of a PostgreSQL"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(sk_store_postgres_check_url(cases[i].url, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, cases[i].text));
        g_assert_null(strstr(error->message, "hunter2"));
    }
    g_assert_true(sk_store_postgres_check_url(
        "postgresql://sekisho_gate@db.example.com:5433,db2.example.com/"
        "sekisho?sslmode=verify-full",
        NULL));
}

static void
assert_refused(const SkPostgresOptions *options, int code, const char *text)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_store_postgres_open(options, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, code);
    g_assert_nonnull(strstr(error->message, text));
}

static void
test_unreachable(Fixture *f, const void *data)
{
    g_autofree char *admin = sk_test_postgres_url_of(f->url, "nobody");
    g_autofree char *missing =
        g_strdup_printf("postgresql://postgres@/nowhere?host=%s", sk_test_postgres_folder());
    const struct {
        const char *url;
        int code;
        const char *text;
    } cases[] = {
        {"postgresql://127.0.0.1:1/sekisho", SK_ERROR_TIMEOUT, "see whether the server runs"},
        {"postgresql:///sekisho?host=/nowhere", SK_ERROR_TIMEOUT,
         "see whether the server runs"},
        {missing, SK_ERROR_NOT_FOUND, "no such database"},
        {admin, SK_ERROR_DENIED, "does not let role nobody in"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkPostgresOptions options = options_for(cases[i].url);

        assert_refused(&options, cases[i].code, cases[i].text);
    }
}

/* The database "secret" asks for passwords. */
static void
test_passwords(Fixture *f, const void *data)
{
    g_autofree char *secret =
        g_strdup_printf("postgresql:///secret?host=%s", sk_test_postgres_folder());
    g_auto(SkTestDir) dir = {NULL};
    g_autofree char *file = NULL;
    g_autoptr(SkDb) db = NULL;
    SkPostgresOptions options = options_for(secret);

    sk_test_postgres_run(f->url, "CREATE DATABASE secret");
    sk_test_postgres_run(f->url, "CREATE ROLE somebody LOGIN PASSWORD 'hunter2'");
    sk_test_dir_init(&dir);
    file = sk_test_dir_file(&dir, "somebody");
    options.user = "somebody";
    assert_refused(&options, SK_ERROR_DENIED, "[store] password_dir");
    options.password_dir = dir.path;
    assert_refused(&options, SK_ERROR_CONFIG, file);
    g_assert_true(g_file_set_contents(file, "wrong\n", -1, NULL));
    assert_refused(&options, SK_ERROR_DENIED, file);
    g_assert_true(g_file_set_contents(file, "hunter2\r\nsecond line\n", -1, NULL));
    db = open_with(&options);
    g_assert_cmpint(ask(db, "SELECT 1 WHERE current_user = 'somebody'"), ==, 1);
    sk_test_postgres_run(f->url, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                                 " WHERE usename = 'somebody'");
    /* The file is read again: the password may have been changed in the meantime. */
    g_assert_true(g_file_set_contents(file, "wrong again\n", -1, NULL));
    run_badly(db, "SELECT 1", SK_ERROR_DENIED, file);
    g_assert_true(g_file_set_contents(file, "hunter2", -1, NULL));
    g_assert_cmpint(ask(db, "SELECT 2"), ==, 2);
}

static void
test_session(Fixture *f, const void *data)
{
    SkPostgresOptions options = options_for(f->url);
    g_autoptr(SkDb) reader = NULL;

    options.read_only = true;
    reader = open_with(&options);
    run_badly(reader, "DELETE FROM t", SK_ERROR_DENIED, "read-only");
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM pg_stat_activity"
                               " WHERE application_name = 'sekisho-test'"),
                    ==, 2);
    g_assert_cmpint(ask(f->db, "SELECT 1 WHERE current_setting('statement_timeout') = '30s'"
                               " AND current_setting('lock_timeout') = '5s'"
                               " AND current_setting('search_path') = 'public'"
                               " AND current_setting('client_encoding') = 'UTF8'"),
                    ==, 1);
}

static void
test_timeouts(Fixture *f, const void *data)
{
    SkPostgresOptions options = options_for(f->url);
    g_autoptr(SkDb) hasty = NULL;

    options.statement_ms = 300;
    options.wait_ms = 20;
    hasty = open_with(&options);
    run_badly(hasty, "SELECT pg_sleep(60)", SK_ERROR_TIMEOUT, "statement timeout");
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "UPDATE t SET n = 1 WHERE id = 'a'");
    run_badly(hasty, "UPDATE t SET n = 2 WHERE id = 'a'", SK_ERROR_TIMEOUT, "lock timeout");
    g_assert_true(sk_db_commit(f->db, NULL));
    g_assert_cmpint(ask(hasty, "SELECT n FROM t WHERE id = 'a'"), ==, 1);
}

/* After a failure nothing of a transaction can be committed, whoever ignores it. */
static void
test_failed_transaction(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('c')");
    run_badly(f->db, "INSERT INTO t (id) VALUES ('a')", SK_ERROR_CONFLICT, "unique");
    run_badly(f->db, "INSERT INTO t (id) VALUES ('d')", SK_ERROR_CONFLICT, "failed before");
    g_assert_false(sk_db_commit(f->db, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 2);
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('c')");
    g_assert_true(sk_db_commit(f->db, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 3);
}

/* A constraint that is looked at when the transaction ends, after the row was returned. */
static void
test_deferred(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) add = NULL;
    g_autoptr(GError) error = NULL;
    bool row = false;

    run(f->db, "CREATE TABLE child (t TEXT REFERENCES t (id) DEFERRABLE INITIALLY DEFERRED)");
    add = sk_db_prepare(f->db, "INSERT INTO child (t) VALUES ('none') RETURNING t", NULL);
    g_assert_false(sk_stmt_next(add, &row, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM child"), ==, 0);
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO child (t) VALUES ('none')");
    g_clear_error(&error);
    g_assert_false(sk_db_commit(f->db, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM child"), ==, 0);
}

static void *
update_a_after_b(void *data)
{
    GError *error = NULL;

    if (!sk_db_run(data, "UPDATE t SET n = 2 WHERE id = 'a'", &error))
        return error;
    return NULL;
}

static void
test_deadlock(Fixture *f, const void *data)
{
    g_autoptr(SkDb) other = open_more(f);
    g_autoptr(GError) ours = NULL;
    g_autoptr(GError) theirs = NULL;
    GThread *thread;
    bool ok;

    g_assert_true(sk_db_begin(f->db, NULL));
    g_assert_true(sk_db_begin(other, NULL));
    run(f->db, "UPDATE t SET n = 1 WHERE id = 'a'");
    run(other, "UPDATE t SET n = 2 WHERE id = 'b'");
    thread = g_thread_new("other", update_a_after_b, other);
    ok = sk_db_run(f->db, "UPDATE t SET n = 1 WHERE id = 'b'", &ours);
    sk_db_rollback(f->db);
    theirs = g_thread_join(thread);
    sk_db_rollback(other);
    /* The server chooses who gives way; whoever waited for him learns of it or goes on. */
    g_assert_true(ok == (ours == NULL));
    if (ours != NULL)
        g_assert_error(ours, SK_ERROR, SK_ERROR_AGAIN);
    else
        g_assert_error(theirs, SK_ERROR, SK_ERROR_AGAIN);
    g_assert_cmpint(ask(f->db, "SELECT sum(n) FROM t"), ==, 0);
}

/* Both have their transaction open at the same time. */
static void
test_claims(Fixture *f, const void *data)
{
    const char *sql = "UPDATE t SET n = 1 WHERE id IN (SELECT id FROM t WHERE n = 0 ORDER BY id"
                      " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id";
    g_autoptr(SkDb) other = open_more(f);
    g_autoptr(SkStmt) mine = sk_db_prepare(f->db, sql, NULL);
    g_autoptr(SkStmt) theirs = sk_db_prepare(other, sql, NULL);
    bool row = false;

    g_assert_true(sk_db_begin(f->db, NULL));
    g_assert_true(sk_db_begin(other, NULL));
    g_assert_true(sk_stmt_next(mine, &row, NULL) && row);
    g_assert_cmpstr(sk_stmt_peek_text(mine, 0), ==, "a");
    g_assert_true(sk_stmt_next(theirs, &row, NULL) && row);
    g_assert_cmpstr(sk_stmt_peek_text(theirs, 0), ==, "b");
    g_assert_true(sk_stmt_run(mine, NULL) && sk_db_commit(f->db, NULL));
    g_assert_true(sk_stmt_run(theirs, NULL) && sk_db_commit(other, NULL));
    g_assert_true(sk_stmt_next(mine, &row, NULL));
    g_assert_false(row);
}

/* Tables change while programs run: by the next migration, with a statement prepared before. */
static void
test_changed_table(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) all = sk_db_prepare(f->db, "SELECT * FROM t ORDER BY id", NULL);
    g_autoptr(GError) error = NULL;
    bool row = false;

    g_assert_true(sk_stmt_run(all, NULL));
    sk_test_postgres_run(f->url, "ALTER TABLE t ADD COLUMN b BYTEA");
    g_assert_true(sk_stmt_next(all, &row, &error));
    g_assert_true(row);
    g_assert_cmpuint(sk_stmt_peek_blob(all, 2).len, ==, 0);
    g_assert_true(sk_stmt_run(all, NULL));
    sk_test_postgres_run(f->url, "ALTER TABLE t DROP COLUMN b");
    g_assert_true(sk_db_begin(f->db, NULL));
    g_assert_false(sk_stmt_next(all, &row, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_AGAIN);
    sk_db_rollback(f->db);
    g_assert_true(sk_db_begin(f->db, NULL));
    g_assert_true(sk_stmt_run(all, NULL));
    g_assert_true(sk_db_commit(f->db, NULL));
}

/* Whatever the server does to a connection that is not in use, nobody notices. */
static void
test_terminated(Fixture *f, const void *data)
{
    static const char end[] = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                              " WHERE application_name = 'sekisho-test'";
    g_autoptr(SkStmt) add = sk_db_prepare(f->db, "INSERT INTO t (id) VALUES ($1)", NULL);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("row %d", i);

        sk_test_postgres_run(f->url, end);
        sk_stmt_bind_text(add, 1, id);
        if (!sk_stmt_run(add, &error))
            g_assert_no_error(error);
    }
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 7);
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "DELETE FROM t");
    sk_test_postgres_run(f->url, end);
    run_badly(f->db, "DELETE FROM t", SK_ERROR_AGAIN, "nothing was changed");
    g_assert_false(sk_db_commit(f->db, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_AGAIN);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 7);
}

static void *
end_sleeper(void *url)
{
    g_autoptr(SkDb) db = NULL;
    SkPostgresOptions options = options_for(url);

    options.program = "killer";
    db = open_with(&options);
    while (ask(db, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
                   " WHERE application_name = 'sekisho-test' AND wait_event = 'PgSleep'") == 0)
        g_usleep(1000);
    return NULL;
}

/* In the middle of a statement: what only read did nothing, what wrote may have. */
static void
test_terminated_at_work(Fixture *f, const void *data)
{
    static const struct {
        const char *sql;
        SkError code;
    } cases[] = {
        {"SELECT pg_sleep(60)", SK_ERROR_AGAIN},
        {"INSERT INTO t (id) SELECT 'x' FROM pg_sleep(60)", SK_ERROR_UNCERTAIN},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        GThread *thread = g_thread_new("killer", end_sleeper, f->url);

        run_badly(f->db, cases[i].sql, (int)cases[i].code, "the connection was lost");
        g_thread_join(thread);
    }
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 2);
}

/* Not a test of speed, but a figure to look at: run with -m perf. */
static void
test_cost(Fixture *f, const void *data)
{
    const int n = 5000;
    g_autoptr(SkStmt) add = NULL;
    int64_t before;
    double rate;

    if (!g_test_perf()) {
        g_test_skip("measures only with -m perf");
        return;
    }
    run(f->db, "CREATE TABLE p (n BIGINT, x TEXT)");
    add = sk_db_prepare(f->db, "INSERT INTO p (n, x) VALUES ($1, $2)", NULL);
    before = g_get_monotonic_time();
    for (int i = 0; i < n; i++) {
        sk_stmt_bind_int(add, 1, i);
        sk_stmt_bind_text(add, 2, "some text");
        g_assert_true(sk_stmt_run(add, NULL));
    }
    rate = 1e6 * n / (double)(g_get_monotonic_time() - before);
    g_test_maximized_result(rate, "%.0f rows a second, each committed", rate);
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
        {"codes", test_codes},
        {"urls", test_urls},
        {"unreachable", test_unreachable},
        {"passwords", test_passwords},
        {"session", test_session},
        {"timeouts", test_timeouts},
        {"failed-transaction", test_failed_transaction},
        {"deferred", test_deferred},
        {"deadlock", test_deadlock},
        {"claims", test_claims},
        {"changed-table", test_changed_table},
        {"terminated", test_terminated},
        {"terminated-at-work", test_terminated_at_work},
        {"cost", test_cost},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/store-postgres/%s", cases[i].name);

        if (sk_test_postgres_is_installed())
            g_test_add(path, Fixture, NULL, set_up, cases[i].test, tear_down);
        else
            g_test_add_func(path, skip);
    }
    return sk_test_postgres_run_tests();
}
