/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/loop.h"
#include "process/process-desk-wire.h"
#include "process/process-desk.h"
#include "process/process-user.h"

#define SWEEP_MS 500
/* Connections taken before others get their turn. */
#define WELCOMES_A_ROUND 32

typedef struct {
    SkDeskServer *server;
    char *path;
    int fd;
    SkWatch *watch;
    unsigned visitors;
    void *data;
} Door;

typedef enum {
    VISITOR_ASKS,
    VISITOR_WAITS, /* a thread is at its answer */
    VISITOR_LISTENS,
} Stage;

typedef struct {
    Door *door;
    Stage stage;
    int fd; /* -1: gone while we looked for the answer */
    SkWatch *watch;
    int64_t since_ms; /* of this stage */
    SkBuffer bytes;   /* of the question, then of the answer */
    size_t sent;
    char *answer;
    GList link;
} Visitor;

struct SkDeskServer {
    size_t limit;
    SkDeskFunc func;
    void *data;
    SkLoop *loop;
    GThread *thread;
    GThreadPool *pool;
    SkTimer *sweep;
    GPtrArray *doors; /* of Door */
    GQueue visitors;  /* of Visitor */
    bool leaving;
};

/* Has the loop's thread do something, and waits for it. */
typedef struct {
    SkLoopFunc func;
    void *data;
    GMutex lock;
    GCond done;
    bool is_done;
} Errand;

static void
run_errand(void *data)
{
    Errand *errand = data;

    errand->func(errand->data);
    g_mutex_lock(&errand->lock);
    errand->is_done = true;
    g_cond_signal(&errand->done);
    g_mutex_unlock(&errand->lock);
}

static void
do_in_loop(SkDeskServer *server, SkLoopFunc func, void *data)
{
    Errand errand = {.func = func, .data = data};

    g_mutex_init(&errand.lock);
    g_cond_init(&errand.done);
    sk_loop_post(server->loop, run_errand, &errand);
    g_mutex_lock(&errand.lock);
    while (!errand.is_done)
        g_cond_wait(&errand.done, &errand.lock);
    g_mutex_unlock(&errand.lock);
    g_mutex_clear(&errand.lock);
    g_cond_clear(&errand.done);
}

/* ---- one visitor ---- */

static void
hang_up(Visitor *visitor)
{
    g_clear_pointer(&visitor->watch, sk_watch_free);
    sk_fd_clear(&visitor->fd);
}

static void
leave(Visitor *visitor)
{
    SkDeskServer *server = visitor->door->server;

    g_queue_unlink(&server->visitors, &visitor->link);
    visitor->door->visitors--;
    hang_up(visitor);
    sk_desk_wire_clear(&visitor->bytes);
    sk_desk_wire_free_text(visitor->answer);
    g_free(visitor);
    if (server->leaving && server->visitors.length == 0)
        sk_loop_stop(server->loop);
}

static void
enter(Visitor *visitor, Stage stage)
{
    visitor->stage = stage;
    visitor->since_ms = sk_clock_mono_ms(sk_clock_real());
}

static void
send_some(Visitor *visitor)
{
    SkBytes left = sk_bytes_from(sk_buffer_bytes(&visitor->bytes), visitor->sent);
    ssize_t n = send(visitor->fd, left.data, left.len, MSG_NOSIGNAL);

    if (n > 0)
        visitor->sent += (size_t)n;
    if (visitor->sent == visitor->bytes.len || (n < 0 && errno != EAGAIN && errno != EINTR))
        leave(visitor);
    else
        sk_watch_set(visitor->watch, SK_LOOP_WRITE);
}

/* An answer that cannot be sent is missed by the client, who says that the log knows more; so
 * FUNC keeps to the limit. */
static void
on_answered(void *data)
{
    Visitor *visitor = data;
    size_t limit = visitor->door->server->limit;

    enter(visitor, VISITOR_LISTENS);
    sk_desk_wire_clear(&visitor->bytes);
    if (visitor->fd < 0 || visitor->answer == NULL ||
        !sk_desk_wire_init(&visitor->bytes, limit) ||
        !sk_desk_wire_put(&visitor->bytes, visitor->answer))
        leave(visitor);
    else
        send_some(visitor);
}

/* In a thread of the pool, to which the visitor belongs until the loop hears of it. */
static void
answer(void *data, void *user)
{
    Visitor *visitor = data;
    SkDeskServer *server = user;
    char *question = sk_desk_wire_get(&visitor->bytes);

    if (question != NULL)
        visitor->answer = server->func(question, visitor->door->data, server->data);
    sk_desk_wire_free_text(question);
    sk_loop_post(server->loop, on_answered, visitor);
}

/* No writer is watched for, so that only a hang-up is reported in the meantime. */
static void
have_answered(Visitor *visitor)
{
    enter(visitor, VISITOR_WAITS);
    sk_watch_set(visitor->watch, 0);
    g_thread_pool_push(visitor->door->server->pool, visitor, NULL);
}

static void
receive_some(Visitor *visitor)
{
    size_t want = 0;
    SkDeskWire state = sk_desk_wire_look(&visitor->bytes, &want);
    ssize_t n = 0;

    while (state == SK_DESK_WIRE_MORE) {
        n = recv(visitor->fd, visitor->bytes.data + visitor->bytes.len, want, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            break;
        visitor->bytes.len += (size_t)n;
        state = sk_desk_wire_look(&visitor->bytes, &want);
    }
    if (state == SK_DESK_WIRE_READY)
        have_answered(visitor);
    else
        leave(visitor);
}

static void
on_event(unsigned events, void *data)
{
    Visitor *visitor = data;

    (void)events;
    if (visitor->stage == VISITOR_ASKS)
        receive_some(visitor);
    else if (visitor->stage == VISITOR_LISTENS)
        send_some(visitor);
    else
        hang_up(visitor);
}

/* ---- doors ---- */

static void
welcome(Door *door, int taken)
{
    SkDeskServer *server = door->server;
    sk_autofd int fd = taken;
    Visitor *visitor;

    if (door->visitors >= SK_DESK_CONNECTIONS)
        return;
    visitor = g_new0(Visitor, 1);
    visitor->door = door;
    visitor->link.data = visitor;
    visitor->fd = sk_fd_steal(&fd);
    g_queue_push_head_link(&server->visitors, &visitor->link);
    door->visitors++;
    enter(visitor, VISITOR_ASKS);
    visitor->watch =
        sk_loop_watch(server->loop, visitor->fd, SK_LOOP_READ, on_event, visitor, NULL);
    if (!sk_desk_wire_init(&visitor->bytes, server->limit) || visitor->watch == NULL)
        leave(visitor);
}

static void
on_connection(unsigned events, void *data)
{
    Door *door = data;

    (void)events;
    for (unsigned i = 0; i < WELCOMES_A_ROUND; i++) {
        int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0)
            welcome(door, fd);
        else if (errno != EINTR && errno != ECONNABORTED)
            return;
    }
}

static void
close_door(Door *door)
{
    if (door->fd >= 0)
        unlink(door->path);
    g_clear_pointer(&door->watch, sk_watch_free);
    sk_fd_clear(&door->fd);
}

static void
free_door(void *data)
{
    Door *door = data;

    close_door(door);
    g_free(door->path);
    g_free(door);
}

static void
on_sweep(void *data)
{
    SkDeskServer *server = data;
    int64_t patience_ms = 1000 * (server->leaving ? SK_DESK_FAREWELL_S : SK_DESK_SECONDS);
    int64_t before = sk_clock_mono_ms(sk_clock_real()) - patience_ms;
    GList *next;

    for (GList *link = server->visitors.head; link != NULL; link = next) {
        Visitor *visitor = link->data;

        next = link->next;
        if (visitor->stage != VISITOR_WAITS && visitor->since_ms <= before)
            leave(visitor);
    }
}

static void
open_door(void *data)
{
    Door *door = data;

    door->watch =
        sk_loop_watch(door->server->loop, door->fd, SK_LOOP_READ, on_connection, door, NULL);
}

static bool
find_group(const char *group, gid_t *ret_gid, GError **error)
{
    struct group entry, *found = NULL;
    char memory[16384];

    if (group == NULL)
        return true;
    (void)getgrnam_r(group, &entry, memory, sizeof memory, &found);
    if (found == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "there is no group %s that could ask at a socket of the clerk", group);
        return false;
    }
    *ret_gid = found->gr_gid;
    return true;
}

/* Born with mode 0600: the group gets it before it may use it. */
static bool
admit_group(const char *path, gid_t gid, GError **error)
{
    if (gid == (gid_t)-1 || (chown(path, (uid_t)-1, gid) == 0 && chmod(path, 0660) == 0))
        return true;
    return sk_error_set_errno(error, errno, "giving the socket %s to its group", path);
}

bool
sk_process_desk_server_listen(SkDeskServer *server,
                              const char *path,
                              const char *group,
                              void *socket_data,
                              GError **error)
{
    gid_t gid = (gid_t)-1;
    Door *door;

    if (!find_group(group, &gid, error))
        return false;
    door = g_new0(Door, 1);
    door->server = server;
    door->path = g_strdup(path);
    door->data = socket_data;
    door->fd = sk_process_open_socket(path, 0600, NULL, error);
    g_ptr_array_add(server->doors, door);
    if (door->fd < 0 || !admit_group(path, gid, error))
        return false;
    do_in_loop(server, open_door, door);
    if (door->watch == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "the socket %s cannot be watched", path);
    return door->watch != NULL;
}

/* ---- the server ---- */

static void *
run(void *data)
{
    sk_loop_run(data);
    return NULL;
}

SkDeskServer *
sk_process_desk_server_new(unsigned threads,
                           size_t limit,
                           SkDeskFunc func,
                           void *data,
                           GError **error)
{
    SkLoop *loop = sk_loop_new(error);
    SkDeskServer *server;

    if (loop == NULL)
        return NULL;
    server = g_new0(SkDeskServer, 1);
    server->limit = limit;
    server->func = func;
    server->data = data;
    server->loop = loop;
    server->doors = g_ptr_array_new_with_free_func(free_door);
    g_queue_init(&server->visitors);
    server->pool = g_thread_pool_new(answer, server, (gint)threads, FALSE, NULL);
    server->sweep = sk_loop_timer(loop, SWEEP_MS, on_sweep, server);
    server->thread = g_thread_new("desk", run, loop);
    return server;
}

static void
say_farewell(void *data)
{
    SkDeskServer *server = data;
    GList *next;

    for (guint i = 0; i < server->doors->len; i++)
        close_door(g_ptr_array_index(server->doors, i));
    server->leaving = true;
    for (GList *link = server->visitors.head; link != NULL; link = next) {
        Visitor *visitor = link->data;

        next = link->next;
        if (visitor->stage == VISITOR_ASKS)
            leave(visitor);
        else
            enter(visitor, visitor->stage);
    }
    if (server->visitors.length == 0)
        sk_loop_stop(server->loop);
}

void
sk_process_desk_server_free(SkDeskServer *server)
{
    if (server == NULL)
        return;
    sk_loop_post(server->loop, say_farewell, server);
    g_thread_join(server->thread);
    g_thread_pool_free(server->pool, FALSE, TRUE);
    sk_timer_free(server->sweep);
    g_ptr_array_unref(server->doors);
    sk_loop_free(server->loop);
    g_free(server);
}
