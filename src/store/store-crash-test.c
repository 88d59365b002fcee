/* SPDX-License-Identifier: Apache-2.0 */

/* What was acknowledged is there, exactly once and nothing by half, whatever becomes of the
 * server meanwhile: stopped, killed, frozen. */

#include <string.h>

#include "base/error.h"
#include "base/random.h"
#include "store/store-postgres-testing.h"
#include "store/store-postgres.h"

#define WRITERS 3

typedef struct {
    const char *url;
    int number;
    int *end;     /* atomic */
    int pairs;    /* acknowledged, of the transactions; atomic */
    int singles;  /* of the statements outside; atomic */
    int troubles; /* seen on the way */
    int uncertain;
} Writer;

static SkPostgresOptions
options_for(const char *url)
{
    return (SkPostgresOptions){.url = url, .program = "sekisho-test", .schema = "public"};
}

static SkDb *
open_db(const char *url)
{
    SkPostgresOptions options = options_for(url);
    g_autoptr(GError) error = NULL;
    SkDb *db = sk_store_postgres_open(&options, &error);

    g_assert_no_error(error);
    return db;
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

typedef struct {
    Writer *writer;
    SkStmt *add; /* prepared once, for all connections there will be */
    int n;
} Pair;

static bool
add_row(Pair *pair, const char *kind, int k, GError **error)
{
    g_autofree char *id = g_strdup_printf("%d %s %d", pair->writer->number, kind, k);

    sk_stmt_bind_text(pair->add, 1, id);
    sk_stmt_bind_int(pair->add, 2, pair->writer->number);
    sk_stmt_bind_int(pair->add, 3, pair->n);
    return sk_stmt_run(pair->add, error);
}

static bool
add_pair(SkDb *db, void *data, GError **error)
{
    Pair *pair = data;

    return add_row(pair, "pair", 2 * pair->n, error) &&
           add_row(pair, "pair", 2 * pair->n + 1, error);
}

/* What is to be done again: nothing happened, or nobody knows, which adding the same row makes
 * harmless. */
static void
note(Writer *writer, GError **trouble)
{
    writer->troubles++;
    if (g_error_matches(*trouble, SK_ERROR, SK_ERROR_UNCERTAIN))
        writer->uncertain++;
    else if (!g_error_matches(*trouble, SK_ERROR, SK_ERROR_TIMEOUT))
        g_assert_error(*trouble, SK_ERROR, SK_ERROR_AGAIN);
    g_clear_error(trouble);
    g_usleep(1000);
}

static bool
is_over(Writer *writer)
{
    return g_atomic_int_get(writer->end) != 0;
}

/* One pair and one single row after the other; those that the end interrupts may be there. */
static void *
write_rows(void *data)
{
    Writer *writer = data;
    g_autoptr(SkDb) db = open_db(writer->url);
    g_autoptr(SkStmt) add = sk_db_prepare(db,
                                          "INSERT INTO t (id, writer, pair) VALUES ($1, $2, $3)"
                                          " ON CONFLICT (id) DO NOTHING",
                                          NULL);
    g_autoptr(GError) trouble = NULL;

    for (int n = 0; !is_over(writer); n++) {
        Pair pair = {writer, add, n};

        while (!sk_db_transact(db, add_pair, &pair, &trouble))
            note(writer, &trouble);
        g_atomic_int_inc(&writer->pairs);
        pair.n = -1;
        while (!add_row(&pair, "single", n, &trouble))
            note(writer, &trouble);
        g_atomic_int_inc(&writer->singles);
    }
    return NULL;
}

static char *
database_new(void)
{
    char *url = sk_test_postgres_database();
    g_autoptr(SkDb) db = open_db(url);

    g_assert_true(sk_db_run(db,
                            "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY,"
                            " writer BIGINT NOT NULL, pair BIGINT NOT NULL)",
                            NULL));
    return url;
}

/* While all write, HURT is done to the server ROUNDS times at moments nobody chose. */
static void
write_while(void (*hurt)(void), int rounds)
{
    g_autofree char *url = database_new();
    Writer writers[WRITERS];
    GThread *threads[WRITERS];
    int end = 0, pairs = 0, singles = 0, troubles = 0, uncertain = 0;
    SkDb *db;

    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (Writer){.url = url, .number = i, .end = &end};
        threads[i] = g_thread_new("writer", write_rows, &writers[i]);
    }
    for (int i = 0; i < rounds; i++) {
        uint16_t some = 0;

        sk_random_fill(&some, sizeof some);
        g_usleep(100000UL + some * 6UL);
        hurt();
        sk_test_postgres_start();
    }
    g_atomic_int_set(&end, 1);
    for (int i = 0; i < WRITERS; i++) {
        g_thread_join(threads[i]);
        pairs += writers[i].pairs;
        singles += writers[i].singles;
        troubles += writers[i].troubles;
        uncertain += writers[i].uncertain;
    }
    g_test_message("%d pairs, %d singles, %d troubles, %d of them uncertain", pairs, singles,
                   troubles, uncertain);
    db = open_db(url);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM t WHERE pair >= 0"), ==, 2 * pairs);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM t WHERE pair < 0"), ==, singles);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM (SELECT pair FROM t WHERE pair >= 0"
                            " GROUP BY writer, pair HAVING count(*) <> 2) AS halves"),
                    ==, 0);
    g_assert_cmpint(troubles, >, 0);
    g_assert_cmpint(pairs, >, 0);
    sk_db_close(db);
}

static void
test_restart(void)
{
    write_while(sk_test_postgres_stop, 3);
}

static void
test_kill(void)
{
    write_while(sk_test_postgres_kill, g_getenv("SEKISHO_LONG") != NULL ? 100 : 4);
}

/* A connection that waits for nothing long. */
static SkDb *
open_hasty(const char *url)
{
    SkPostgresOptions options = options_for(url);
    g_autoptr(GError) error = NULL;
    SkDb *db;

    options.statement_ms = 200;
    options.grace_ms = 200;
    options.connect_ms = 300;
    db = sk_store_postgres_open(&options, &error);
    g_assert_no_error(error);
    return db;
}

static void
expect(bool ok, GError **error, SkError code)
{
    g_assert_false(ok);
    g_test_message("%s", (*error)->message);
    g_assert_error(*error, SK_ERROR, (int)code);
    g_clear_error(error);
}

/* A frozen server answers nothing and closes nothing. */
static void
test_frozen(void)
{
    g_autofree char *url = database_new();
    g_autoptr(SkDb) reader = open_hasty(url), writer = open_hasty(url), owner = open_hasty(url);
    g_autoptr(SkDb) committer = open_hasty(url);
    g_autoptr(SkStmt) add =
        sk_db_prepare(writer, "INSERT INTO t (id, writer, pair) VALUES ('a', 1, 1)", NULL);
    g_autoptr(GError) error = NULL;
    SkStmt *known;

    g_assert_true(sk_db_begin(owner, NULL) && sk_db_run(owner, "DELETE FROM t", NULL));
    g_assert_true(sk_db_begin(committer, NULL) && sk_db_run(committer, "DELETE FROM t", NULL));
    sk_test_postgres_freeze();
    /* A text the connection knows is prepared without asking. */
    known =
        sk_db_prepare(writer, "INSERT INTO t (id, writer, pair) VALUES ('a', 1, 1)", &error);
    g_assert_no_error(error);
    sk_stmt_free(known);
    expect(sk_db_run(reader, "SELECT id FROM t", &error), &error, SK_ERROR_TIMEOUT);
    /* The next one connects, in vain. */
    expect(sk_db_run(reader, "SELECT id FROM t", &error), &error, SK_ERROR_TIMEOUT);
    expect(sk_stmt_run(add, &error), &error, SK_ERROR_UNCERTAIN);
    expect(sk_db_run(owner, "DELETE FROM t", &error), &error, SK_ERROR_TIMEOUT);
    expect(sk_db_commit(owner, &error), &error, SK_ERROR_TIMEOUT);
    expect(sk_db_commit(committer, &error), &error, SK_ERROR_UNCERTAIN);
    sk_test_postgres_thaw();
    /* All of them go on; the write was either done or not. */
    g_assert_cmpint(ask(reader, "SELECT count(*) FROM t"), <=, 1);
    g_assert_true(sk_db_run(owner, "SELECT id FROM t", NULL));
    g_assert_true(sk_db_run(committer, "SELECT id FROM t", NULL));
    g_assert_true(sk_db_run(writer, "DELETE FROM t", NULL));
    g_assert_true(sk_stmt_run(add, NULL));
    g_assert_cmpint(ask(reader, "SELECT count(*) FROM t"), ==, 1);
}

/* In the middle of rows nobody wants to the end. */
static void
test_frozen_in_rows(void)
{
    static const char many[] =
        "SELECT a FROM generate_series(1, 10000) a, generate_series(1, 1000) b";
    g_autofree char *url = database_new();
    g_autoptr(SkDb) db = open_hasty(url), busy = open_hasty(url);
    g_autoptr(SkStmt) rows = sk_db_prepare(db, many, NULL);
    g_autoptr(SkStmt) open_rows = sk_db_prepare(busy, many, NULL);
    g_autoptr(GError) error = NULL;
    bool row = false;

    g_assert_true(sk_stmt_next(rows, &row, NULL) && row);
    g_assert_true(sk_db_begin(busy, NULL));
    g_assert_true(sk_stmt_next(open_rows, &row, NULL) && row);
    sk_test_postgres_freeze();
    sk_stmt_reset(rows);
    /* The transaction is lost with the connection, and says so. */
    sk_stmt_reset(open_rows);
    expect(sk_db_commit(busy, &error), &error, SK_ERROR_TIMEOUT);
    sk_test_postgres_thaw();
    g_assert_true(sk_stmt_next(rows, &row, NULL) && row);
    sk_stmt_reset(rows);
    g_assert_cmpint(ask(busy, "SELECT 7"), ==, 7);
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
        void (*test)(void);
    } cases[] = {
        {"restart", test_restart},
        {"kill", test_kill},
        {"frozen", test_frozen},
        {"frozen-in-rows", test_frozen_in_rows},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/store-crash/%s", cases[i].name);

        g_test_add_func(path, sk_test_postgres_is_installed() ? cases[i].test : skip);
    }
    return sk_test_postgres_run_tests();
}
