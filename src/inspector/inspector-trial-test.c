/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A whole inspector, in the build that does what it is told, with real workers: what one
 * message does to its worker, nobody else may notice. SK_INSPECTOR_TRIAL names the program.
 */

#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "inspector/inspector-worker.h"
#include "port/fake-scan.h"
#include "process/process-inspect.h"
#include "process/process-lend.h"
#include "process/process-socket.h"

typedef struct {
    char *dir;
    char *config;
    char *socket;
    pid_t pid;
    SkLoop *loop;
    SkInspect *inspect;
} Fixture;

typedef struct {
    SkInspectResult *result;
    GError *error;
    bool done;
} Answer;

static void
answer_clear(Answer *answer)
{
    sk_inspect_result_free(answer->result);
    g_clear_error(&answer->error);
    *answer = (Answer){0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

/* Pids of the master's children. */
static guint
count_workers(const Fixture *f, char **ret_list)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", f->pid, f->pid);
    g_auto(GStrv) words = NULL;
    char *text = NULL;
    guint n = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    words = g_strsplit(g_strstrip(text), " ", -1);
    for (char **word = words; *word != NULL; word++)
        n += **word != '\0';
    if (ret_list != NULL)
        *ret_list = text;
    else
        g_free(text);
    return n;
}

/* Waits until there are N: those of connections that have ended need a moment to go. */
static char *
expect_workers(const Fixture *f, guint n)
{
    char *list = NULL;

    for (int i = 0; i < 1000 && count_workers(f, NULL) != n; i++)
        g_usleep(1000);
    g_assert_cmpuint(count_workers(f, &list), ==, n);
    return list;
}

static void
start(Fixture *f)
{
    f->pid = fork();
    g_assert_cmpint(f->pid, >=, 0);
    if (f->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execl(g_getenv("SK_INSPECTOR_TRIAL"), "sekisho-inspector-trial", "-c", f->config,
              (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !sk_socket_is_alive(f->socket); i++)
        g_usleep(10000);
}

static void
stop(Fixture *f, int signum)
{
    int status;

    kill(f->pid, signum);
    g_assert_cmpint(waitpid(f->pid, &status, 0), ==, f->pid);
    if (signum == SIGTERM)
        g_assert_cmpint(status, ==, 0);
}

static void
set_up(Fixture *f, const char *more)
{
    g_autofree char *text = NULL;

    *f = (Fixture){0};
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->config = g_build_filename(f->dir, "conf", NULL);
    f->socket = g_build_filename(f->dir, "socket", NULL);
    text = g_strdup_printf("[inspector]\nsocket = %s\nwall_time = 1s\nmemory = 64M\n%s"
                           "[limits]\ncpu_time = 1s\n",
                           f->socket, more);
    g_assert_true(g_file_set_contents(f->config, text, -1, NULL));
    start(f);
    f->loop = sk_loop_new(NULL);
    f->inspect = sk_process_inspect_new(f->loop, f->socket, 4, 5000);
}

static void
tear_down(Fixture *f)
{
    sk_inspect_free(f->inspect);
    sk_loop_free(f->loop);
    stop(f, SIGTERM);
    g_unlink(f->socket);
    g_unlink(f->config);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->config);
    g_free(f->socket);
}

static void
on_answer(SkInspectResult *result, const GError *error, void *data)
{
    Answer *answer = data;

    g_assert_false(answer->done);
    g_assert_true((result == NULL) != (error == NULL));
    answer->result = result;
    answer->error = error != NULL ? g_error_copy(error) : NULL;
    answer->done = true;
}

static void
submit(Fixture *f, const char *text, SkInspectPool pool, Answer *answer)
{
    SkInspectJob job = {.kind = SK_INSPECT_MAIL, .pool = pool, .fd = -1};

    job.bytes = sk_bytes(text, strlen(text));
    sk_inspect_submit(f->inspect, &job, on_answer, answer);
}

static void
wait_for(Fixture *f, const Answer *answers, size_t n)
{
    int64_t end = sk_clock_mono_ms(sk_clock_real()) + 30000;

    for (size_t i = 0; i < n; i++) {
        while (!answers[i].done && sk_clock_mono_ms(sk_clock_real()) < end)
            sk_loop_step(f->loop, 100);
        g_assert_true(answers[i].done);
    }
}

static void
assert_found(const Answer *answer, const char *id)
{
    g_assert_no_error(answer->error);
    g_assert_false(answer->result->inspected);
    g_assert_cmpuint(sk_findings_count(answer->result->findings), ==, 1);
    g_assert_cmpstr(sk_finding_id_name(sk_findings_peek(answer->result->findings, 0)->id), ==,
                    id);
}

static void
assert_fine(const Answer *answer)
{
    g_assert_no_error(answer->error);
    g_assert_null(sk_findings_find(answer->result->findings, "inspect", NULL));
}

static const char PLAIN[] = "Subject: a\r\n\r\nb\r\n";

/* One message that kills its worker among a hundred that do not. */
static void
test_deaths(void)
{
    static const struct {
        const char *text, *id;
    } cases[] = {
        {"SK-TRIAL crash", "inspect.crashed"},
        {"SK-TRIAL abort", "inspect.crashed"},
        {"SK-TRIAL exit", "inspect.crashed"},
        {"SK-TRIAL socket", "inspect.crashed"},
        {"SK-TRIAL exec", "inspect.crashed"},
        {"SK-TRIAL half", "inspect.crashed"},
        {"SK-TRIAL nonsense", "inspect.crashed"},
        {"SK-TRIAL hang", "inspect.timeout"},
        {"SK-TRIAL spin", "inspect.timeout"},
        {"SK-TRIAL eat", "inspect.limit"},
#ifndef __SANITIZE_ADDRESS__
        /* The sanitizer's own bookkeeping does not survive this. */
        {"SK-TRIAL nibble", "inspect.limit"},
#endif
    };
    Fixture f;

    set_up(&f, "");
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Answer answers[101] = {0};

        submit(&f, cases[i].text, SK_INSPECT_POOL_INBOUND, &answers[0]);
        for (int k = 1; k <= 100; k++)
            submit(&f, PLAIN, (SkInspectPool)(k % SK_N_INSPECT_POOLS), &answers[k]);
        wait_for(&f, answers, G_N_ELEMENTS(answers));
        g_test_message("%s", cases[i].text);
        assert_found(&answers[0], cases[i].id);
        for (int k = 1; k <= 100; k++)
            assert_fine(&answers[k]);
        for (int k = 0; k <= 100; k++)
            answer_clear(&answers[k]);
    }
    tear_down(&f);
}

static void
test_open_is_refused(void)
{
    g_auto(Answer) answer = {0};
    Fixture f;

    set_up(&f, "");
    submit(&f, "SK-TRIAL open", SK_INSPECT_POOL_INBOUND, &answer);
    wait_for(&f, &answer, 1);
    assert_fine(&answer);
    tear_down(&f);
}

static void
run_one(Fixture *f, const char *text)
{
    g_auto(Answer) answer = {0};

    submit(f, text, SK_INSPECT_POOL_INBOUND, &answer);
    wait_for(f, &answer, 1);
    assert_fine(&answer);
}

/* A worker sees its number of messages, then another takes over. */
static void
test_retirement(void)
{
    g_autofree char *first = NULL, *third = NULL, *sixth = NULL;
    Fixture f;

    set_up(&f, "worker_messages = 5\n");
    run_one(&f, PLAIN);
    first = expect_workers(&f, 1);
    run_one(&f, PLAIN);
    run_one(&f, PLAIN);
    third = expect_workers(&f, 1);
    g_assert_cmpstr(first, ==, third);
    for (int i = 4; i <= 6; i++)
        run_one(&f, PLAIN);
    sixth = expect_workers(&f, 1);
    g_assert_cmpstr(first, !=, sixth);
    for (int i = 0; i < 200; i++)
        run_one(&f, PLAIN);
    tear_down(&f);
}

static void
test_pools_do_not_mix(void)
{
    g_auto(Answer) inbound = {0};
    g_auto(Answer) outbound = {0};
    Fixture f;

    set_up(&f, "");
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &inbound);
    wait_for(&f, &inbound, 1);
    submit(&f, PLAIN, SK_INSPECT_POOL_OUTBOUND, &outbound);
    wait_for(&f, &outbound, 1);
    g_free(expect_workers(&f, 2));
    tear_down(&f);
}

#define LARGE (50 << 20)

static void
test_memfd(void)
{
    SkInspectJob job = {.kind = SK_INSPECT_FILE, .name = "large.bin"};
    g_auto(Answer) answer = {0};
    Fixture f;

    set_up(&f, "");
    job.fd = memfd_create("trial", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    g_assert_cmpint(ftruncate(job.fd, LARGE), ==, 0);
    g_assert_cmpint(fcntl(job.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE), ==, 0);
    sk_inspect_submit(f.inspect, &job, on_answer, &answer);
    wait_for(&f, &answer, 1);
    assert_fine(&answer);
    g_assert_nonnull(answer.result->type);
    run_one(&f, PLAIN);
    close(job.fd);
    tear_down(&f);
}

/* Bytes in memory: up to the limit inline, in many pieces, above it by a memfd of the client's.
 */
static void
test_large_bytes(void)
{
    static const size_t sizes[] = {0, 1, 70000, 300000, 4 << 20, (4 << 20) + 1, 10 << 20};
    Fixture f;

    set_up(&f, "");
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree uint8_t *bytes = g_malloc0(sizes[i] + 1);
        SkInspectJob job = {.kind = SK_INSPECT_MAIL, .fd = -1, .bytes = {bytes, sizes[i]}};
        g_auto(Answer) answer = {0};

        /* A body: a header section of that size would be a finding. */
        memcpy(bytes, "\r\n", MIN(sizes[i], 2));
        sk_inspect_submit(f.inspect, &job, on_answer, &answer);
        wait_for(&f, &answer, 1);
        assert_fine(&answer);
    }
    g_free(expect_workers(&f, 1));
    tear_down(&f);
}

/* The master is killed while a job is under way: nobody knows what became of it. */
static void
test_master_dies(void)
{
    g_auto(Answer) lost = {0};
    g_auto(Answer) absent = {0};
    Fixture f;

    set_up(&f, "");
    submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &lost);
    sk_loop_step(f.loop, 100);
    stop(&f, SIGKILL);
    wait_for(&f, &lost, 1);
    g_assert_error(lost.error, SK_ERROR, SK_ERROR_IO);
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &absent);
    g_assert_false(absent.done);
    wait_for(&f, &absent, 1);
    g_assert_error(absent.error, SK_ERROR, SK_ERROR_IO);
    start(&f);
    run_one(&f, PLAIN);
    tear_down(&f);
}

/* All four workers of the pool hang; the fifth job must wait, and gets its turn. */
static void
test_waiting(void)
{
    Answer answers[5] = {0};
    Fixture f;

    set_up(&f, "");
    for (int i = 0; i < 4; i++)
        submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &answers[i]);
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &answers[4]);
    wait_for(&f, answers, G_N_ELEMENTS(answers));
    assert_fine(&answers[4]);
    for (int i = 0; i < 5; i++)
        answer_clear(&answers[i]);
    tear_down(&f);
}

static void
test_waiting_too_long(void)
{
    g_autoptr(SkInspect) impatient = NULL;
    Answer answers[2] = {0};
    Fixture f;

    set_up(&f, "");
    impatient = sk_process_inspect_new(f.loop, f.socket, 1, 300);
    sk_inspect_free(f.inspect);
    f.inspect = g_steal_pointer(&impatient);
    submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &answers[0]);
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &answers[1]);
    wait_for(&f, answers, 2);
    assert_found(&answers[0], "inspect.timeout");
    g_assert_error(answers[1].error, SK_ERROR, SK_ERROR_TIMEOUT);
    answer_clear(&answers[0]);
    answer_clear(&answers[1]);
    tear_down(&f);
}

/* Nobody is called for a job that was cancelled, waiting or under way. */
static void
test_cancel(void)
{
    Answer answers[6] = {0};
    Fixture f;

    set_up(&f, "");
    for (int i = 0; i < 5; i++)
        submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &answers[i]);
    sk_loop_step(f.loop, 100);
    for (int i = 0; i < 5; i++)
        sk_inspect_cancel(f.inspect, &answers[i]);
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &answers[5]);
    wait_for(&f, &answers[5], 1);
    assert_fine(&answers[5]);
    for (int i = 0; i < 5; i++)
        g_assert_false(answers[i].done);
    answer_clear(&answers[5]);
    tear_down(&f);
}

/* A client that goes away takes its workers with it, the busy ones too. */
static void
test_client_leaves(void)
{
    Answer answers[2] = {0};
    Fixture f;

    set_up(&f, "");
    submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &answers[0]);
    submit(&f, PLAIN, SK_INSPECT_POOL_OUTBOUND, &answers[1]);
    wait_for(&f, &answers[1], 1);
    answer_clear(&answers[1]);
    g_free(expect_workers(&f, 2));
    sk_inspect_free(g_steal_pointer(&f.inspect));
    g_free(expect_workers(&f, 0));
    tear_down(&f);
}

static unsigned long
switches(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", pid);
    g_autofree char *text = NULL;
    const char *at;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    at = strstr(text, "\nvoluntary_ctxt_switches:");
    g_assert_nonnull(at);
    return strtoul(at + strlen("\nvoluntary_ctxt_switches:"), NULL, 10);
}

/* No timer when there is nothing to do: not one wake-up in a second. */
static void
test_idle(void)
{
    g_autofree char *worker = NULL;
    unsigned long before, worker_before;
    Fixture f;

    set_up(&f, "");
    run_one(&f, PLAIN);
    worker = expect_workers(&f, 1);
    g_usleep(4000000);
    before = switches(f.pid);
    worker_before = switches(atoi(worker));
    g_usleep(1000000);
    g_assert_cmpuint(switches(f.pid), ==, before);
    g_assert_cmpuint(switches(atoi(worker)), ==, worker_before);
    /* And it wakes up again: a job that hangs is still noticed. */
    {
        g_auto(Answer) answer = {0};

        submit(&f, "SK-TRIAL hang", SK_INSPECT_POOL_INBOUND, &answer);
        wait_for(&f, &answer, 1);
        assert_found(&answer, "inspect.timeout");
    }
    tear_down(&f);
}

/* A worker killed from outside while idle: the next job does not notice. */
static void
test_idle_worker_dies(void)
{
    g_autofree char *worker = NULL;
    Fixture f;

    set_up(&f, "");
    run_one(&f, PLAIN);
    worker = expect_workers(&f, 1);
    kill(atoi(worker), SIGKILL);
    g_usleep(100000);
    run_one(&f, PLAIN);
    tear_down(&f);
}

/* Until LIST are not the workers any more: a busy machine needs its time to read settings. */
static void
wait_for_others(const Fixture *f, const char *list)
{
    g_autofree char *now = NULL;

    for (int i = 0; i < 1000 && (now == NULL || strcmp(now, list) == 0); i++) {
        g_usleep(10000);
        g_free(g_steal_pointer(&now));
        (void)count_workers(f, &now);
    }
}

/* LEAVING: the worker that is to go; NULL: none. */
static char *
reload(Fixture *f, const char *config, const char *leaving)
{
    g_assert_true(config == NULL || g_file_set_contents(f->config, config, -1, NULL));
    kill(f->pid, SIGHUP);
    if (leaving != NULL)
        wait_for_others(f, leaving);
    else
        g_usleep(500000);
    run_one(f, PLAIN);
    return expect_workers(f, 1);
}

/* SIGHUP: new limits hold for the next job, nothing is lost; the same limits, or a file with an
 * error, leave the workers alone. */
static void
test_reload(void)
{
    g_autofree char *first = NULL, *same = NULL, *other = NULL, *broken = NULL, *text = NULL;
    g_autofree char *more = NULL;
    Fixture f;

    set_up(&f, "");
    run_one(&f, PLAIN);
    first = expect_workers(&f, 1);
    same = reload(&f, NULL, NULL);
    g_assert_cmpstr(same, ==, first);
    g_assert_true(g_file_get_contents(f.config, &text, NULL, NULL));
    more = g_strconcat(text, "\n[limits]\nparts = 999\n", NULL);
    other = reload(&f, more, first);
    g_assert_cmpstr(other, !=, first);
    broken = reload(&f, "[inspector]\nnonsense\n", NULL);
    g_assert_cmpstr(broken, ==, other);
    tear_down(&f);
}

/* An inspector of one's own, on a socket without a name; it ends with us, or before. */
static void
test_private(void)
{
    g_autoptr(SkLentInspector) lent = NULL;
    Fixture f = {.loop = sk_loop_new(NULL)};
    g_auto(Answer) crashed = {0};

    lent = sk_process_lend_new(g_getenv("SK_INSPECTOR_TRIAL"), NULL, NULL);
    g_assert_nonnull(lent);
    f.inspect = sk_process_inspect_new(f.loop, sk_process_lend_peek_socket(lent), 2, 5000);
    run_one(&f, PLAIN);
    submit(&f, "SK-TRIAL crash", SK_INSPECT_POOL_INBOUND, &crashed);
    wait_for(&f, &crashed, 1);
    assert_found(&crashed, "inspect.crashed");
    run_one(&f, PLAIN);
    sk_inspect_free(f.inspect);
    sk_loop_free(f.loop);
}

static void
test_no_private(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    g_autoptr(SkLentInspector) lent = sk_process_lend_new("/nonexistent", NULL, &error);
    Fixture f = {.loop = loop};
    g_auto(Answer) answer = {0};

    g_assert_nonnull(lent);
    f.inspect = sk_process_inspect_new(loop, sk_process_lend_peek_socket(lent), 2, 5000);
    g_usleep(100000);
    submit(&f, PLAIN, SK_INSPECT_POOL_INBOUND, &answer);
    wait_for(&f, &answer, 1);
    g_assert_error(answer.error, SK_ERROR, SK_ERROR_IO);
    sk_inspect_free(f.inspect);
}

#define SIGNATURE "SIGNATURE-OF-THE-TEST"

/* A message in which a file of SIZE bytes, the signature last, is written into the text. */
static char *
make_wrapped(size_t size)
{
    g_autofree char *content = g_strnfill(size, 'x');
    g_autoptr(GString) text = g_string_new("Subject: x\r\n\r\nbegin-base64 644 a.bin\r\n");
    g_autofree char *coded = NULL;
    size_t len;

    memcpy(content + size - strlen(SIGNATURE), SIGNATURE, strlen(SIGNATURE));
    coded = g_base64_encode((const guchar *)content, size);
    len = strlen(coded);
    for (size_t at = 0; at < len; at += 76)
        g_string_append_printf(text, "%.76s\r\n", coded + at);
    g_string_append(text, "====\r\n");
    return g_strdup(text->str);
}

/* What a worker unpacks comes back to be scanned, small and in pieces; a scanner that is away
 * keeps nobody from being inspected. */
static void
test_scans(void)
{
    static const size_t sizes[] = {100, 64 * 1024, 200 * 1024 + 1, 6 * 1024 * 1024};
    SkFakeScan *scanner;
    Fixture f;

    set_up(&f, "");
    scanner = sk_fake_scan_new(f.loop, SIGNATURE);
    sk_process_inspect_set_scan(f.inspect, sk_fake_scan_port(scanner), 60000);
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autofree char *text = make_wrapped(sizes[i]);
        g_auto(Answer) answer = {0};
        const SkFinding *found;

        submit(&f, text, SK_INSPECT_POOL_INBOUND, &answer);
        wait_for(&f, &answer, 1);
        assert_fine(&answer);
        found = sk_findings_find(answer.result->findings, "malware.found", NULL);
        g_assert_nonnull(found);
        g_assert_cmpstr(found->subject, ==, "a.bin");
        g_assert_cmpstr(found->detail, ==, "Fake.Signature");
        g_assert_cmpstr(found->part, ==, "1.1");
        g_assert_cmpuint(sk_fake_scan_last(scanner).len, ==, sizes[i]);
    }
    sk_inspect_free(g_steal_pointer(&f.inspect));
    sk_scan_free(sk_fake_scan_port(scanner));
    tear_down(&f);
}

/* The worker is not ended for a scanner that does not answer: half its time is left. */
static void
test_slow_scanner(void)
{
    g_autofree char *text = make_wrapped(100);
    g_auto(Answer) answer = {0};
    SkFakeScan *scanner;
    Fixture f;

    set_up(&f, "");
    scanner = sk_fake_scan_new(f.loop, SIGNATURE);
    sk_fake_scan_hold(scanner, true);
    sk_process_inspect_set_scan(f.inspect, sk_fake_scan_port(scanner), 100);
    submit(&f, text, SK_INSPECT_POOL_INBOUND, &answer);
    wait_for(&f, &answer, 1);
    assert_fine(&answer);
    g_assert_nonnull(sk_findings_find(answer.result->findings, "malware.temperror", NULL));
    sk_inspect_free(g_steal_pointer(&f.inspect));
    sk_scan_free(sk_fake_scan_port(scanner));
    tear_down(&f);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/inspector/deaths", test_deaths);
    g_test_add_func("/inspector/open-is-refused", test_open_is_refused);
    g_test_add_func("/inspector/retirement", test_retirement);
    g_test_add_func("/inspector/pools-do-not-mix", test_pools_do_not_mix);
    g_test_add_func("/inspector/memfd", test_memfd);
    g_test_add_func("/inspector/large-bytes", test_large_bytes);
    g_test_add_func("/inspector/master-dies", test_master_dies);
    g_test_add_func("/inspector/waiting", test_waiting);
    g_test_add_func("/inspector/waiting-too-long", test_waiting_too_long);
    g_test_add_func("/inspector/cancel", test_cancel);
    g_test_add_func("/inspector/client-leaves", test_client_leaves);
    g_test_add_func("/inspector/idle", test_idle);
    g_test_add_func("/inspector/idle-worker-dies", test_idle_worker_dies);
    g_test_add_func("/inspector/reload", test_reload);
    g_test_add_func("/inspector/private", test_private);
    g_test_add_func("/inspector/scans", test_scans);
    g_test_add_func("/inspector/slow-scanner", test_slow_scanner);
    g_test_add_func("/inspector/no-private", test_no_private);
    return g_test_run();
}
