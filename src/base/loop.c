/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"

#define EVENTS_A_ROUND 64

struct SkWatch {
    SkLoop *loop;
    int fd;
    unsigned events;
    SkWatchFunc func; /* NULL: freed in this round, removed at its end */
    void *data;
};

struct SkTimer {
    SkLoop *loop;
    int64_t due_ms;
    int64_t interval_ms;
    SkLoopFunc func;
    void *data;
};

typedef struct {
    SkLoopFunc func;
    void *data;
} Call;

typedef struct {
    int fd;
    SkWatch *watch;
    SkLoopFunc func;
    void *data;
} SignalWatch;

struct SkLoop {
    int epoll_fd;
    int wake_fd;
    SkWatch *wake;
    atomic_bool stopped;
    GSequence *timers;  /* of SkTimer, by due_ms */
    GPtrArray *dead;    /* of SkWatch, freed after the round */
    GPtrArray *signals; /* of SignalWatch */
    GMutex calls_lock;
    GArray *calls; /* of Call */
};

static uint32_t
to_epoll(unsigned events)
{
    return ((events & SK_LOOP_READ) ? (uint32_t)EPOLLIN : 0) |
           ((events & SK_LOOP_WRITE) ? (uint32_t)EPOLLOUT : 0) |
           ((events & SK_LOOP_SHARED) ? (uint32_t)EPOLLEXCLUSIVE : 0);
}

static unsigned
from_epoll(uint32_t events)
{
    return ((events & EPOLLIN) ? (unsigned)SK_LOOP_READ : 0) |
           ((events & EPOLLOUT) ? (unsigned)SK_LOOP_WRITE : 0) |
           ((events & (EPOLLHUP | EPOLLERR)) ? (unsigned)SK_LOOP_HANGUP : 0);
}

static void
on_wake(unsigned events, void *data)
{
    SkLoop *loop = data;
    uint64_t count;

    (void)events;
    /* Non-blocking: nothing to read means that another round was faster. */
    (void)!read(loop->wake_fd, &count, sizeof count);
}

static void
signal_watch_free(void *data)
{
    SignalWatch *signal_watch = data;

    sk_watch_free(signal_watch->watch);
    sk_fd_clear(&signal_watch->fd);
    g_free(signal_watch);
}

SkLoop *
sk_loop_new(GError **error)
{
    g_autoptr(SkLoop) loop = g_new0(SkLoop, 1);

    loop->timers = g_sequence_new(NULL);
    loop->dead = g_ptr_array_new_with_free_func(g_free);
    loop->signals = g_ptr_array_new_with_free_func(signal_watch_free);
    loop->calls = g_array_new(FALSE, FALSE, sizeof(Call));
    g_mutex_init(&loop->calls_lock);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0) {
        sk_error_set_errno(error, errno, "making an event loop");
        return NULL;
    }
    loop->wake = sk_loop_watch(loop, loop->wake_fd, SK_LOOP_READ, on_wake, loop, error);
    return loop->wake != NULL ? g_steal_pointer(&loop) : NULL;
}

void
sk_loop_free(SkLoop *loop)
{
    if (loop == NULL)
        return;
    g_ptr_array_unref(loop->signals);
    g_sequence_foreach(loop->timers, (GFunc)(void (*)(void))g_free, NULL);
    g_sequence_free(loop->timers);
    sk_watch_free(loop->wake);
    g_ptr_array_unref(loop->dead);
    g_array_unref(loop->calls);
    g_mutex_clear(&loop->calls_lock);
    sk_fd_clear(&loop->wake_fd);
    sk_fd_clear(&loop->epoll_fd);
    g_free(loop);
}

SkWatch *
sk_loop_watch(SkLoop *loop,
              int fd,
              unsigned events,
              SkWatchFunc func,
              void *data,
              GError **error)
{
    SkWatch *watch = g_new0(SkWatch, 1);
    struct epoll_event event = {.events = to_epoll(events), .data.ptr = watch};

    *watch = (SkWatch){loop, fd, events, func, data};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        sk_error_set_errno(error, errno, "watching a descriptor");
        g_free(watch);
        return NULL;
    }
    return watch;
}

void
sk_watch_set(SkWatch *watch, unsigned events)
{
    struct epoll_event event = {.events = to_epoll(events), .data.ptr = watch};

    if (watch->events == events)
        return;
    watch->events = events;
    g_assert(epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event) == 0);
}

void
sk_watch_free(SkWatch *watch)
{
    if (watch == NULL || watch->func == NULL)
        return;
    (void)epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    watch->func = NULL;
    g_ptr_array_add(watch->loop->dead, watch);
}

static int
compare_timers(const void *a, const void *b, void *data)
{
    const SkTimer *x = a, *y = b;

    (void)data;
    return (x->due_ms > y->due_ms) - (x->due_ms < y->due_ms);
}

static int64_t
mono_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

SkTimer *
sk_loop_timer(SkLoop *loop, int64_t interval_ms, SkLoopFunc func, void *data)
{
    SkTimer *timer = g_new0(SkTimer, 1);

    *timer = (SkTimer){loop, mono_ms() + interval_ms, interval_ms, func, data};
    g_sequence_insert_sorted(loop->timers, timer, compare_timers, NULL);
    return timer;
}

void
sk_timer_free(SkTimer *timer)
{
    if (timer == NULL)
        return;
    for (GSequenceIter *i = g_sequence_get_begin_iter(timer->loop->timers);
         !g_sequence_iter_is_end(i); i = g_sequence_iter_next(i)) {
        if (g_sequence_get(i) == timer) {
            g_sequence_remove(i);
            break;
        }
    }
    g_free(timer);
}

static void
run_timers(SkLoop *loop)
{
    int64_t now = mono_ms();

    for (;;) {
        GSequenceIter *first = g_sequence_get_begin_iter(loop->timers);
        SkTimer *timer;

        if (g_sequence_iter_is_end(first))
            return;
        timer = g_sequence_get(first);
        if (timer->due_ms > now)
            return;
        timer->due_ms = now + MAX(timer->interval_ms, 1);
        g_sequence_sort_changed(first, compare_timers, NULL);
        timer->func(timer->data); /* may free it: not touched afterwards */
    }
}

static int
wait_ms(SkLoop *loop, int timeout_ms)
{
    GSequenceIter *first = g_sequence_get_begin_iter(loop->timers);
    int64_t left;

    if (g_sequence_iter_is_end(first))
        return timeout_ms;
    left = ((SkTimer *)g_sequence_get(first))->due_ms - mono_ms();
    left = CLAMP(left, 0, 60000);
    return timeout_ms < 0 || left < timeout_ms ? (int)left : timeout_ms;
}

static void
run_calls(SkLoop *loop)
{
    g_autoptr(GArray) calls = NULL;

    g_mutex_lock(&loop->calls_lock);
    if (loop->calls->len > 0) {
        calls = loop->calls;
        loop->calls = g_array_new(FALSE, FALSE, sizeof(Call));
    }
    g_mutex_unlock(&loop->calls_lock);
    for (guint i = 0; calls != NULL && i < calls->len; i++) {
        Call *call = &g_array_index(calls, Call, i);

        call->func(call->data);
    }
}

void
sk_loop_step(SkLoop *loop, int timeout_ms)
{
    struct epoll_event events[EVENTS_A_ROUND];
    int n = epoll_wait(loop->epoll_fd, events, EVENTS_A_ROUND, wait_ms(loop, timeout_ms));

    for (int i = 0; i < n; i++) {
        SkWatch *watch = events[i].data.ptr;

        if (watch->func != NULL)
            watch->func(from_epoll(events[i].events), watch->data);
    }
    run_timers(loop);
    run_calls(loop);
    g_ptr_array_set_size(loop->dead, 0);
}

void
sk_loop_run(SkLoop *loop)
{
    while (!atomic_load(&loop->stopped))
        sk_loop_step(loop, -1);
    atomic_store(&loop->stopped, false);
}

static void
wake(SkLoop *loop)
{
    uint64_t one = 1;

    (void)!write(loop->wake_fd, &one, sizeof one);
}

void
sk_loop_stop(SkLoop *loop)
{
    atomic_store(&loop->stopped, true);
    wake(loop);
}

void
sk_loop_post(SkLoop *loop, SkLoopFunc func, void *data)
{
    Call call = {func, data};

    g_mutex_lock(&loop->calls_lock);
    g_array_append_val(loop->calls, call);
    g_mutex_unlock(&loop->calls_lock);
    wake(loop);
}

static void
on_signal(unsigned events, void *data)
{
    SignalWatch *signal_watch = data;
    struct signalfd_siginfo info;

    (void)events;
    while (read(signal_watch->fd, &info, sizeof info) == (ssize_t)sizeof info)
        signal_watch->func(signal_watch->data);
}

bool
sk_loop_signal(SkLoop *loop, int signum, SkLoopFunc func, void *data, GError **error)
{
    SignalWatch *signal_watch = g_new0(SignalWatch, 1);
    sigset_t set;

    g_ptr_array_add(loop->signals, signal_watch);
    sigemptyset(&set);
    sigaddset(&set, signum);
    *signal_watch = (SignalWatch){-1, NULL, func, data};
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) == 0)
        signal_watch->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_watch->fd < 0)
        return sk_error_set_errno(error, errno, "waiting for signal %d", signum);
    signal_watch->watch =
        sk_loop_watch(loop, signal_watch->fd, SK_LOOP_READ, on_signal, signal_watch, error);
    return signal_watch->watch != NULL;
}
