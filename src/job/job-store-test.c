/* SPDX-License-Identifier: Apache-2.0 */
#include "job/job-store.h"

#include "job/job-testing.h"
#include "store/store-handle.h"
#include "store/store-sqlite.h"

/* The only job there is to claim. Caller owns. */
static SkJob *
claim_one(SkDb *db)
{
    g_autoptr(GPtrArray) jobs = claim(db, "kind", 9);

    g_assert_cmpuint(jobs->len, ==, 1);
    return g_ptr_array_steal_index(jobs, 0);
}

static void
assert_none(SkDb *db)
{
    g_autoptr(GPtrArray) jobs = claim(db, "kind", 9);

    g_assert_cmpuint(jobs->len, ==, 0);
}

static void
assert_ids(GPtrArray *jobs, const char *expected)
{
    g_autoptr(GString) ids = g_string_new(NULL);

    for (guint i = 0; i < jobs->len; i++)
        g_string_append(ids, ((const SkJob *)jobs->pdata[i])->id);
    g_assert_cmpstr(ids->str, ==, expected);
}

static void
assert_lost(bool ok, GError **error)
{
    g_assert_false(ok);
    g_assert_error(*error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_nonnull(strstr((*error)->message, "the lease of job a is lost"));
    g_clear_error(error);
}

/* Nothing that can be done with a claim can be done with this one. */
static void
assert_claim_is_dead(SkDb *db, SkJob *job)
{
    g_autoptr(GError) error = NULL;
    int64_t effects = ask(db, "SELECT count(*) FROM effect");

    assert_lost(sk_db_transact(db, have_effect, job, &error), &error);
    assert_lost(sk_job_renew(db, job, LEASE_US, &error), &error);
    assert_lost(sk_job_finish(db, job, &error), &error);
    assert_lost(sk_job_repeat(db, job, "mine", 0, &error), &error);
    assert_lost(sk_job_fail(db, job, "mine", 0, &error), &error);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM effect"), ==, effects);
    g_assert_cmpint(
        ask(db, "SELECT count(*) FROM job WHERE payload = 'mine' OR trouble = 'mine'"), ==, 0);
}

static void
test_add(Fixture *f, const void *data)
{
    g_autoptr(SkJob) job = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *large = g_strnfill(SK_JOB_PAYLOAD_MAX + 1, 'x');
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    g_assert_true(sk_db_begin(f->db, NULL));
    add(f->db, "gone", "kind", 0);
    sk_db_rollback(f->db);
    add(f->db, "a", "kind", 5);
    g_assert_true(sk_job_add(f->db, "a", "other", "again", 7, NULL));
    job = claim_one(f->db);
    g_assert_cmpstr(job->id, ==, "a");
    g_assert_cmpstr(job->kind, ==, "kind");
    g_assert_cmpstr(job->payload, ==, "payload");
    g_assert_cmpint(job->due_us, ==, 5);
    g_assert_cmpuint(job->tries, ==, 0);
    g_assert_cmpint(job->lease_until_us, ==, test_now_us + LEASE_US);
    g_assert_false(sk_job_add(f->db, "b", "kind", large, 0, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_LIMIT);
}

static void
test_order(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(GPtrArray) rest = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "d", "kind", test_now_us + 1);
    add(f->db, "c", "kind", test_now_us);
    add(f->db, "a", "kind", 3);
    add(f->db, "x", "other", 1);
    add(f->db, "b", "kind", 9);
    first = claim(f->db, "kind", 2);
    assert_ids(first, "ab");
    rest = claim(f->db, "kind", 9);
    assert_ids(rest, "c");
}

static void
test_next_due(Fixture *f, const void *data)
{
    g_autoptr(SkJob) job = NULL;
    int64_t due = 0;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    g_assert_true(sk_job_next_due(f->db, "kind", &due, NULL));
    g_assert_cmpint(due, ==, INT64_MAX);
    add(f->db, "a", "kind", test_now_us);
    g_assert_true(sk_job_next_due(f->db, "kind", &due, NULL));
    g_assert_cmpint(due, ==, test_now_us);
    job = claim_one(f->db);
    g_assert_true(sk_job_next_due(f->db, "kind", &due, NULL));
    g_assert_cmpint(due, ==, test_now_us + LEASE_US);
}

static void
test_hasten(Fixture *f, const void *data)
{
    g_autoptr(SkJob) job = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", test_now_us + SECOND);
    g_assert_true(sk_job_hasten(f->db, "a", test_now_us + 2 * SECOND, NULL));
    g_assert_cmpint(ask(f->db, "SELECT due_us FROM job"), ==, test_now_us + SECOND);
    g_assert_true(sk_job_hasten(f->db, "a", test_now_us, NULL));
    job = claim_one(f->db);
    g_assert_true(sk_job_hasten(f->db, "a", 0, NULL));
    assert_none(f->db);
    g_assert_true(sk_job_hasten(f->db, "unknown", 0, NULL));
}

/* The first holder sleeps past its lease; whether somebody else has claimed the job by then
 * makes no difference to what it may do. */
static void
test_lease_ends(Fixture *f, const void *data)
{
    g_autoptr(SkJob) frozen = NULL;
    g_autoptr(SkJob) awake = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", 0);
    frozen = claim_one(f->db);
    assert_none(f->db);
    test_now_us += LEASE_US;
    assert_claim_is_dead(f->db, frozen);
    awake = claim_one(f->db);
    g_assert_cmpint(awake->claim, >, frozen->claim);
    g_assert_cmpuint(frozen->tries, ==, 0);
    g_assert_cmpuint(awake->tries, ==, 1);
    assert_claim_is_dead(f->db, frozen);
    g_assert_true(sk_db_transact(f->db, have_effect, awake, NULL));
    assert_claim_is_dead(f->db, frozen);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM effect"), ==, 1);
}

static void
test_renew(Fixture *f, const void *data)
{
    g_autoptr(SkJob) job = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", 0);
    job = claim_one(f->db);
    for (int i = 0; i < 5; i++) {
        test_now_us += LEASE_US - 1;
        assert_none(f->db);
        g_assert_true(sk_job_renew(f->db, job, LEASE_US, NULL));
        g_assert_cmpint(job->lease_until_us, ==, test_now_us + LEASE_US);
    }
    g_assert_true(sk_db_transact(f->db, have_effect, job, NULL));
}

/* The id of a job that was done serves again, and a claim of the old one is none of the new. */
static void
test_same_id_again(Fixture *f, const void *data)
{
    g_autoptr(SkJob) old = NULL;
    g_autoptr(SkJob) new = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", 0);
    old = claim_one(f->db);
    g_assert_true(sk_db_transact(f->db, have_effect, old, NULL));
    add(f->db, "a", "kind", 0);
    new = claim_one(f->db);
    assert_claim_is_dead(f->db, old);
    g_assert_true(sk_db_transact(f->db, have_effect, new, NULL));
}

static void
test_repeat(Fixture *f, const void *data)
{
    g_autoptr(SkJob) job = NULL;
    g_autoptr(SkJob) again = NULL;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", 0);
    job = claim_one(f->db);
    g_assert_true(sk_job_fail(f->db, job, "once", test_now_us, NULL));
    sk_job_free(job);
    job = claim_one(f->db);
    g_assert_cmpuint(job->tries, ==, 1);
    g_assert_true(sk_job_repeat(f->db, job, "next", test_now_us + SECOND, NULL));
    assert_claim_is_dead(f->db, job);
    assert_none(f->db);
    test_now_us += SECOND;
    again = claim_one(f->db);
    g_assert_cmpstr(again->payload, ==, "next");
    g_assert_cmpuint(again->tries, ==, 0);
    g_assert_cmpint(again->due_us, ==, test_now_us);
}

static void
fail_once(SkDb *db, unsigned tries)
{
    g_autoptr(SkJob) job = claim_one(db);

    g_assert_cmpuint(job->tries, ==, tries);
    g_assert_true(sk_job_fail(db, job, "no \xff such host", test_now_us + SECOND, NULL));
    assert_claim_is_dead(db, job);
    assert_none(db);
    test_now_us += SECOND;
}

static int64_t
delete_old(SkDb *db, int64_t before_us, unsigned max)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sk_job_tables.retention[0].sql, NULL);
    int64_t n = 0;
    bool row = true;

    sk_stmt_bind_int(stmt, 1, before_us);
    sk_stmt_bind_int(stmt, 2, max);
    while (row) {
        g_assert_true(sk_stmt_next(stmt, &row, NULL));
        n += row ? 1 : 0;
    }
    return n;
}

static void
test_give_up(Fixture *f, const void *data)
{
    SkJobCounts counts;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    add(f->db, "a", "kind", 0);
    for (unsigned tries = 0; tries < SK_JOB_TRIES; tries++)
        fail_once(f->db, tries);
    test_now_us += 1000 * LEASE_US;
    assert_none(f->db);
    g_assert_true(sk_job_count(f->db, &counts, NULL));
    g_assert_cmpint(counts.given_up, ==, 1);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM job WHERE trouble LIKE '%such host'"), ==,
                    1);
    /* Somebody wants it nevertheless. */
    g_assert_true(sk_job_hasten(f->db, "a", 0, NULL));
    fail_once(f->db, 0);
}

static void
test_retention(Fixture *f, const void *data)
{
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    for (int i = 0; i < 5; i++) {
        g_autofree char *id = g_strdup_printf("%d", i);
        g_autoptr(SkJob) job = NULL;

        add(f->db, id, "kind", 0);
        job = claim_one(f->db);
        job->tries = SK_JOB_TRIES - 1;
        g_assert_true(sk_job_fail(f->db, job, "why", 0, NULL));
        test_now_us += SECOND;
    }
    add(f->db, "waits", "kind", 0);
    g_assert_cmpint(delete_old(f->db, test_now_us - SECOND, 3), ==, 3);
    g_assert_cmpint(delete_old(f->db, test_now_us - SECOND, 3), ==, 1);
    g_assert_cmpint(delete_old(f->db, test_now_us - SECOND, 3), ==, 0);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM job WHERE id IN ('4', 'waits')"), ==, 2);
    g_assert_cmpint(ask(f->db, "SELECT count(*) FROM job"), ==, 2);
}

static void
test_count(Fixture *f, const void *data)
{
    g_autoptr(GPtrArray) leased = NULL;
    SkJobCounts counts;
    SkDbEngine calls;

    use_test_clock(f->db, &calls);
    g_assert_true(sk_job_count(f->db, &counts, NULL));
    g_assert_cmpint(counts.waiting + counts.due + counts.leased + counts.given_up, ==, 0);
    g_assert_cmpint(counts.oldest_due_us, ==, 0);
    add(f->db, "1", "kind", 1);
    add(f->db, "2", "kind", 2);
    add(f->db, "3", "kind", 3);
    add(f->db, "4", "kind", test_now_us + SECOND);
    leased = claim(f->db, "kind", 1);
    g_assert_true(sk_job_count(f->db, &counts, NULL));
    g_assert_cmpint(counts.waiting, ==, 1);
    g_assert_cmpint(counts.due, ==, 2);
    g_assert_cmpint(counts.leased, ==, 1);
    g_assert_cmpint(counts.given_up, ==, 0);
    g_assert_cmpint(counts.oldest_due_us, ==, 2);
    test_now_us += LEASE_US;
    g_assert_true(sk_job_count(f->db, &counts, NULL));
    g_assert_cmpint(counts.due, ==, 4);
    g_assert_cmpint(counts.oldest_due_us, ==, 1);
}

/* What the last claim was prepared as. */
static char *last_sql;

static SkStmt *
prepare_and_note(SkDb *db, const char *sql, GError **error)
{
    g_free(last_sql);
    last_sql = g_strdup(sql);
    return sk_sqlite_engine.prepare(db, sql, error);
}

static char *
explain(SkDb *db, const char *sql)
{
    g_autofree char *question = g_strconcat("EXPLAIN QUERY PLAN ", sql, NULL);
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, question, NULL);
    GString *plan = g_string_new(NULL);
    bool row = true;

    while (row) {
        g_assert_true(sk_stmt_next(stmt, &row, NULL));
        if (row)
            g_string_append_printf(plan, "%s\n", sk_stmt_peek_text(stmt, 3));
    }
    return g_string_free(plan, FALSE);
}

/* Of SQLite only: a claim looks at no job that it does not take. */
static void
test_plan(Fixture *f, const void *data)
{
    SkDbEngine calls = sk_sqlite_engine;
    g_autofree char *plan = NULL;

    calls.prepare = prepare_and_note;
    f->db->engine = &calls;
    assert_none(f->db);
    f->db->engine = &sk_sqlite_engine;
    plan = explain(f->db, last_sql);
    g_test_message("%s", plan);
    g_assert_nonnull(strstr(plan, "SEARCH job USING INDEX job_claim (kind=? AND claim_us<?)"));
    g_assert_null(strstr(plan, "SCAN job"));
    g_assert_null(strstr(plan, "TEMP B-TREE"));
    g_clear_pointer(&last_sql, g_free);
}

int
main(int argc, char **argv)
{
    static const JobCase cases[] = {
        {"add", test_add},
        {"order", test_order},
        {"next-due", test_next_due},
        {"hasten", test_hasten},
        {"lease-ends", test_lease_ends},
        {"renew", test_renew},
        {"same-id-again", test_same_id_again},
        {"repeat", test_repeat},
        {"give-up", test_give_up},
        {"retention", test_retention},
        {"count", test_count},
        {NULL, NULL},
    };
    static const SkTestEngine sqlite = SK_TEST_SQLITE;

    g_test_init(&argc, &argv, NULL);
    add_cases(cases);
    g_test_add("/job/plan", Fixture, &sqlite, set_up, test_plan, tear_down);
    return sk_test_postgres_run_tests();
}
