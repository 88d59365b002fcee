/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "process/process-supervise.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "process/process-socket.h"

#define TICK_MS      50
#define READY_MS     30000
#define STOP_MS      30000
#define FIRST_WAIT   100
#define LONGEST_WAIT 10000
/* One that ran this long had no trouble with its start. */
#define SETTLED_MS 60000

typedef struct {
    SkProgram program;
    pid_t pid; /* 0: does not run */
    int64_t started_ms;
    int64_t due_ms;  /* when it is to be started again */
    int64_t wait_ms; /* before that */
} Charge;

typedef enum {
    STARTING, /* up to `current` were started */
    RUNNING,
    STOPPING, /* `current` is being stopped */
} Phase;

struct SkSupervise {
    SkLoop *loop;
    SkSuperviseFunc ready;
    void *data;
    Phase phase;
    size_t current;
    int64_t since_ms; /* when `current` was started, or told to stop */
    bool failed;
    bool ended;
    SkTimer *tick; /* while something is to be waited for */
    size_t n;
    Charge charges[];
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void run_program(const SkProgram *program, pid_t parent) G_GNUC_NORETURN;

static void
run_program(const SkProgram *program, pid_t parent)
{
    sigset_t none;

    /* A group of its own: Ctrl-C reaches us only, and we stop them in order. */
    (void)setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    if (getppid() == parent)
        execv(program->argv[0], (char *const *)program->argv);
    _exit(127);
}

static bool
start(Charge *charge)
{
    pid_t parent = getpid();

    charge->pid = fork();
    if (charge->pid == 0)
        run_program(&charge->program, parent);
    charge->started_ms = now_ms();
    if (charge->pid > 0)
        return true;
    charge->pid = 0;
    charge->due_ms = now_ms() + LONGEST_WAIT;
    sk_log(SK_LOG_CRITICAL, "program not started", "program", charge->program.name, "error",
           g_strerror(errno), NULL);
    return false;
}

static void on_tick(void *data);

static void
need_tick(SkSupervise *s)
{
    if (s->tick == NULL && !s->ended)
        s->tick = sk_loop_timer(s->loop, TICK_MS, on_tick, s);
}

static void
fail(SkSupervise *s, const Charge *charge, const char *why)
{
    sk_log(SK_LOG_CRITICAL, why, "program", charge->program.name, NULL);
    s->failed = true;
    sk_supervise_stop(s);
}

static void
go_on_starting(SkSupervise *s)
{
    Charge *charge = &s->charges[s->current];

    if (charge->program.socket != NULL && !sk_socket_is_alive(charge->program.socket)) {
        if (now_ms() - s->since_ms > READY_MS)
            fail(s, charge, "program does not become ready");
        return;
    }
    s->current++;
    s->since_ms = now_ms();
    if (s->current < s->n) {
        if (!start(&s->charges[s->current]))
            fail(s, &s->charges[s->current], "start given up");
        return;
    }
    s->phase = RUNNING;
    if (s->ready != NULL)
        s->ready(s->data);
}

/* Whether something is still to be started again. */
static bool
start_again(SkSupervise *s)
{
    bool more = false;

    for (size_t i = 0; i < s->n; i++) {
        Charge *charge = &s->charges[i];

        if (charge->pid == 0 && charge->due_ms <= now_ms())
            (void)start(charge);
        more |= charge->pid == 0;
    }
    return more;
}

/* From the last to the first; each gets SIGTERM when the one after it has gone. */
static void
go_on_stopping(SkSupervise *s)
{
    while (s->current > 0 && s->charges[s->current - 1].pid == 0) {
        s->current--;
        s->since_ms = now_ms();
        if (s->current > 0 && s->charges[s->current - 1].pid > 0)
            (void)kill(s->charges[s->current - 1].pid, SIGTERM);
    }
    if (s->current == 0) {
        s->ended = true;
        sk_loop_stop(s->loop);
    } else if (now_ms() - s->since_ms > STOP_MS) {
        (void)kill(s->charges[s->current - 1].pid, SIGKILL);
    }
}

static void
on_tick(void *data)
{
    SkSupervise *s = data;
    bool more = true;

    if (s->phase == STARTING)
        go_on_starting(s);
    else if (s->phase == RUNNING)
        more = start_again(s);
    else
        go_on_stopping(s);
    if (!more || s->ended)
        sk_timer_free(g_steal_pointer(&s->tick));
}

static void
on_end(SkSupervise *s, Charge *charge, int status)
{
    g_autofree char *how = WIFSIGNALED(status)
                               ? g_strdup_printf("signal %d", WTERMSIG(status))
                               : g_strdup_printf("status %d", WEXITSTATUS(status));

    charge->pid = 0;
    if (s->phase == STOPPING) {
        go_on_stopping(s);
        return;
    }
    sk_log(SK_LOG_WARNING, "program ended", "program", charge->program.name, "how", how, NULL);
    if (s->phase == STARTING) {
        fail(s, charge, "program ended in the start");
        return;
    }
    charge->wait_ms = now_ms() - charge->started_ms >= SETTLED_MS || charge->wait_ms == 0
                          ? FIRST_WAIT
                          : MIN(2 * charge->wait_ms, LONGEST_WAIT);
    charge->due_ms = now_ms() + charge->wait_ms;
    need_tick(s);
}

/* Each by its own number: other children are none of our business. */
static void
on_sigchld(void *data)
{
    SkSupervise *s = data;
    int status;

    for (size_t i = 0; i < s->n; i++) {
        if (s->charges[i].pid > 0 &&
            waitpid(s->charges[i].pid, &status, WNOHANG) == s->charges[i].pid)
            on_end(s, &s->charges[i], status);
    }
}

SkSupervise *
sk_supervise_new(SkLoop *loop,
                 const SkProgram *programs,
                 size_t n,
                 SkSuperviseFunc ready,
                 void *data,
                 GError **error)
{
    g_autoptr(SkSupervise) s = g_malloc0(sizeof *s + n * sizeof s->charges[0]);

    g_assert(n > 0);
    s->loop = loop;
    s->ready = ready;
    s->data = data;
    s->n = n;
    for (size_t i = 0; i < n; i++)
        s->charges[i].program = programs[i];
    if (!sk_loop_signal(loop, SIGCHLD, on_sigchld, s, error))
        return NULL;
    s->since_ms = now_ms();
    if (!start(&s->charges[0])) {
        sk_error_set_errno(error, errno, "starting %s", programs[0].name);
        return NULL;
    }
    need_tick(s);
    return g_steal_pointer(&s);
}

void
sk_supervise_free(SkSupervise *supervise)
{
    if (supervise == NULL)
        return;
    sk_timer_free(supervise->tick);
    for (size_t i = 0; i < supervise->n; i++) {
        if (supervise->charges[i].pid > 0) {
            (void)kill(supervise->charges[i].pid, SIGKILL);
            (void)waitpid(supervise->charges[i].pid, NULL, 0);
        }
    }
    g_free(supervise);
}

void
sk_supervise_reload(SkSupervise *supervise)
{
    for (size_t i = 0; i < supervise->n; i++) {
        if (supervise->charges[i].pid > 0)
            (void)kill(supervise->charges[i].pid, SIGHUP);
    }
}

void
sk_supervise_stop(SkSupervise *supervise)
{
    if (supervise->phase == STOPPING)
        return;
    supervise->phase = STOPPING;
    supervise->current = supervise->n;
    supervise->since_ms = now_ms();
    if (supervise->charges[supervise->n - 1].pid > 0)
        (void)kill(supervise->charges[supervise->n - 1].pid, SIGTERM);
    go_on_stopping(supervise);
    need_tick(supervise);
}

bool
sk_supervise_has_failed(const SkSupervise *supervise)
{
    return supervise->failed;
}
