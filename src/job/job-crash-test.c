/* SPDX-License-Identifier: Apache-2.0 */

/* Exactly once, whatever fails, whoever else is at it, and whenever somebody is killed. */

#include <sys/wait.h>

#include <signal.h>

#include "base/random.h"
#include "job/job-testing.h"
#include "port/faulty-db.h"

static void
add_many(SkDb *db, unsigned n)
{
    g_assert_true(sk_db_begin(db, NULL));
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *id = g_strdup_printf("job %u", i);

        add(db, id, "kind", i);
    }
    g_assert_true(sk_db_commit(db, NULL));
}

static void
assert_all_done_once(SkDb *db, unsigned n)
{
    g_assert_cmpint(ask(db, "SELECT count(*) FROM job"), ==, 0);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM effect"), ==, n);
    g_assert_cmpint(ask(db, "SELECT count(*) FROM (SELECT DISTINCT job FROM effect) AS jobs"),
                    ==, n);
}

/* One job, as the clerk does one. False: nothing was claimed, or it is left for the end of its
 * lease. */
static bool
work_once(SkDb *db, int64_t lease_us)
{
    g_autoptr(GPtrArray) jobs = NULL;
    g_autoptr(GError) error = NULL;

    if (!sk_job_claim(db, "kind", "worker", lease_us, 1, &jobs, NULL) || jobs->len == 0)
        return false;
    return sk_db_transact(db, have_effect, jobs->pdata[0], &error) ||
           sk_job_fail(db, jobs->pdata[0], error->message, 0, NULL);
}

/* Whatever call fails, before or after its effect: the first failure of each job comes one call
 * later than that of the one before. The fifteen calls of a job must have a chance to get
 * through, or none would ever be done. */
static void
test_faults(Fixture *f, const void *data)
{
    for (unsigned every = 16; every < 32; every++) {
        SkFaults faults = {.every = every};
        SkDbEngine calls;
        SkDb *db = use_test_clock(sk_faulty_db_new(open_db(f), &faults), &calls);

        run(f->db, "DELETE FROM effect");
        add_many(f->db, 30);
        for (unsigned i = 0; i < 2000 && ask(f->db, "SELECT count(*) FROM job") > 0; i++) {
            faults.calls = i % every;
            if (!work_once(db, LEASE_US))
                test_now_us += LEASE_US;
            run(f->db, "UPDATE job SET tries = 0");
        }
        sk_db_close(db);
        g_assert_cmpuint(faults.failed, >, 10);
        assert_all_done_once(f->db, 30);
    }
}

static void *
work_until_done(void *data)
{
    g_autoptr(SkDb) db = open_db(data);

    while (ask(db, "SELECT count(*) FROM job") > 0)
        (void)work_once(db, LEASE_US);
    return NULL;
}

static void
test_threads(Fixture *f, const void *data)
{
    GThread *threads[6];

    add_many(f->db, 300);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        threads[i] = g_thread_new("worker", work_until_done, f);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_thread_join(threads[i]);
    assert_all_done_once(f->db, 300);
}

/* Without a connection of the parent's, which a child must not have. */
static pid_t
start_worker(const Fixture *f)
{
    pid_t pid = fork();

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        g_autoptr(SkDb) db = open_db(f);

        /* Short leases, so that what a killed one had is soon claimed again. */
        while (ask(db, "SELECT count(*) FROM job") > 0)
            (void)work_once(db, SECOND / 20);
        g_clear_pointer(&db, sk_db_close);
        _exit(0);
    }
    return pid;
}

static void
kill_after(pid_t pid, unsigned longest_us)
{
    uint32_t some = 0;

    sk_random_fill(&some, sizeof some);
    g_usleep(some % longest_us);
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

static void
wait_for_end(pid_t pid)
{
    int status = -1;

    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Two at a time, so that one claims what the other is killed over. */
static void
test_kill(Fixture *f, const void *data)
{
    unsigned rounds = g_getenv("SEKISHO_LONG") != NULL ? 1000 : 20;
    unsigned n = 20 * rounds;

    add_many(f->db, n);
    g_clear_pointer(&f->db, sk_db_close);
    for (unsigned i = 0; i < rounds; i++) {
        pid_t first = start_worker(f), second = start_worker(f);

        kill_after(first, 60000);
        kill_after(second, 20000);
    }
    f->db = open_db(f);
    g_test_message("%d of %u jobs are left", (int)ask(f->db, "SELECT count(*) FROM job"), n);
    g_clear_pointer(&f->db, sk_db_close);
    wait_for_end(start_worker(f));
    f->db = open_db(f);
    assert_all_done_once(f->db, n);
}

int
main(int argc, char **argv)
{
    static const JobCase cases[] = {
        {"faults", test_faults},
        {"threads", test_threads},
        {"kill", test_kill},
        {NULL, NULL},
    };

    g_test_init(&argc, &argv, NULL);
    add_cases(cases);
    return sk_test_postgres_run_tests();
}
