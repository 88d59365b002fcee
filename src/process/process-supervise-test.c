/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-supervise.h"

#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/clock.h"
#include "process/process-socket.h"

/* Small shell programs write what happens to them into one file. */
typedef struct {
    char *dir, *log;
    SkLoop *loop;
    SkSupervise *supervise;
    unsigned ready;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    f->dir = g_dir_make_tmp("sekisho-XXXXXX", NULL);
    f->log = g_build_filename(f->dir, "log", NULL);
    f->loop = sk_loop_new(NULL);
    g_setenv("SK_TEST_LOG", f->log, TRUE);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_supervise_free(f->supervise);
    sk_loop_free(f->loop);
    g_unlink(f->log);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
    g_free(f->log);
}

static void
on_ready(void *data)
{
    Fixture *f = data;

    f->ready++;
}

static char *
read_log(const Fixture *f)
{
    char *text = NULL;

    return g_file_get_contents(f->log, &text, NULL, NULL) ? text : g_strdup("");
}

static void
wait_for_log(Fixture *f, const char *line)
{
    for (int i = 0; i < 200; i++) {
        g_autofree char *text = read_log(f);

        if (strstr(text, line) != NULL)
            return;
        sk_loop_step(f->loop, 50);
    }
    g_error("%s was never said", line);
}

/* Says its name when it starts and for each signal. The trap runs between short sleeps. */
#define PROGRAM(name)                                                                          \
    "trap 'echo " name "-term >>$SK_TEST_LOG; exit 0' TERM;"                                   \
    "trap 'echo " name "-hup >>$SK_TEST_LOG' HUP;"                                             \
    "echo " name "-start >>$SK_TEST_LOG; while :; do sleep 0.05; done"

static const char *const argv_a[] = {"/bin/sh", "-c", PROGRAM("a"), NULL};
static const char *const argv_b[] = {"/bin/sh", "-c", PROGRAM("b"), NULL};
static const char *const argv_dies[] = {"/bin/sh", "-c", "echo dies >>$SK_TEST_LOG; sleep 0.1",
                                        NULL};
static const char *const argv_absent[] = {"/nonexistent/program", NULL};

static void
test_order(Fixture *f, const void *data)
{
    const SkProgram programs[] = {{"a", argv_a, NULL}, {"b", argv_b, NULL}};
    g_autofree char *text = NULL;

    f->supervise = sk_supervise_new(f->loop, programs, 2, on_ready, f, NULL);
    g_assert_nonnull(f->supervise);
    wait_for_log(f, "a-start");
    wait_for_log(f, "b-start");
    g_assert_cmpuint(f->ready, ==, 1);
    sk_supervise_reload(f->supervise);
    wait_for_log(f, "a-hup");
    wait_for_log(f, "b-hup");
    sk_supervise_stop(f->supervise);
    sk_loop_run(f->loop);
    g_assert_false(sk_supervise_has_failed(f->supervise));
    text = read_log(f);
    g_assert_nonnull(strstr(text, "b-term\na-term\n"));
}

/* Dies every 0.1 s; started again after 0.1, 0.2, 0.4 s: four times in well over 0.7 s. */
static void
test_restart(Fixture *f, const void *data)
{
    const SkProgram programs[] = {{"a", argv_a, NULL}, {"dies", argv_dies, NULL}};
    int64_t before = sk_clock_mono_ms(sk_clock_real());

    f->supervise = sk_supervise_new(f->loop, programs, 2, on_ready, f, NULL);
    wait_for_log(f, "dies\ndies\ndies\ndies\n");
    g_assert_cmpint(sk_clock_mono_ms(sk_clock_real()) - before, >, 700);
    g_assert_cmpuint(f->ready, ==, 1);
    sk_supervise_stop(f->supervise);
    sk_loop_run(f->loop);
    g_assert_false(sk_supervise_has_failed(f->supervise));
}

static void
test_start_fails(Fixture *f, const void *data)
{
    const SkProgram programs[] = {{"a", argv_a, NULL},
                                  {"absent", argv_absent, "/nonexistent/socket"},
                                  {"b", argv_b, NULL}};
    g_autofree char *text = NULL;

    f->supervise = sk_supervise_new(f->loop, programs, 3, on_ready, f, NULL);
    sk_loop_run(f->loop);
    g_assert_true(sk_supervise_has_failed(f->supervise));
    g_assert_cmpuint(f->ready, ==, 0);
    text = read_log(f);
    g_assert_null(strstr(text, "b-start"));
}

/* The second starts only when somebody listens where the first should. */
static void
test_waits_for_socket(Fixture *f, const void *data)
{
    g_autofree char *path = g_build_filename(f->dir, "socket", NULL);
    const SkProgram programs[] = {{"a", argv_a, path}, {"b", argv_b, NULL}};
    g_autofree char *text = NULL;
    int fd;

    f->supervise = sk_supervise_new(f->loop, programs, 2, on_ready, f, NULL);
    wait_for_log(f, "a-start");
    for (int i = 0; i < 6; i++)
        sk_loop_step(f->loop, 50);
    text = read_log(f);
    g_assert_null(strstr(text, "b-start"));
    fd = sk_socket_listen(path, 0600, NULL);
    wait_for_log(f, "b-start");
    close(fd);
    g_unlink(path);
}

/* A supervisor that is killed takes its programs with it. */
static void
test_dies_with_us(Fixture *f, const void *data)
{
    pid_t pid = fork();

    if (pid == 0) {
        g_autoptr(SkLoop) loop = sk_loop_new(NULL);
        const SkProgram programs[] = {{"a", argv_a, NULL}};

        f->supervise = sk_supervise_new(loop, programs, 1, NULL, NULL, NULL);
        sk_loop_run(loop);
        _exit(0);
    }
    wait_for_log(f, "a-start");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    wait_for_log(f, "a-term");
}

#define ADD(name, func) g_test_add(name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("/supervise/order", test_order);
    ADD("/supervise/restart", test_restart);
    ADD("/supervise/start-fails", test_start_fails);
    ADD("/supervise/waits-for-socket", test_waits_for_socket);
    ADD("/supervise/dies-with-us", test_dies_with_us);
    return g_test_run();
}
