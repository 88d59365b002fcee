/* SPDX-License-Identifier: Apache-2.0 */
#include "base/loop.h"

#include <sys/socket.h>

#include <signal.h>

#include "base/autofree.h"

typedef struct {
    SkLoop *loop;
    SkWatch *watch;
    SkTimer *timer;
    int fd;
    int calls;
} Fixture;

static void
on_readable(unsigned events, void *data)
{
    Fixture *f = data;
    char c;

    g_assert_cmpuint(events & SK_LOOP_READ, !=, 0);
    g_assert_cmpint(read(f->fd, &c, 1), ==, 1);
    f->calls++;
    /* Freeing the own watch inside its callback is allowed. */
    sk_watch_free(f->watch);
    sk_loop_stop(f->loop);
}

static void
test_watch(void)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    Fixture f = {.loop = loop};
    int pair[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    f.fd = pair[0];
    f.watch = sk_loop_watch(loop, pair[0], SK_LOOP_READ, on_readable, &f, NULL);
    g_assert_nonnull(f.watch);
    g_assert_cmpint(write(pair[1], "xy", 2), ==, 2);
    sk_loop_run(loop);
    sk_loop_step(loop, 0);
    g_assert_cmpint(f.calls, ==, 1);
    close(pair[0]);
    close(pair[1]);
}

static void
on_timer(void *data)
{
    Fixture *f = data;

    if (++f->calls == 3) {
        sk_timer_free(f->timer);
        sk_loop_stop(f->loop);
    }
}

static void
test_timer(void)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    Fixture f = {.loop = loop};

    f.timer = sk_loop_timer(loop, 1, on_timer, &f);
    sk_loop_run(loop);
    sk_loop_step(loop, 5);
    g_assert_cmpint(f.calls, ==, 3);
}

static void
on_call(void *data)
{
    Fixture *f = data;

    f->calls++;
    sk_loop_stop(f->loop);
}

static void *
post_from_thread(void *data)
{
    Fixture *f = data;

    sk_loop_post(f->loop, on_call, f);
    return NULL;
}

static void
test_post(void)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    Fixture f = {.loop = loop};
    GThread *thread = g_thread_new("poster", post_from_thread, &f);

    sk_loop_run(loop);
    g_thread_join(thread);
    g_assert_cmpint(f.calls, ==, 1);
}

static void
test_signal(void)
{
    g_autoptr(SkLoop) loop = sk_loop_new(NULL);
    Fixture f = {.loop = loop};

    g_assert_true(sk_loop_signal(loop, SIGUSR1, on_call, &f, NULL));
    raise(SIGUSR1);
    sk_loop_run(loop);
    g_assert_cmpint(f.calls, ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/loop/watch", test_watch);
    g_test_add_func("/loop/timer", test_timer);
    g_test_add_func("/loop/post", test_post);
    g_test_add_func("/loop/signal", test_signal);
    return g_test_run();
}
