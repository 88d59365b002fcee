/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger-writer.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "known/known-conversation.h"
#include "ledger/passage-store.h"
#include "ledger/passage-testing.h"
#include "port/faulty-db.h"
#include "store/store-migrate.h"
#include "store/store-postgres-testing.h"
#include "store/store-postgres.h"
#include "store/store-sqlite.h"

typedef struct {
    SkTestDir dir;
    SkTestEngine engine;
    char *place;
    SkLedgerOptions options;
    SkFaults faults;
    int away;   /* the next so many opens fail; atomic */
    int opened; /* how often; atomic */
    int pages;  /* of the database at most; 0: any */
    int troubles, recoveries;
    unsigned lost;
} Fixture;

/* One that waits for no lock. */
static SkDb *
open_hasty(const Fixture *f, GError **error)
{
    g_autofree char *limit = g_strdup_printf("PRAGMA max_page_count = %d", f->pages);
    SkPostgresOptions options = {
        .url = f->place, .program = "sekisho-test", .schema = "public", .wait_ms = 10};
    SkDb *db;

    if (f->engine == SK_TEST_POSTGRES)
        return sk_store_postgres_open(&options, error);
    db = sk_test_place_open(f->place, error);
    g_assert_nonnull(db);
    sk_store_sqlite_set_wait(db, 10);
    if (f->pages > 0)
        g_assert_true(sk_db_run(db, limit, NULL));
    return db;
}

static SkDb *
open_db(void *data, GError **error)
{
    Fixture *f = data;
    SkDb *db;

    g_atomic_int_inc(&f->opened);
    if (g_atomic_int_get(&f->away) > 0) {
        g_atomic_int_add(&f->away, -1);
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "away");
        return NULL;
    }
    db = open_hasty(f, error);
    return db != NULL ? sk_faulty_db_new(db, &f->faults) : NULL;
}

static void
note_report(const GError *trouble, unsigned lost, void *data)
{
    Fixture *f = data;

    if (trouble == NULL)
        f->recoveries++;
    else if (lost == 0)
        f->troubles++;
    f->lost += lost;
}

static void
set_up(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkDb) db = NULL;

    sk_test_dir_init(&f->dir);
    f->engine = *(const SkTestEngine *)data;
    f->place = sk_test_place_new(f->engine, &f->dir, "know.db");
    f->options = (SkLedgerOptions){.open = open_db,
                                   .report = note_report,
                                   .data = f,
                                   .batch_ms = 50,
                                   .retry_ms = 5,
                                   .drain_ms = 2000};
    db = sk_test_place_open(f->place, NULL);
    g_assert_true(sk_store_migrate(db, sk_passage_tables.name, sk_passage_tables.steps, NULL));
    g_assert_true(sk_store_migrate(db, sk_known_conversation_tables.name,
                                   sk_known_conversation_tables.steps, NULL));
}

static void
tear_down(void *fixture, const void *data)
{
    Fixture *f = fixture;

    sk_test_dir_clear(&f->dir);
    g_free(f->place);
}

static int64_t
ask(Fixture *f, const char *sql)
{
    g_autoptr(SkDb) db = sk_test_place_open(f->place, NULL);
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL));
    g_assert_true(row);
    return sk_stmt_get_int(stmt, 0);
}

static int64_t
count_rows(Fixture *f)
{
    return ask(f, "SELECT count(*) FROM passage");
}

static bool
take_one(SkLedgerWriter *w, bool urgent)
{
    SkPassage *passage = sk_test_passage_plain(NULL, 1798884000000000);

    passage->id = sk_random_id(passage->received_us);
    return sk_ledger_writer_take(w, passage, urgent);
}

static void
take(SkLedgerWriter *w, int n)
{
    for (int i = 0; i < n; i++)
        g_assert_true(take_one(w, false));
}

/* Waits for N rows, 10 s at most. */
static void
wait_written(SkLedgerWriter *w, uint64_t n)
{
    for (int i = 0; i < 10000 && sk_ledger_writer_get_state(w).written < n; i++)
        g_usleep(1000);
    g_assert_cmpuint(sk_ledger_writer_get_state(w).written, ==, n);
}

static void
test_batch(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkLedgerWriter) w = sk_ledger_writer_new(&f->options);

    take(w, 20);
    g_assert_cmpuint(sk_ledger_writer_get_state(w).waiting, ==, 40);
    wait_written(w, 20);
    g_assert_cmpint(count_rows(f), ==, 20);
    g_assert_cmpuint(sk_ledger_writer_get_state(w).waiting, ==, 0);
    /* Begin, 20 rows, commit and the first prepare: one transaction. */
    g_assert_cmpuint(f->faults.calls, ==, 23);
    g_assert_cmpint(f->opened, ==, 1);
}

static bool
give_key(uint8_t ret_key[SK_LEDGER_HASH_KEY_LEN], void *data)
{
    (void)data;
    memset(ret_key, 'k', SK_LEDGER_HASH_KEY_LEN);
    return true;
}

/* One to p@example.com, and from there to q@ours.example; SMTP: what was answered, or NULL. */
static SkPassage *
make_letter(const char *id, const char *smtp, const char *held)
{
    SkPassage *passage = sk_test_passage_plain(NULL, 1798884000000000);

    g_free(passage->message_id);
    passage->message_id = g_strdup_printf("<%s@x>", id);
    passage->id = sk_random_id(passage->received_us);
    g_free(passage->from);
    passage->from = g_strdup("p@example.com");
    sk_test_passage_add_recipient(passage, "q@ours.example", SK_DIRECTION_INBOUND);
    passage->smtp = g_strdup(smtp);
    passage->held = g_strdup(held);
    return passage;
}

static bool
is_fresh(Fixture *f, const char *id, const char *address)
{
    g_autoptr(SkDb) db = sk_test_place_open(f->place, NULL);
    const char *const references[] = {id, NULL}, *const people[] = {address, NULL};
    const SkKnownMessage message = {NULL, references, people, 1798884000000001};
    uint8_t key[SK_LEDGER_HASH_KEY_LEN];
    bool fresh = false;

    g_assert_true(give_key(key, NULL));
    g_assert_true(
        sk_known_conversation_is_fresh(db, &message, sk_bytes(key, sizeof key), &fresh, NULL));
    return fresh;
}

/* Who is on a mail that went on its way may be answered; not on one that was refused or waits.
 */
static void
test_learns(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkLedgerWriter) w = NULL;

    f->options.hash_key = give_key;
    w = sk_ledger_writer_new(&f->options);
    g_assert_true(sk_ledger_writer_take(w, make_letter("a", NULL, NULL), false));
    g_assert_true(sk_ledger_writer_take(w, make_letter("b", "550 5.7.1 no", NULL), false));
    g_assert_true(sk_ledger_writer_take(w, make_letter("c", NULL, "01kaj"), false));
    wait_written(w, 3);
    g_assert_true(is_fresh(f, "<a@x>", "p@example.com"));
    g_assert_true(is_fresh(f, "<a@x>", "q@ours.example"));
    g_assert_false(is_fresh(f, "<a@x>", "other@example.com"));
    g_assert_false(is_fresh(f, "<b@x>", "p@example.com"));
    g_assert_false(is_fresh(f, "<c@x>", "p@example.com"));
}

static void
test_urgent(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkLedgerWriter) w = NULL;
    int64_t before = g_get_monotonic_time();

    f->options.batch_ms = 60000;
    w = sk_ledger_writer_new(&f->options);
    take(w, 3);
    g_assert_true(take_one(w, true));
    wait_written(w, 4);
    g_assert_cmpint(g_get_monotonic_time() - before, <, 10000000);
}

static void
test_drain(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkLedgerWriter *w;

    f->options.batch_ms = 60000;
    w = sk_ledger_writer_new(&f->options);
    take(w, 2500);
    sk_ledger_writer_free(w);
    g_assert_cmpint(count_rows(f), ==, 2500);
    /* A second writer goes on where the first ended. */
    w = sk_ledger_writer_new(&f->options);
    take(w, 1);
    sk_ledger_writer_free(w);
    g_assert_cmpint(count_rows(f), ==, 2501);
    sk_ledger_writer_free(sk_ledger_writer_new(&f->options));
}

static void
test_capacity(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkLedgerWriter *w;

    f->options.batch_ms = 60000;
    f->options.capacity = 10;
    w = sk_ledger_writer_new(&f->options);
    take(w, 5);
    g_assert_false(sk_ledger_writer_has_room(w, 1));
    g_assert_false(take_one(w, true));
    g_assert_cmpuint(sk_ledger_writer_get_state(w).refused, ==, 1);
    sk_ledger_writer_free(w);
    g_assert_cmpint(count_rows(f), ==, 5);
}

static void
test_locked(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkDb) other = sk_test_place_open(f->place, NULL);
    g_autoptr(SkLedgerWriter) w = sk_ledger_writer_new(&f->options);

    /* Keeps writers out on every engine, as long as the transaction is open. */
    g_assert_true(sk_db_begin(other, NULL));
    g_assert_true(sk_db_run(other, "CREATE INDEX passage_size ON passage (size)", NULL));
    take(w, 3);
    for (int i = 0; i < 10000 && !sk_ledger_writer_get_state(w).failing; i++)
        g_usleep(1000);
    g_assert_true(sk_ledger_writer_get_state(w).failing);
    g_assert_cmpuint(sk_ledger_writer_get_state(w).waiting, ==, 6);
    take(w, 2);
    sk_db_rollback(other);
    wait_written(w, 5);
    g_clear_pointer(&w, sk_ledger_writer_free);
    g_assert_cmpint(count_rows(f), ==, 5);
    g_assert_cmpint(f->troubles, ==, 1);
    g_assert_cmpint(f->recoveries, ==, 1);
}

static void
test_away(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkLedgerWriter) w = NULL;

    f->away = 4;
    w = sk_ledger_writer_new(&f->options);
    take(w, 3);
    wait_written(w, 3);
    g_clear_pointer(&w, sk_ledger_writer_free);
    g_assert_cmpint(f->opened, ==, 5);
    g_assert_cmpint(f->troubles, ==, 1);
    g_assert_cmpint(f->recoveries, ==, 1);
    g_assert_cmpuint(f->lost, ==, 0);
}

static void
test_away_at_the_end(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkLedgerWriter *w;

    f->away = G_MAXINT;
    f->options.drain_ms = 30;
    w = sk_ledger_writer_new(&f->options);
    take(w, 3);
    sk_ledger_writer_free(w);
    g_assert_cmpuint(f->lost, ==, 3);
    g_assert_cmpint(count_rows(f), ==, 0);
}

static void
test_disk_full(void *fixture, const void *data)
{
    Fixture *f = fixture;
    SkLedgerWriter *w;
    int64_t kept;

    if (f->engine != SK_TEST_SQLITE) {
        g_test_skip("the disk of a server cannot be filled here");
        return;
    }
    f->pages = 20;
    f->options.drain_ms = 50;
    w = sk_ledger_writer_new(&f->options);
    for (int i = 0; i < 40; i++) {
        take(w, 5);
        g_usleep(2000);
    }
    for (int i = 0; i < 10000 && !sk_ledger_writer_get_state(w).failing; i++)
        g_usleep(1000);
    g_assert_true(sk_ledger_writer_get_state(w).failing);
    kept = (int64_t)sk_ledger_writer_get_state(w).written;
    sk_ledger_writer_free(w);
    /* What was written stays readable, what was not is accounted for. */
    g_assert_cmpint(count_rows(f), ==, kept);
    g_assert_cmpint(kept + f->lost, ==, 200);
    g_assert_cmpint(f->troubles, ==, 1);
}

/* A row the database will never take does not stop the others. */
static void
test_poison(void *fixture, const void *data)
{
    Fixture *f = fixture;
    g_autoptr(SkDb) db = sk_test_place_open(f->place, NULL);
    g_autoptr(SkLedgerWriter) w = NULL;
    SkPassage *poison = sk_test_passage_plain("poison", 1);

    g_assert_true(
        sk_db_run(db, "CREATE UNIQUE INDEX one_size ON passage (size) WHERE size = 13", NULL));
    poison->size = 13;
    g_assert_true(sk_passage_store_add(db, poison, NULL));
    g_free(poison->id);
    poison->id = g_strdup("poison, too");
    w = sk_ledger_writer_new(&f->options);
    take(w, 3);
    g_assert_true(sk_ledger_writer_take(w, poison, false));
    take(w, 3);
    wait_written(w, 6);
    g_clear_pointer(&w, sk_ledger_writer_free);
    g_assert_cmpint(count_rows(f), ==, 7);
    g_assert_cmpuint(f->lost, ==, 1);
}

static void *
take_many(void *data)
{
    for (int i = 0; i < 50; i++) {
        take(data, 10);
        g_usleep(1000);
    }
    return NULL;
}

/* Every n-th call fails, some after their effect, while several threads hand over. */
static void
test_faults(void *fixture, const void *data)
{
    Fixture *f = fixture;
    for (unsigned every = 60; every < 260; every += 29) {
        GThread *threads[3];
        SkLedgerWriter *w;
        int64_t before = count_rows(f);

        f->faults.every = every;
        f->options.retry_ms = 1;
        f->options.batch_ms = 1;
        w = sk_ledger_writer_new(&f->options);
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            threads[i] = g_thread_new("giver", take_many, w);
        for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
            g_thread_join(threads[i]);
        f->faults.every = 0;
        sk_ledger_writer_free(w);
        g_assert_cmpint(count_rows(f) - before, ==, 1500);
        g_assert_cmpuint(f->lost, ==, 0);
    }
    g_assert_cmpuint(f->faults.failed, >, 10);
}

/* Not a test of speed, but a figure to look at: run with -m perf. */
static void
test_cost(void *fixture, const void *data)
{
    Fixture *f = fixture;
    const int n = 15000, rounds = 4;
    SkLedgerWriter *w;
    int64_t before;
    double us;

    if (!g_test_perf()) {
        g_test_skip("measures only with -m perf");
        return;
    }
    f->options.batch_ms = 1000;
    f->options.capacity = 4 * n;
    w = sk_ledger_writer_new(&f->options);
    before = sk_clock_cpu_ms();
    for (int i = 0; i < rounds; i++) {
        take(w, n);
        wait_written(w, (uint64_t)(i + 1) * n);
    }
    us = 1000.0 * (double)(sk_clock_cpu_ms() - before) / (n * rounds);
    g_test_minimized_result(us, "%.1f us of CPU a passage, making it included", us);
    sk_ledger_writer_free(w);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        SkTestFunc test;
    } cases[] = {
        {"batch", test_batch},         {"learns", test_learns},
        {"urgent", test_urgent},       {"drain", test_drain},
        {"capacity", test_capacity},   {"locked", test_locked},
        {"away", test_away},           {"away-at-the-end", test_away_at_the_end},
        {"disk-full", test_disk_full}, {"poison", test_poison},
        {"faults", test_faults},       {"cost", test_cost},
    };

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        sk_test_add_both("ledger-writer", cases[i].name, sizeof(Fixture), set_up, cases[i].test,
                         tear_down);
    return sk_test_postgres_run_tests();
}
