/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include "inspector/inspector-child.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/log.h"
#include "process/process-wire.h"

#define BOARD_SIZE 4096

G_STATIC_ASSERT(sizeof(SkInspectorBoard) <= BOARD_SIZE);

struct SkInspectorChild {
    pid_t pid; /* 0: dead and waited for */
    int job_fd;
    SkWatch *watch;
    SkInspectorBoard *board;
    SkInspectorLimits limits;
    SkInspectorChildFunc func;
    void *data;
    uint32_t seen_job; /* on the board when it was last looked at */
    int64_t seen_ms;   /* since when */
    int64_t seen_cpu_ms;
    bool overdue;   /* killed for the time its job took */
    bool retiring;  /* to end when idle */
    bool retired;   /* killed while it was idle */
    bool abandoned; /* its client closed the connection */
    bool corpse;    /* only the obituary is still to be written */
    uint8_t obituary[SK_WIRE_OBITUARY_SIZE];
};

static SkInspectorBoard *
make_board(GError **error)
{
    void *map =
        mmap(NULL, BOARD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (map == MAP_FAILED) {
        sk_error_set_errno(error, errno, "sharing a page with a worker");
        return NULL;
    }
    return map;
}

static void
end_now(SkInspectorChild *child)
{
    if (child->pid > 0)
        (void)kill(child->pid, SIGKILL);
}

/* There is room again, or nobody reads any more. */
static void
write_obituary(SkInspectorChild *child)
{
    ssize_t n = send(child->job_fd, child->obituary, sizeof child->obituary,
                     MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno == EAGAIN)
        sk_watch_set(child->watch, SK_LOOP_WRITE);
    else
        child->func(child, child->data);
}

static void
on_connection(unsigned events, void *data)
{
    SkInspectorChild *child = data;

    if (child->corpse && (events & SK_LOOP_HANGUP) == 0) {
        write_obituary(child);
    } else if (child->corpse) {
        child->func(child, child->data);
    } else {
        /* Nobody waits for this worker any more. */
        child->abandoned = true;
        sk_watch_free(g_steal_pointer(&child->watch));
        end_now(child);
    }
}

static bool
give_birth(SkInspectorChild *child, int wake_fd, const SkInspectorWork *work, GError **error)
{
    pid_t master = getpid();

    child->pid = fork();
    if (child->pid < 0) {
        child->pid = 0;
        return sk_error_set_errno(error, errno, "starting a worker");
    }
    if (child->pid == 0) {
        SkInspectorBirth birth = {child->job_fd, wake_fd,        master,
                                  child->board,  &child->limits, work};

        sk_inspector_worker_run(&birth);
    }
    /* Workers born later must not see this one's board. */
    (void)madvise(child->board, BOARD_SIZE, MADV_DONTFORK);
    return true;
}

SkInspectorChild *
sk_inspector_child_new(SkLoop *loop,
                       int job_fd,
                       int wake_fd,
                       const SkInspectorLimits *limits,
                       const SkInspectorWork *work,
                       SkInspectorChildFunc func,
                       void *data,
                       GError **error)
{
    SkInspectorChild *child = g_new0(SkInspectorChild, 1);

    *child =
        (SkInspectorChild){.job_fd = job_fd, .limits = *limits, .func = func, .data = data};
    child->board = make_board(error);
    if (child->board != NULL)
        child->watch = sk_loop_watch(loop, job_fd, 0, on_connection, child, error);
    if (child->watch != NULL && give_birth(child, wake_fd, work, error))
        return child;
    sk_inspector_child_free(child);
    return NULL;
}

void
sk_inspector_child_free(SkInspectorChild *child)
{
    if (child == NULL)
        return;
    end_now(child);
    sk_watch_free(child->watch);
    sk_fd_clear(&child->job_fd);
    if (child->board != NULL)
        munmap(child->board, BOARD_SIZE);
    g_free(child);
}

pid_t
sk_inspector_child_pid(const SkInspectorChild *child)
{
    return child->pid;
}

bool
sk_inspector_child_is_busy(const SkInspectorChild *child)
{
    return !child->corpse && atomic_load(&child->board->job) != 0;
}

void
sk_inspector_child_set_watched(SkInspectorChild *child, bool watched)
{
    atomic_store(&child->board->watched, watched ? 1 : 0);
}

static int64_t
cpu_ms(const SkInspectorChild *child)
{
    struct timespec used = {0};
    clockid_t clock;

    if (clock_getcpuclockid(child->pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        return 0;
    return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

void
sk_inspector_child_check(SkInspectorChild *child, int64_t now_ms)
{
    uint32_t job = atomic_load(&child->board->job);

    if (child->corpse || child->overdue)
        return;
    if (job == 0 && child->retiring) {
        child->retired = true;
        end_now(child);
    }
    if (job == 0 || job != child->seen_job) {
        child->seen_job = job;
        child->seen_ms = now_ms;
        child->seen_cpu_ms = job != 0 ? cpu_ms(child) : 0;
        return;
    }
    if (now_ms - child->seen_ms < child->limits.wall_ms &&
        cpu_ms(child) - child->seen_cpu_ms < child->limits.cpu_ms)
        return;
    child->overdue = true;
    end_now(child);
}

void
sk_inspector_child_retire(SkInspectorChild *child)
{
    child->retiring = true;
}

static uint8_t
signal_of(int status)
{
    if (WIFSIGNALED(status))
        return (uint8_t)WTERMSIG(status);
    return WEXITSTATUS(status) > 128 ? (uint8_t)(WEXITSTATUS(status) - 128) : 0;
}

static SkDeath
judge_death(const SkInspectorChild *child, uint8_t signum)
{
    if (child->overdue || signum == SIGXCPU)
        return SK_DEATH_TIMEOUT;
    /* A SIGKILL that is not ours: so the kernel does when the machine's memory is out. */
    if (atomic_load(&child->board->out_of_memory) != 0 || signum == SIGKILL)
        return SK_DEATH_LIMIT;
    return SK_DEATH_CRASHED;
}

static void
log_death(const SkInspectorChild *child, const SkObituary *obituary, int status)
{
    static const char *const names[SK_N_DEATHS] = {"crashed", "timeout", "limit"};
    g_autofree char *pid = g_strdup_printf("%d", (int)child->pid);
    g_autofree char *job = g_strdup_printf("%u", obituary->number);
    g_autofree char *how = obituary->signal != 0
                               ? g_strdup_printf("signal %u", obituary->signal)
                               : g_strdup_printf("status %d", WEXITSTATUS(status));
    bool unlocked = WIFEXITED(status) && WEXITSTATUS(status) == SK_INSPECTOR_EXIT_LOCKDOWN;

    child->board->trouble[sizeof child->board->trouble - 1] = '\0';
    sk_log(SK_LOG_WARNING,
           unlocked ? "a worker could not be locked down and did not start" : "worker died",
           "worker", pid, "job", job, "reason", names[obituary->death], "how", how, "error",
           child->board->trouble[0] != '\0' ? child->board->trouble : NULL, NULL);
}

void
sk_inspector_child_bury(SkInspectorChild *child, int status)
{
    uint32_t job = atomic_load(&child->board->job);
    uint8_t signum = signal_of(status);
    /* One that was retired may have begun a job in the same moment: not that job's fault. */
    SkObituary obituary = {child->retired ? 0 : job, judge_death(child, signum), signum};
    bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0 && job == 0;

    child->corpse = true;
    if (!clean && !child->abandoned && !child->retired)
        log_death(child, &obituary, status);
    child->pid = 0;
    if (clean || child->abandoned) {
        child->func(child, child->data);
        return;
    }
    sk_wire_write_obituary(child->obituary, &obituary);
    write_obituary(child);
}
