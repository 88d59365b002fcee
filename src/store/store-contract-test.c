/* SPDX-License-Identifier: Apache-2.0 */

/* What every engine behind port/db.h owes one caller at a time. */

#include "store/store-contract-testing.h"

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
    run(f->db, "INSERT INTO t (id) VALUES ('stays')");
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('never committed')");
    sk_db_close(f->db);
    f->db = open_more(f);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 1);
}

/* A reader sees what was committed when he began, and never waits for the writer. */
static void
test_isolation(Fixture *f, const void *data)
{
    g_autoptr(SkDb) other = open_more(f);

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
    for (unsigned every = 2; every < 14; every++) {
        SkFaults faults = {.every = every};
        SkDb *db = sk_faulty_db_new(open_more(f), &faults);
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

/* Whatever type an engine would guess for a bind, ours are 64 bits wide. */
static void
test_int_range(Fixture *f, const void *data)
{
    static const int64_t numbers[] = {INT64_MIN, -1, 0, 1, INT32_MAX + 1LL, INT64_MAX};
    g_autoptr(SkStmt) get = prepare(
        f->db, "SELECT $1 + 0, count(*), sum(n), max(n) FROM t WHERE n = $1 AND $1 <> 5");

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        g_autoptr(SkStmt) add = prepare(f->db, "INSERT INTO t (id, n) VALUES ($1, $2)");
        g_autofree char *id = g_strdup_printf("%zu", i);

        sk_stmt_bind_text(add, 1, id);
        sk_stmt_bind_int(add, 2, numbers[i]);
        g_assert_true(sk_stmt_run(add, NULL));
        sk_stmt_bind_int(get, 1, numbers[i]);
        g_assert_true(next(get));
        g_assert_cmpint(sk_stmt_get_int(get, 0), ==, numbers[i]);
        g_assert_cmpint(sk_stmt_get_int(get, 1), ==, 1);
        g_assert_cmpint(sk_stmt_get_int(get, 2), ==, numbers[i]);
        g_assert_cmpint(sk_stmt_get_int(get, 3), ==, numbers[i]);
        sk_stmt_reset(get);
    }
}

/* Numbers beside a blob, as texts and as numbers, in one row. */
static void
test_mixed_columns(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) get = NULL;
    SkBytes blob;

    run(f->db, "INSERT INTO t (id, n) VALUES ('a', -42)");
    get = prepare(f->db, "UPDATE t SET b = $1 WHERE id = $2 RETURNING b, n, id, n + 1");
    sk_stmt_bind_blob(get, 1, sk_bytes("\0\\x\xff", 4));
    sk_stmt_bind_text(get, 2, "a");
    g_assert_true(next(get));
    blob = sk_stmt_peek_blob(get, 0);
    g_assert_cmpmem(blob.data, blob.len, "\0\\x\xff", 4);
    g_assert_cmpint(sk_stmt_get_int(get, 1), ==, -42);
    g_assert_cmpstr(sk_stmt_peek_text(get, 1), ==, "-42");
    g_assert_cmpstr(sk_stmt_peek_text(get, 2), ==, "a");
    g_assert_cmpint(sk_stmt_get_int(get, 3), ==, -41);
    g_assert_false(next(get));
    /* A sum has a type of its own on some engines. */
    sk_stmt_free(g_steal_pointer(&get));
    get = prepare(f->db, "SELECT b, sum(n) FROM t GROUP BY b");
    g_assert_true(next(get));
    blob = sk_stmt_peek_blob(get, 0);
    g_assert_cmpmem(blob.data, blob.len, "\0\\x\xff", 4);
    g_assert_cmpint(sk_stmt_get_int(get, 1), ==, -42);
}

static void
test_utf8(Fixture *f, const void *data)
{
    static const char *const texts[] = {"請求書.zip", "e\u0301", "\U0001f4a3", "\x01\x7f\t\n"};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(SkStmt) add = prepare(f->db, "INSERT INTO t (id) VALUES ($1) RETURNING id");

        sk_stmt_bind_text(add, 1, texts[i]);
        g_assert_true(next(add));
        g_assert_cmpstr(sk_stmt_peek_text(add, 0), ==, texts[i]);
    }
}

/* Bytes that are no text are the caller's mistake; one engine takes them, another says for good
 * that it will not. Neither loses its connection or ends the program. */
static void
test_not_utf8(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) add = prepare(f->db, "INSERT INTO t (id) VALUES ($1)");
    g_autoptr(GError) error = NULL;

    sk_stmt_bind_text(add, 1, "\xff\xfe");
    if (!sk_stmt_run(add, &error))
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    sk_stmt_bind_text(add, 1, "next");
    g_assert_true(sk_stmt_run(add, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t WHERE id = 'next'"), ==, 1);
}

static void
test_now(Fixture *f, const void *data)
{
    int64_t first = 0, second = 0;

    g_assert_true(sk_db_now_us(f->db, &first, NULL));
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id) VALUES ('a')");
    g_usleep(2000);
    g_assert_true(sk_db_now_us(f->db, &second, NULL));
    g_assert_true(sk_db_commit(f->db, NULL));
    /* It goes on within a transaction, and is in microseconds since 1970. */
    g_assert_cmpint(second, >=, first + 1000);
    g_assert_cmpint(ABS(g_get_real_time() - second), <, 600 * G_USEC_PER_SEC);
}

static void
add_many(SkDb *db, int64_t n)
{
    g_autoptr(SkStmt) add = prepare(db, "INSERT INTO t (id, n) VALUES ($1, $2)");

    g_assert_true(sk_db_begin(db, NULL));
    for (int64_t i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, i);

        sk_stmt_bind_text(add, 1, id);
        sk_stmt_bind_int(add, 2, i);
        g_assert_true(sk_stmt_run(add, NULL));
    }
    g_assert_true(sk_db_commit(db, NULL));
}

static int64_t
read_some(SkStmt *many, int64_t n)
{
    int64_t sum = 0;

    for (int64_t i = 0; i < n && next(many); i++)
        sum += sk_stmt_get_int(many, 1);
    return sum;
}

/* Whoever stops in the middle can go on with something else at once, also in a transaction,
 * which is not lost by it. */
static void
test_early_end(Fixture *f, const void *data)
{
    const char *sql = "SELECT a.id, a.n FROM t a, t b ORDER BY a.n, b.n";
    g_autoptr(SkStmt) many = NULL, other = NULL;

    add_many(f->db, 200);
    many = prepare(f->db, sql);
    other = prepare(f->db, "UPDATE t SET n = n + $1 WHERE n = 1 RETURNING id");
    for (int round = 0; round < 3; round++) {
        g_assert_cmpint(read_some(many, 401), ==, round < 2 ? 202 : 402);
        sk_stmt_reset(many);
        if (round == 1) {
            sk_stmt_bind_int(other, 1, 1);
            g_assert_true(next(other));
            g_assert_cmpstr(sk_stmt_peek_text(other, 0), ==, "1");
            sk_stmt_reset(other);
        }
    }
    g_assert_true(sk_db_begin(f->db, NULL));
    run(f->db, "INSERT INTO t (id, n) VALUES ('new', -1)");
    g_assert_cmpint(read_some(many, 1), ==, -1);
    sk_stmt_reset(many);
    g_assert_true(sk_db_commit(f->db, NULL));
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t WHERE n = -1"), ==, 1);
}

/* A quarter of a million rows, of which one is held at a time. */
static void
test_many_rows(Fixture *f, const void *data)
{
    g_autoptr(SkStmt) many = NULL;

    add_many(f->db, 500);
    many = prepare(f->db, "SELECT a.id, b.n FROM t a, t b");
    g_assert_cmpint(read_some(many, INT64_MAX), ==, 500LL * 499 * 500 / 2);
}

/* A write has happened when its first row is there, wherever its caller stops. */
static void
test_returning_early(Fixture *f, const void *data)
{
    g_autoptr(SkDb) other = open_more(f);
    g_autoptr(SkStmt) change = NULL;

    add_many(f->db, 50);
    change = prepare(f->db, "UPDATE t SET n = 7 WHERE n >= $1 RETURNING id");
    sk_stmt_bind_int(change, 1, 0);
    g_assert_true(next(change));
    sk_stmt_reset(change);
    g_assert_cmpint(ask(other, "SELECT count(*) FROM t WHERE n = 7"), ==, 50);
}

int
main(int argc, char **argv)
{
    static const SkTestCase cases[] = {
        {"values", test_values},
        {"nulls-and-empties", test_nulls_and_empties},
        {"int-range", test_int_range},
        {"mixed-columns", test_mixed_columns},
        {"utf8", test_utf8},
        {"not-utf8", test_not_utf8},
        {"now", test_now},
        {"conflict", test_conflict},
        {"transactions", test_transactions},
        {"reopen", test_reopen},
        {"isolation", test_isolation},
        {"upsert", test_upsert},
        {"nonsense", test_nonsense},
        {"early-end", test_early_end},
        {"many-rows", test_many_rows},
        {"returning-early", test_returning_early},
        {"faults", test_faults},
    };

    g_test_init(&argc, &argv, NULL);
    return run_cases("store", cases, G_N_ELEMENTS(cases));
}
