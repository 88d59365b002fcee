/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * loop - an event loop over epoll: descriptors, timers, signals, calls from other threads
 *
 * One loop belongs to one thread. Everything but sk_loop_post() and sk_loop_stop() is called
 * from that thread only. A callback may free any watch or timer, its own included.
 *
 * Limits: timers are kept in a sorted list: for a handful a loop, not for one a message.
 * Errors: IO when the kernel refuses a descriptor.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct SkLoop SkLoop;
typedef struct SkWatch SkWatch;
typedef struct SkTimer SkTimer;

typedef enum {
    SK_LOOP_READ = 1 << 0,
    SK_LOOP_WRITE = 1 << 1,
    SK_LOOP_HANGUP = 1 << 2, /* reported unasked */
    SK_LOOP_SHARED = 1 << 3, /* several loops watch it; wake one (EPOLLEXCLUSIVE) */
} SkLoopEvents;

typedef void (*SkWatchFunc)(unsigned events, void *data);
typedef void (*SkLoopFunc)(void *data);

SkLoop *sk_loop_new(GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_loop_free(SkLoop *loop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkLoop, sk_loop_free)

/* Runs until sk_loop_stop(). */
void sk_loop_run(SkLoop *loop);
/* One round: waits at most TIMEOUT_MS (-1: for ever) and calls what is due. */
void sk_loop_step(SkLoop *loop, int timeout_ms);
void sk_loop_stop(SkLoop *loop);

/* Watches FD, which stays the caller's; he frees the watch before he closes it. */
SkWatch *sk_loop_watch(SkLoop *loop,
                       int fd,
                       unsigned events,
                       SkWatchFunc func,
                       void *data,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Changes what is watched for; cheap when it is the same. */
void sk_watch_set(SkWatch *watch, unsigned events);
void sk_watch_free(SkWatch *watch);

/* Calls FUNC every INTERVAL_MS until freed. */
SkTimer *sk_loop_timer(SkLoop *loop, int64_t interval_ms, SkLoopFunc func, void *data);
void sk_timer_free(SkTimer *timer);

/* Has the loop's thread call FUNC soon. From any thread. */
void sk_loop_post(SkLoop *loop, SkLoopFunc func, void *data);

/* Blocks SIGNUM in this thread (so: call before others are started) and calls FUNC for it. */
bool sk_loop_signal(SkLoop *loop, int signum, SkLoopFunc func, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
