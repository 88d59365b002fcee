/* SPDX-License-Identifier: Apache-2.0 */

/* What every engine behind port/db.h owes several callers at a time. */

#include "base/limit.h"
#include "store/store-contract-testing.h"

#define THREADS 4
#define ROUNDS  25

typedef struct {
    Fixture *f;
    int number;    /* of the thread */
    unsigned done; /* what it was told it had done */
    unsigned tries;
} Rival;

static void
run_rivals(Fixture *f, Rival rivals[THREADS], void *(*func)(void *rival))
{
    GThread *threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        rivals[i] = (Rival){f, i, 0, 0};
        threads[i] = g_thread_new("rival", func, &rivals[i]);
    }
    for (int i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
}

/* As callers do who have time: until it has happened. */
static void
insist(SkDb *db, SkDbWork work, Rival *rival)
{
    g_autoptr(GError) error = NULL;

    while (!sk_db_transact(db, work, rival, &error)) {
        if (!g_error_matches(error, SK_ERROR, SK_ERROR_TIMEOUT))
            g_assert_error(error, SK_ERROR, SK_ERROR_AGAIN);
        g_clear_error(&error);
    }
    rival->done++;
}

static bool
set_number(SkDb *db, const char *id, int64_t n, GError **error)
{
    g_autoptr(SkStmt) set = sk_db_prepare(db, "UPDATE t SET n = $2 WHERE id = $1", error);

    if (set == NULL)
        return false;
    sk_stmt_bind_text(set, 1, id);
    sk_stmt_bind_int(set, 2, n);
    return sk_stmt_run(set, error);
}

static bool
get_number(SkDb *db, const char *id, int64_t *ret_n, GError **error)
{
    g_autoptr(SkStmt) get = sk_db_prepare(db, "SELECT n FROM t WHERE id = $1", error);
    bool row = false;

    if (get == NULL)
        return false;
    sk_stmt_bind_text(get, 1, id);
    if (!sk_stmt_next(get, &row, error))
        return false;
    g_assert_true(row);
    *ret_n = sk_stmt_get_int(get, 0);
    return true;
}

static bool
count_up(SkDb *db, void *data, GError **error)
{
    Rival *rival = data;
    int64_t n = 0;

    rival->tries++;
    return get_number(db, "sum", &n, error) && set_number(db, "sum", n + 1, error);
}

static void *
count_in_thread(void *data)
{
    Rival *rival = data;
    g_autoptr(SkDb) db = open_more(rival->f);

    for (int i = 0; i < ROUNDS; i++)
        insist(db, count_up, rival);
    return NULL;
}

/* What a transaction has read nobody else changes before it is written back. */
static void
test_read_then_write(Fixture *f, const void *data)
{
    Rival rivals[THREADS];
    unsigned tries = 0;

    run(f->db, "INSERT INTO t (id, n) VALUES ('sum', 0)");
    run_rivals(f, rivals, count_in_thread);
    for (int i = 0; i < THREADS; i++)
        tries += rivals[i].tries;
    g_test_message("%u tries for %d transactions", tries, THREADS * ROUNDS);
    g_assert_cmpint(ask(f->db, "SELECT n FROM t WHERE id = 'sum'"), ==, THREADS * ROUNDS);
}

static bool
change_both(SkDb *db, void *data, GError **error)
{
    Rival *rival = data;
    bool up = rival->number % 2 == 0;
    int64_t first = 0, second = 0;

    rival->tries++;
    if (!get_number(db, up ? "a" : "b", &first, error) ||
        !set_number(db, up ? "a" : "b", first + 1, error))
        return false;
    g_thread_yield();
    return get_number(db, up ? "b" : "a", &second, error) &&
           set_number(db, up ? "b" : "a", second + 1, error);
}

static void *
change_in_thread(void *data)
{
    Rival *rival = data;
    g_autoptr(SkDb) db = open_more(rival->f);

    for (int i = 0; i < ROUNDS; i++)
        insist(db, change_both, rival);
    return NULL;
}

/* Those who lock rows in opposite order wait for each other until one gives way. */
static void
test_opposite_order(Fixture *f, const void *data)
{
    Rival rivals[THREADS];

    run(f->db, "INSERT INTO t (id, n) VALUES ('a', 0), ('b', 0)");
    run_rivals(f, rivals, change_in_thread);
    g_assert_cmpint(ask(f->db, "SELECT n FROM t WHERE id = 'a'"), ==, THREADS * ROUNDS);
    g_assert_cmpint(ask(f->db, "SELECT n FROM t WHERE id = 'b'"), ==, THREADS * ROUNDS);
}

static void *
add_same(void *data)
{
    Rival *rival = data;
    g_autoptr(SkDb) db = open_more(rival->f);
    g_autoptr(GError) error = NULL;
    bool ok =
        sk_db_begin(db, &error) && sk_db_run(db, "INSERT INTO t (id) VALUES ('x')", &error);

    if (ok && sk_db_commit(db, &error))
        rival->done++;
    else
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    sk_db_rollback(db);
    return NULL;
}

/* Two add the same row: the second one learns of the first, after waiting for it. */
static void
test_same_row(Fixture *f, const void *data)
{
    Rival rivals[THREADS];
    unsigned done = 0;

    run_rivals(f, rivals, add_same);
    for (int i = 0; i < THREADS; i++)
        done += rivals[i].done;
    g_assert_cmpuint(done, ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, 1);
}

static bool
claim(SkDb *db, void *data, GError **error)
{
    Rival *rival = data;
    g_autoptr(SkStmt) stmt = sk_db_prepare(
        db,
        "UPDATE t SET n = $1 WHERE id IN (SELECT id FROM t WHERE n = 0 ORDER BY id LIMIT 1"
        " FOR UPDATE SKIP LOCKED) RETURNING id",
        error);
    bool row = false;

    rival->tries++;
    if (stmt == NULL)
        return false;
    sk_stmt_bind_int(stmt, 1, rival->number + 1);
    if (!sk_stmt_next(stmt, &row, error))
        return false;
    /* NUMBER becomes negative at the end. */
    if (!row)
        rival->number = -1;
    return sk_stmt_run(stmt, error);
}

static void *
claim_in_thread(void *data)
{
    Rival *rival = data;
    g_autoptr(SkDb) db = open_more(rival->f);

    while (rival->number >= 0)
        insist(db, claim, rival);
    rival->done--;
    return NULL;
}

/* A queue: everything in it is done by one of them, once. */
static void
test_skip_locked(Fixture *f, const void *data)
{
    Rival rivals[THREADS];
    unsigned done = 0, tries = 0;

    g_assert_true(sk_db_begin(f->db, NULL));
    for (int i = 0; i < THREADS * ROUNDS; i++) {
        g_autofree char *sql = g_strdup_printf("INSERT INTO t (id, n) VALUES ('%d', 0)", i);

        run(f->db, sql);
    }
    g_assert_true(sk_db_commit(f->db, NULL));
    run_rivals(f, rivals, claim_in_thread);
    for (int i = 0; i < THREADS; i++) {
        g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM t WHERE n = %d", i + 1);

        g_assert_cmpint(ask(f->db, sql), ==, rivals[i].done);
        done += rivals[i].done;
        tries += rivals[i].tries;
    }
    g_test_message("%u tries for %u claims", tries, done);
    g_assert_cmpuint(done, ==, THREADS * ROUNDS);
}

typedef struct {
    int failures; /* before it succeeds */
    SkError code;
    int calls;
} Stubborn;

static bool
fail_at_first(SkDb *db, void *data, GError **error)
{
    Stubborn *s = data;
    g_autofree char *sql = g_strdup_printf("INSERT INTO t (id) VALUES ('call %d')", s->calls);

    if (!sk_db_run(db, sql, error))
        return false;
    if (s->calls++ >= s->failures)
        return true;
    g_set_error(error, SK_ERROR, s->code, "not yet");
    return false;
}

/* The same once more as long as others are in the way, but not for ever; and nothing is left
 * of what failed. */
static void
test_transact(Fixture *f, const void *data)
{
    static const struct {
        int failures;
        SkError code;
        int calls;
        bool ok;
    } cases[] = {
        {0, SK_ERROR_AGAIN, 1, true},
        {2, SK_ERROR_AGAIN, 3, true},
        {SK_LIMIT_DB_TRIES - 1, SK_ERROR_AGAIN, SK_LIMIT_DB_TRIES, true},
        {SK_LIMIT_DB_TRIES, SK_ERROR_AGAIN, SK_LIMIT_DB_TRIES, false},
        {1, SK_ERROR_CONFLICT, 1, false},
        {1, SK_ERROR_UNCERTAIN, 1, false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Stubborn s = {cases[i].failures, cases[i].code, 0};
        g_autoptr(GError) error = NULL;

        g_test_message("case %zu", i);
        run(f->db, "DELETE FROM t");
        g_assert_cmpint(sk_db_transact(f->db, fail_at_first, &s, &error), ==, cases[i].ok);
        if (!cases[i].ok)
            g_assert_error(error, SK_ERROR, (int)cases[i].code);
        g_assert_cmpint(s.calls, ==, cases[i].calls);
        g_assert_cmpint(ask(f->db, "SELECT count(*) FROM t"), ==, cases[i].ok ? 1 : 0);
    }
}

int
main(int argc, char **argv)
{
    static const SkTestCase cases[] = {
        {"transact", test_transact},       {"read-then-write", test_read_then_write},
        {"same-row", test_same_row},       {"opposite-order", test_opposite_order},
        {"skip-locked", test_skip_locked},
    };

    g_test_init(&argc, &argv, NULL);
    return run_cases("store-rivals", cases, G_N_ELEMENTS(cases));
}
