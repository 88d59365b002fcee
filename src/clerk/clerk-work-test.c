/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-work.h"

#include <string.h>

#include "base/error.h"
#include "clerk/clerk-duties.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "seal/seal-store.h"
#include "store/store-handle.h"
#include "store/store-postgres-testing.h"

#define SECOND   1000000LL
#define LEASE_US (60 * SECOND)

/* What the database takes for the time. */
static int64_t test_now_us;

typedef struct {
    SkTestDir dir;
    SkSettings *settings;
    SkClerkShared *shared;
    SkClerkWorld world;
    SkDbEngine calls;
} Fixture;

/* What the step of a test sees and does. */
static struct {
    Fixture *fixture;
    unsigned steps; /* so far */
    unsigned wanted;
    int64_t lasts_us; /* each */
    bool fails;
    bool stops_clerk;
    bool loses_claim;
} play;

static bool
ask_test_clock(SkDb *db, int64_t *ret_now_us, GError **error)
{
    (void)db;
    (void)error;
    *ret_now_us = test_now_us;
    return true;
}

static void
run(SkDb *db, const char *sql)
{
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_db_run(db, sql, &error));
    g_assert_no_error(error);
}

static int64_t
ask(SkDb *db, const char *sql)
{
    g_autoptr(SkStmt) stmt = sk_db_prepare(db, sql, NULL);
    bool row = false;

    g_assert_true(sk_stmt_next(stmt, &row, NULL) && row);
    return sk_stmt_get_int(stmt, 0);
}

/* Where the clerk's store is: on a server with the rights of its role only. Caller owns. */
static char *
make_store(SkTestEngine engine, const SkTestDir *dir)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkStore) store = NULL;
    g_autofree char *url = NULL;

    if (engine == SK_TEST_SQLITE)
        return g_strdup_printf("sqlite:%s", dir->path);
    url = sk_test_postgres_database();
    store = sk_test_store_new(url, NULL, "sekisho-owner", sk_engine_tables, &error);
    for (SkDatabase which = SK_KEEP; which <= SK_KNOW; which++) {
        sk_db_close(sk_store_open(store, which, SK_STORE_OWNER, &error));
        g_assert_no_error(error);
    }
    return sk_test_postgres_url_of(url, "");
}

static SkSettings *
read_settings(const char *store)
{
    g_autofree char *text =
        g_strdup_printf("[store]\nstore = %s\n[clerk]\nlease = 60s\n", store);
    g_autoptr(GError) error = NULL;
    SkSettings *settings =
        sk_settings_parse("test", text, strlen(text), sk_engine_setting_tables, &error);

    g_assert_no_error(error);
    return settings;
}

static void
set_up(Fixture *f, const void *data)
{
    const SkTestEngine *engine = data;
    g_autofree char *setting = NULL;
    g_autoptr(GError) error = NULL;
    SkStore *store;

    sk_test_dir_init(&f->dir);
    setting = make_store(*engine, &f->dir);
    f->settings = read_settings(setting);
    f->shared = sk_clerk_shared_new(f->settings, sk_clerk_duties, &error);
    g_assert_no_error(error);
    store = f->shared->store;
    f->world = (SkClerkWorld){
        .keep = sk_store_open(store, SK_KEEP, SK_STORE_WRITE, NULL),
        .know = sk_store_open(store, SK_KNOW, SK_STORE_WRITE, NULL),
        .store = store,
        .settings = f->settings,
        .tally = sk_clerk_tally_new(),
    };
    f->calls = *f->world.keep->engine;
    f->calls.now_us = ask_test_clock;
    f->world.keep->engine = &f->calls;
    test_now_us = 100000 * SECOND;
    memset(&play, 0, sizeof play);
    play.fixture = f;
    play.wanted = 1;
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->world.keep);
    sk_db_close(f->world.know);
    sk_clerk_tally_free(f->world.tally);
    sk_clerk_shared_free(f->shared);
    sk_settings_free(f->settings);
    sk_test_dir_clear(&f->dir);
}

static bool
step(const SkClerkWorld *world, SkJob *job, SkDutyState *ret_state, GError **error)
{
    play.steps++;
    test_now_us += play.lasts_us;
    if (play.fails) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "nobody home");
        return false;
    }
    if (play.stops_clerk)
        sk_clerk_shared_stop(play.fixture->shared);
    if (play.loses_claim)
        run(world->keep, "UPDATE job SET claim = claim + 1, holder = 'another'");
    sk_clerk_tally_add(world->tally, "steps", 1);
    g_free(job->payload);
    job->payload = g_strdup_printf("%u", play.steps);
    *ret_state = play.steps < play.wanted ? SK_DUTY_MORE : SK_DUTY_DONE;
    return true;
}

static const SkDuty once = {"once", 0, step};
static const SkDuty standing = {"standing", 3600, step};

static void
work(Fixture *f, const SkDuty *duty)
{
    g_autoptr(GPtrArray) jobs = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(sk_job_add(f->world.keep, "job", duty->kind, NULL, 0, NULL));
    g_assert_true(sk_job_claim(f->world.keep, duty->kind, "test", LEASE_US, 1, &jobs, &error));
    g_assert_cmpuint(jobs->len, ==, 1);
    g_assert_true(sk_clerk_work(f->shared, &f->world, duty, jobs->pdata[0], &error));
    g_assert_no_error(error);
}

static void
test_steps_until_done(Fixture *f, const void *data)
{
    g_autofree char *did = NULL;

    play.wanted = 3;
    work(f, &once);
    g_assert_cmpuint(play.steps, ==, 3);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
    did = sk_clerk_tally_text(f->world.tally);
    g_assert_cmpstr(did, ==, "3 steps");
}

/* Much longer than a lease. */
static void
test_lease_is_renewed(Fixture *f, const void *data)
{
    play.wanted = 20;
    play.lasts_us = LEASE_US / 2;
    work(f, &once);
    g_assert_cmpuint(play.steps, ==, 20);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 0);
}

static void
test_standing_comes_again(Fixture *f, const void *data)
{
    work(f, &standing);
    g_assert_cmpint(ask(f->world.keep, "SELECT claim_us FROM job WHERE payload IS NULL"), ==,
                    test_now_us + 3600 * SECOND);
}

static void
test_failure_waits_longer_each_time(Fixture *f, const void *data)
{
    play.fails = true;
    for (unsigned tries = 1; tries < SK_JOB_TRIES; tries++) {
        int64_t wait, least = SECOND << (tries - 1);

        work(f, &once);
        wait = ask(f->world.keep, "SELECT claim_us FROM job WHERE trouble = 'nobody home'") -
               test_now_us;
        g_assert_cmpint(wait, >=, least);
        g_assert_cmpint(wait, <=, least + least / 2);
        g_assert_cmpint(ask(f->world.keep, "SELECT tries FROM job"), ==, tries);
        test_now_us += wait;
    }
    work(f, &once);
    g_assert_cmpint(ask(f->world.keep, "SELECT given_up_us FROM job"), ==, test_now_us);
}

static void
test_standing_is_never_given_up(Fixture *f, const void *data)
{
    play.fails = true;
    for (unsigned i = 0; i < 3 * SK_JOB_TRIES; i++) {
        work(f, &standing);
        g_assert_cmpint(ask(f->world.keep, "SELECT count(given_up_us) FROM job"), ==, 0);
        test_now_us = ask(f->world.keep, "SELECT claim_us FROM job");
    }
    g_assert_cmpuint(play.steps, ==, 3 * SK_JOB_TRIES);
}

/* What kills or freezes every clerk that does it is not tried for ever. */
static void
test_lost_leases_count(Fixture *f, const void *data)
{
    for (unsigned i = 0; i < SK_JOB_TRIES; i++) {
        g_autoptr(GPtrArray) jobs = NULL;

        g_assert_true(sk_job_add(f->world.keep, "job", "once", NULL, 0, NULL));
        g_assert_true(sk_job_claim(f->world.keep, "once", "test", LEASE_US, 1, &jobs, NULL));
        g_assert_cmpuint(jobs->len, ==, 1);
        test_now_us += LEASE_US;
    }
    work(f, &once);
    g_assert_cmpuint(play.steps, ==, 0);
    g_assert_cmpint(ask(f->world.keep, "SELECT given_up_us FROM job"
                                       " WHERE trouble LIKE '%in the middle of it%'"),
                    ==, test_now_us);
}

/* Somebody else goes on at once where the last step ended. */
static void
test_stop_hands_back(Fixture *f, const void *data)
{
    play.wanted = 3;
    play.stops_clerk = true;
    work(f, &once);
    g_assert_cmpuint(play.steps, ==, 1);
    g_assert_cmpint(ask(f->world.keep, "SELECT claim_us FROM job WHERE payload = '1'"), ==,
                    test_now_us);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job WHERE holder IS NULL"), ==, 1);
}

/* What is not ours any more stays as it is. */
static void
test_lost_claim(Fixture *f, const void *data)
{
    play.loses_claim = true;
    work(f, &once);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job WHERE holder = 'another'"
                                       " AND tries = 0 AND trouble IS NULL"),
                    ==, 1);
}

/* As a clerk that wakes up after its lease: nothing of keep is deleted any more. */
static void
test_retention_holds(Fixture *f, const void *data)
{
    SkJob job = {.id = g_strdup("job"), .claim = 7};
    g_autoptr(GError) error = NULL;
    SkDutyState state;

    run(f->world.keep, "INSERT INTO job (id, kind, due_us, claim_us, claim, tries, given_up_us)"
                       " VALUES ('old', 'gone', 0, 0, 1, 12, 0)");
    test_now_us = 3650 * 86400 * SECOND;
    job.payload = g_strdup("jobs given up");
    g_assert_false(sk_clerk_retention_step(&f->world, &job, &state, &error));
    g_assert_error(error, SK_ERROR, SK_ERROR_CONFLICT);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM job"), ==, 1);
    g_free(job.payload);
    g_free(job.id);
}

/* A new site key, in force since then in place of EXPECTED. Its id, caller owns. */
static char *
rotate(SkDb *keep, const char *expected, int64_t made_us)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkSiteKey key = {.public = sk_seal_pair_get_public(pair), .made_us = made_us};
    char *id = sk_seal_id(&key.public);
    g_autoptr(GBytes) wrapped = g_bytes_new_static("?", 1);

    g_strlcpy(key.id, id, sizeof key.id);
    key.wrapped = wrapped;
    g_assert_true(sk_seal_store_activate(keep, &key, expected, NULL));
    return id;
}

static SkDutyState
take_retention_step(Fixture *f)
{
    g_autoptr(GPtrArray) jobs = NULL;
    g_autoptr(GError) error = NULL;
    SkDutyState state = SK_DUTY_DONE;

    g_assert_true(sk_job_claim(f->world.keep, "retention", "test", LEASE_US, 1, &jobs, &error));
    g_assert_cmpuint(jobs->len, ==, 1);
    do {
        g_assert_true(sk_clerk_retention_step(&f->world, jobs->pdata[0], &state, &error));
    } while (state == SK_DUTY_MORE);
    if (state == SK_DUTY_DONE)
        g_assert_true(sk_job_finish(f->world.keep, jobs->pdata[0], &error));
    g_assert_no_error(error);
    return state;
}

/* A clock that is years ahead makes everything old: nothing goes before somebody can have seen
 * it. One that is still so a day later is believed. */
static void
test_retention_doubts_the_clock(Fixture *f, const void *data)
{
    const char *const count = "SELECT count(*) FROM job WHERE kind = 'gone'";

    run(f->world.keep, "INSERT INTO job (id, kind, due_us, claim_us, claim, tries, given_up_us)"
                       " VALUES ('old', 'gone', 0, 9223372036854775807, 1, 12, 0)");
    g_assert_true(sk_job_add(f->world.keep, "job", "retention", NULL, test_now_us, NULL));
    test_now_us += 3650 * 86400 * SECOND;
    g_assert_cmpint(take_retention_step(f), ==, SK_DUTY_GONE);
    g_assert_cmpint(ask(f->world.keep, count), ==, 1);
    test_now_us += 86400 * SECOND;
    g_assert_cmpint(take_retention_step(f), ==, SK_DUTY_DONE);
    g_assert_cmpint(ask(f->world.keep, count), ==, 0);
}

/* N rows of files whose keys no keeper can be asked to open: their site key is not there. */
static void
add_lost_files(Fixture *f, unsigned n)
{
    g_autofree char *id = rotate(f->world.keep, NULL, test_now_us);

    for (unsigned i = 0; i < n; i++) {
        g_autofree char *sql = g_strdup_printf(
            "INSERT INTO blob (id, made_us, size, stored_size, digest, content, seal_id,"
            " sealed_key) VALUES ('%026u', 1, 100, 200, zeroblob(32), zeroblob(32),"
            " '0123456789abcdef', zeroblob(1))",
            i);

        run(f->world.keep, sql);
    }
}

static bool
reseal(Fixture *f, SkDutyState *ret_state, GError **error)
{
    g_autoptr(GPtrArray) jobs = NULL;

    g_assert_true(sk_job_add(f->world.keep, "job", "key.reseal", NULL, 0, NULL));
    g_assert_true(sk_job_claim(f->world.keep, "key.reseal", "test", LEASE_US, 1, &jobs, NULL));
    g_assert_cmpuint(jobs->len, ==, 1);
    return sk_clerk_reseal_step(&f->world, jobs->pdata[0], ret_state, error);
}

static void
test_reseal_leaves_some(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    SkDutyState state = SK_DUTY_DONE;

    add_lost_files(f, 3);
    g_assert_true(reseal(f, &state, &error));
    g_assert_no_error(error);
    g_assert_cmpint(state, ==, SK_DUTY_MORE);
}

/* A keeper with a wrong secret refuses every file there is, one by one. */
static void
test_reseal_does_not_leave_all(Fixture *f, const void *data)
{
    g_autoptr(GError) error = NULL;
    SkDutyState state;

    add_lost_files(f, 100);
    g_assert_false(reseal(f, &state, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    g_assert_nonnull(strstr(error->message, "none of the next 20"));
}

#define GRACE_US (86400 * SECOND)

static char *active_id;
static unsigned begins;

/* Somebody rotates once more, after the claim and after the step has asked which key is active.
 */
static bool
begin_after_rotation(SkDb *db, GError **error)
{
    g_autoptr(SkDb) other = NULL;
    g_autofree char *id = NULL;

    if (++begins == 2) {
        other = sk_store_open(play.fixture->shared->store, SK_KEEP, SK_STORE_WRITE, NULL);
        id = rotate(other, active_id, test_now_us);
        g_clear_pointer(&active_id, g_free);
    }
    return sk_sqlite_engine.begin(db, error);
}

/* Programs may still seal to a key that was active a moment ago. */
static void
test_old_key_has_its_grace(Fixture *f, const void *data)
{
    g_autofree char *first = rotate(f->world.keep, NULL, 1);
    g_autofree char *second = rotate(f->world.keep, first, test_now_us - GRACE_US);
    g_autoptr(GError) error = NULL;
    SkDutyState state;

    active_id = g_strdup(second);
    g_assert_true(sk_job_add(f->world.keep, "job", "key.reseal", NULL, 0, NULL));
    f->calls.begin = begin_after_rotation;
    g_assert_true(reseal(f, &state, &error));
    g_assert_no_error(error);
    g_assert_null(active_id);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM site_key"), ==, 3);
}

/* When it is over, what nothing is sealed to goes. */
static void
test_old_key_is_removed(Fixture *f, const void *data)
{
    g_autofree char *first = rotate(f->world.keep, NULL, 1);
    g_autofree char *second = rotate(f->world.keep, first, test_now_us - GRACE_US);
    g_autoptr(GError) error = NULL;
    SkDutyState state;

    g_assert_true(reseal(f, &state, &error));
    g_assert_no_error(error);
    g_assert_cmpint(ask(f->world.keep, "SELECT count(*) FROM site_key"), ==, 1);
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*test)(Fixture *f, const void *data);
    } cases[] = {
        {"steps-until-done", test_steps_until_done},
        {"lease-is-renewed", test_lease_is_renewed},
        {"standing-comes-again", test_standing_comes_again},
        {"failure-waits-longer-each-time", test_failure_waits_longer_each_time},
        {"standing-is-never-given-up", test_standing_is_never_given_up},
        {"lost-leases-count", test_lost_leases_count},
        {"stop-hands-back", test_stop_hands_back},
        {"lost-claim", test_lost_claim},
        {"retention-holds", test_retention_holds},
        {"retention-doubts-the-clock", test_retention_doubts_the_clock},
    };
    /* Site keys are not the clerk's to make, on a server he could not. */
    static const SkTestEngine sqlite = SK_TEST_SQLITE;

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        SK_TEST_ADD_BOTH(Fixture, "clerk", cases[i].name, set_up, cases[i].test, tear_down);
    g_test_add("/clerk/reseal-leaves-some", Fixture, &sqlite, set_up, test_reseal_leaves_some,
               tear_down);
    g_test_add("/clerk/old-key-is-removed", Fixture, &sqlite, set_up, test_old_key_is_removed,
               tear_down);
    g_test_add("/clerk/old-key-has-its-grace", Fixture, &sqlite, set_up,
               test_old_key_has_its_grace, tear_down);
    g_test_add("/clerk/reseal-does-not-leave-all", Fixture, &sqlite, set_up,
               test_reseal_does_not_leave_all, tear_down);
    return sk_test_postgres_run_tests();
}
