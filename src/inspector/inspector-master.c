/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4, pipe2 */
#include "inspector/inspector-master.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "inspector/inspector-child.h"

/* More than any number of gates on one host asks for; each costs a few MB. */
#define MAX_WORKERS 1024
#define TICK_MS     200
/* Ticks without work before the timer stops. */
#define QUIET_TICKS 10

struct SkInspectorMaster {
    SkLoop *loop;
    int listen_fd;
    SkWatch *listener;
    int wake_fds[2]; /* workers hold the writing end */
    SkWatch *wake;
    SkInspectorLimits limits;
    const SkInspectorWork *work;
    GHashTable *children; /* set of SkInspectorChild, corpses included */
    SkTimer *tick;
    unsigned quiet; /* ticks without work */
    bool stopping;
};

static void
watch_all(SkInspectorMaster *master, bool watched)
{
    GHashTableIter i;
    void *child;

    g_hash_table_iter_init(&i, master->children);
    while (g_hash_table_iter_next(&i, &child, NULL))
        sk_inspector_child_set_watched(child, watched);
}

static bool
check_all(SkInspectorMaster *master)
{
    int64_t now = sk_clock_mono_ms(sk_clock_real());
    bool busy = false;
    GHashTableIter i;
    void *child;

    g_hash_table_iter_init(&i, master->children);
    while (g_hash_table_iter_next(&i, &child, NULL)) {
        sk_inspector_child_check(child, now);
        busy |= sk_inspector_child_is_busy(child);
    }
    return busy;
}

static void
on_tick(void *data)
{
    SkInspectorMaster *master = data;

    if (master->listener != NULL)
        sk_watch_set(master->listener, SK_LOOP_READ);
    master->quiet = check_all(master) || master->stopping ? 0 : master->quiet + 1;
    if (master->quiet < QUIET_TICKS)
        return;
    /* First say that nobody watches, then look once more: see announce() of the worker. */
    watch_all(master, false);
    if (check_all(master))
        watch_all(master, true);
    else
        sk_timer_free(g_steal_pointer(&master->tick));
}

static void
start_watching(SkInspectorMaster *master)
{
    master->quiet = 0;
    if (master->tick != NULL)
        return;
    master->tick = sk_loop_timer(master->loop, TICK_MS, on_tick, master);
    watch_all(master, true);
    (void)check_all(master);
}

static void
on_wake(unsigned events, void *data)
{
    SkInspectorMaster *master = data;
    char bytes[64];

    (void)events;
    (void)!read(master->wake_fds[0], bytes, sizeof bytes);
    start_watching(master);
}

static void
on_child_gone(SkInspectorChild *child, void *data)
{
    SkInspectorMaster *master = data;

    g_hash_table_remove(master->children, child);
    if (master->stopping && g_hash_table_size(master->children) == 0)
        sk_loop_stop(master->loop);
}

static void
bear(SkInspectorMaster *master, int job_fd)
{
    g_autoptr(GError) error = NULL;
    SkInspectorChild *child =
        sk_inspector_child_new(master->loop, job_fd, master->wake_fds[1], &master->limits,
                               master->work, on_child_gone, master, &error);

    if (child == NULL) {
        sk_log_error(SK_LOG_CRITICAL, "no worker for a connection", error);
        return;
    }
    sk_inspector_child_set_watched(child, master->tick != NULL);
    g_hash_table_add(master->children, child);
}

static void
on_connection(unsigned events, void *data)
{
    SkInspectorMaster *master = data;

    (void)events;
    while (g_hash_table_size(master->children) < MAX_WORKERS) {
        int fd = accept4(master->listen_fd, NULL, NULL, SOCK_CLOEXEC);

        if (fd >= 0)
            bear(master, fd);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && errno != ECONNABORTED)
            break; /* out of descriptors or memory */
    }
    sk_watch_set(master->listener, 0);
    start_watching(master);
}

static SkInspectorChild *
find_child(SkInspectorMaster *master, pid_t pid)
{
    GHashTableIter i;
    void *child;

    g_hash_table_iter_init(&i, master->children);
    while (g_hash_table_iter_next(&i, &child, NULL)) {
        if (sk_inspector_child_pid(child) == pid)
            return child;
    }
    return NULL;
}

static void
on_sigchld(void *data)
{
    SkInspectorMaster *master = data;
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        SkInspectorChild *child = find_child(master, pid);

        if (child != NULL)
            sk_inspector_child_bury(child, status);
    }
}

static bool
open_all(SkInspectorMaster *master, GError **error)
{
    if (pipe2(master->wake_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return sk_error_set_errno(error, errno, "making a pipe");
    master->wake =
        sk_loop_watch(master->loop, master->wake_fds[0], SK_LOOP_READ, on_wake, master, error);
    if (master->wake == NULL)
        return false;
    master->listener = sk_loop_watch(master->loop, master->listen_fd, SK_LOOP_READ,
                                     on_connection, master, error);
    return master->listener != NULL &&
           sk_loop_signal(master->loop, SIGCHLD, on_sigchld, master, error);
}

SkInspectorMaster *
sk_inspector_master_new(SkLoop *loop,
                        int listen_fd,
                        const SkInspectorLimits *limits,
                        const SkInspectorWork *work,
                        GError **error)
{
    g_autoptr(SkInspectorMaster) master = g_new0(SkInspectorMaster, 1);

    master->loop = loop;
    master->listen_fd = listen_fd;
    master->wake_fds[0] = master->wake_fds[1] = -1;
    master->limits = *limits;
    master->work = work;
    master->children = g_hash_table_new_full(
        NULL, NULL, (GDestroyNotify)(void (*)(void))sk_inspector_child_free, NULL);
    return open_all(master, error) ? g_steal_pointer(&master) : NULL;
}

void
sk_inspector_master_free(SkInspectorMaster *master)
{
    if (master == NULL)
        return;
    sk_timer_free(master->tick);
    sk_watch_free(master->wake);
    sk_watch_free(master->listener);
    g_hash_table_unref(master->children);
    sk_fd_clear(&master->wake_fds[0]);
    sk_fd_clear(&master->wake_fds[1]);
    sk_fd_clear(&master->listen_fd);
    g_free(master);
}

static void
retire_all(SkInspectorMaster *master)
{
    GHashTableIter i;
    void *child;

    g_hash_table_iter_init(&i, master->children);
    while (g_hash_table_iter_next(&i, &child, NULL))
        sk_inspector_child_retire(child);
    start_watching(master);
    (void)check_all(master);
}

static bool
budgets_equal(const SkBudgetLimits *a, const SkBudgetLimits *b)
{
    return a->bytes == b->bytes && a->entries == b->entries &&
           a->unpacked_entries == b->unpacked_entries && a->parts == b->parts &&
           a->depth == b->depth && a->ratio == b->ratio && a->cpu_ms == b->cpu_ms;
}

static bool
limits_equal(const SkInspectorLimits *a, const SkInspectorLimits *b)
{
    return a->memory == b->memory && a->wall_ms == b->wall_ms && a->cpu_ms == b->cpu_ms &&
           a->worker_jobs == b->worker_jobs && budgets_equal(&a->budget, &b->budget);
}

/* Most reloads are about the policy: they must not cost every worker. */
void
sk_inspector_master_set_limits(SkInspectorMaster *master, const SkInspectorLimits *limits)
{
    if (limits_equal(&master->limits, limits))
        return;
    master->limits = *limits;
    retire_all(master);
}

void
sk_inspector_master_stop(SkInspectorMaster *master)
{
    master->stopping = true;
    sk_watch_free(g_steal_pointer(&master->listener));
    sk_fd_clear(&master->listen_fd);
    if (g_hash_table_size(master->children) == 0)
        sk_loop_stop(master->loop);
    else
        retire_all(master);
}
