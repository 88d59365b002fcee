/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4 */
#include "keeper/keeper-serve.h"

#include <sys/socket.h>

#include <errno.h>

#include "base/autofree.h"
#include "base/log.h"

#define SWEEP_MS 2000
/* Connections taken before others get their turn. */
#define WELCOMES_A_ROUND 32

typedef struct {
    SkServe *serve;
    SkDoor door;
    int fd;
    SkWatch *watch;
    GQueue visits; /* of SkVisit; who asked last comes first */
} Door;

struct SkServe {
    SkLoop *loop;
    const SkClock *clock;
    SkDesk *desk;
    SkTimer *sweep;
    Door doors[SK_N_DOORS];
};

static void
on_visit(SkVisit *visit, bool ended, void *data)
{
    Door *door = data;
    GList *link = g_queue_find(&door->visits, visit);

    g_queue_unlink(&door->visits, link);
    if (!ended) {
        g_queue_push_head_link(&door->visits, link);
        return;
    }
    g_list_free(link);
    sk_visit_free(visit);
}

static void
close_last(Door *door)
{
    sk_visit_free(g_queue_pop_tail(&door->visits));
}

static void
welcome(Door *door, int fd)
{
    SkServe *serve = door->serve;
    g_autoptr(GError) error = NULL;
    SkVisit *visit = sk_visit_new(serve->loop, serve->clock, serve->desk, door->door, fd,
                                  on_visit, door, &error);

    if (visit == NULL) {
        sk_log_error(SK_LOG_WARNING, "closed a new connection", error);
        return;
    }
    g_queue_push_head(&door->visits, visit);
    if (door->visits.length > SK_SERVE_VISITS)
        close_last(door);
}

static void
on_connection(unsigned events, void *data)
{
    Door *door = data;

    (void)events;
    for (unsigned i = 0; i < WELCOMES_A_ROUND; i++) {
        int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0) {
            welcome(door, fd);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
            close_last(door);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return;
        }
    }
}

static void
sweep_door(Door *door)
{
    GList *next;

    for (GList *link = door->visits.head; link != NULL; link = next) {
        next = link->next;
        if (!sk_visit_is_stale(link->data))
            continue;
        sk_visit_free(link->data);
        g_queue_delete_link(&door->visits, link);
    }
}

void
sk_serve_sweep(SkServe *serve)
{
    for (unsigned i = 0; i < SK_N_DOORS; i++)
        sweep_door(&serve->doors[i]);
}

static void
on_sweep(void *data)
{
    sk_serve_sweep(data);
}

unsigned
sk_serve_count(const SkServe *serve, SkDoor door)
{
    return serve->doors[door].visits.length;
}

SkServe *
sk_serve_new(SkLoop *loop,
             const SkClock *clock,
             SkDesk *desk,
             const int fds[SK_N_DOORS],
             GError **error)
{
    g_autoptr(SkServe) serve = g_new0(SkServe, 1);

    serve->loop = loop;
    serve->clock = clock;
    serve->desk = desk;
    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        Door *door = &serve->doors[i];

        *door = (Door){.serve = serve, .door = (SkDoor)i, .fd = fds[i]};
        g_queue_init(&door->visits);
        door->watch = sk_loop_watch(loop, fds[i], SK_LOOP_READ, on_connection, door, error);
        if (door->watch == NULL)
            return NULL;
    }
    serve->sweep = sk_loop_timer(loop, SWEEP_MS, on_sweep, serve);
    return g_steal_pointer(&serve);
}

void
sk_serve_free(SkServe *serve)
{
    if (serve == NULL)
        return;
    sk_timer_free(serve->sweep);
    for (unsigned i = 0; i < SK_N_DOORS; i++) {
        sk_watch_free(serve->doors[i].watch);
        g_queue_clear_full(&serve->doors[i].visits,
                           (GDestroyNotify)(void (*)(void))sk_visit_free);
    }
    g_free(serve);
}
