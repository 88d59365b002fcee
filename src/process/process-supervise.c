/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-supervise.h"

#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "process/process-socket.h"
#include "process/process-spawn.h"

#define TICK_MS      100
#define READY_MS     10000
#define STOP_MS      15000
#define BACK_OFF_MIN 100
#define BACK_OFF_MAX 30000
/* Who ran for so long may start at once again. */
#define SETTLED_MS 10000

typedef struct {
    char **argv;
    char *name;
    pid_t pid; /* 0: not running */
    int64_t started_ms;
    int64_t restart_ms; /* when it is due, if not running */
    int64_t back_off_ms;
} Program;

struct SkSupervisor {
    SkLoop *loop;
    SkTimer *timer;
    GPtrArray *programs; /* of Program, in order of start */
    SkLoopFunc stopped;
    void *data;
    bool stopping;
    int64_t kill_ms;
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void
program_free(void *data)
{
    Program *program = data;

    g_strfreev(program->argv);
    g_free(program->name);
    g_free(program);
}

static bool
start(Program *program, GError **error)
{
    pid_t pid = sk_process_start(program->argv, -1, error);

    program->started_ms = now_ms();
    program->pid = pid > 0 ? pid : 0;
    program->restart_ms = program->started_ms + program->back_off_ms;
    return pid > 0;
}

static void
describe_end(const Program *program, int status)
{
    g_autofree char *how = WIFSIGNALED(status)
                               ? g_strdup_printf("signal %d", WTERMSIG(status))
                               : g_strdup_printf("exit status %d", WEXITSTATUS(status));

    sk_log(SK_LOG_WARNING, "program ended, starting it again", "program", program->name, "how",
           how, NULL);
}

static void
note_end(SkSupervisor *supervisor, Program *program, int status)
{
    int64_t now = now_ms();

    program->pid = 0;
    if (supervisor->stopping)
        return;
    describe_end(program, status);
    if (now - program->started_ms >= SETTLED_MS)
        program->back_off_ms = BACK_OFF_MIN;
    program->restart_ms = now + program->back_off_ms;
    program->back_off_ms = MIN(2 * program->back_off_ms, BACK_OFF_MAX);
}

static void
reap(SkSupervisor *supervisor)
{
    for (guint i = 0; i < supervisor->programs->len; i++) {
        Program *program = supervisor->programs->pdata[i];
        int status = 0;

        if (program->pid > 0 && waitpid(program->pid, &status, WNOHANG) == program->pid)
            note_end(supervisor, program, status);
    }
}

static void
restart_due(SkSupervisor *supervisor)
{
    for (guint i = 0; i < supervisor->programs->len; i++) {
        Program *program = supervisor->programs->pdata[i];
        g_autoptr(GError) error = NULL;

        if (program->pid == 0 && program->restart_ms <= now_ms() && !start(program, &error))
            sk_log_error(SK_LOG_CRITICAL, "cannot start a program", error);
    }
}

/* The last one that still runs is told to end, once; the others wait their turn. */
static void
stop_next(SkSupervisor *supervisor)
{
    bool kill_all = now_ms() >= supervisor->kill_ms;

    for (guint i = supervisor->programs->len; i > 0; i--) {
        Program *program = supervisor->programs->pdata[i - 1];

        if (program->pid == 0)
            continue;
        if (kill_all)
            (void)kill(program->pid, SIGKILL);
        else if (program->restart_ms != 0)
            (void)kill(program->pid, SIGTERM);
        program->restart_ms = 0; /* while stopping: it was told */
        return;
    }
    supervisor->stopped(supervisor->data);
}

static void
on_tick(void *data)
{
    SkSupervisor *supervisor = data;

    reap(supervisor);
    if (supervisor->stopping)
        stop_next(supervisor);
    else
        restart_due(supervisor);
}

static void
on_child(void *data)
{
    on_tick(data);
}

SkSupervisor *
sk_supervisor_new(SkLoop *loop, SkLoopFunc stopped, void *data, GError **error)
{
    SkSupervisor *supervisor = g_new0(SkSupervisor, 1);

    supervisor->loop = loop;
    supervisor->stopped = stopped;
    supervisor->data = data;
    supervisor->programs = g_ptr_array_new_with_free_func(program_free);
    supervisor->timer = sk_loop_timer(loop, TICK_MS, on_tick, supervisor);
    if (!sk_loop_signal(loop, SIGCHLD, on_child, supervisor, error)) {
        sk_supervisor_free(supervisor);
        return NULL;
    }
    return supervisor;
}

void
sk_supervisor_free(SkSupervisor *supervisor)
{
    if (supervisor == NULL)
        return;
    for (guint i = 0; i < supervisor->programs->len; i++) {
        const Program *program = supervisor->programs->pdata[i];

        if (program->pid > 0 && kill(program->pid, SIGKILL) == 0)
            (void)waitpid(program->pid, NULL, 0);
    }
    sk_timer_free(supervisor->timer);
    g_ptr_array_unref(supervisor->programs);
    g_free(supervisor);
}

static bool
wait_ready(Program *program, const char *socket, GError **error)
{
    int64_t end = now_ms() + READY_MS;
    int status = 0;

    while (now_ms() < end) {
        if (waitpid(program->pid, &status, WNOHANG) == program->pid) {
            program->pid = 0;
            g_set_error(error, SK_ERROR, SK_ERROR_IO,
                        "%s ended at its start; its lines above say why", program->name);
            return false;
        }
        if (sk_socket_is_alive(socket))
            return true;
        g_usleep(10000);
    }
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT, "%s did not get ready: nobody answers at %s",
                program->name, socket);
    return false;
}

bool
sk_supervisor_add(SkSupervisor *supervisor,
                  char **argv,
                  const char *ready_socket,
                  GError **error)
{
    Program *program = g_new0(Program, 1);

    program->argv = g_strdupv(argv);
    program->name = g_path_get_basename(argv[0]);
    program->back_off_ms = BACK_OFF_MIN;
    g_ptr_array_add(supervisor->programs, program);
    if (!start(program, error))
        return false;
    return ready_socket == NULL || wait_ready(program, ready_socket, error);
}

void
sk_supervisor_signal(SkSupervisor *supervisor, int signum)
{
    for (guint i = 0; i < supervisor->programs->len; i++) {
        const Program *program = supervisor->programs->pdata[i];

        if (program->pid > 0)
            (void)kill(program->pid, signum);
    }
}

void
sk_supervisor_stop(SkSupervisor *supervisor)
{
    supervisor->kill_ms = supervisor->stopping ? 0 : now_ms() + STOP_MS;
    supervisor->stopping = true;
    on_tick(supervisor);
}
