/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* accept4 */
#include "milter/milter-server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "milter/milter-session.h"

/* Bytes of one read: as much as a UNIX socket holds, so that a large body takes few calls. */
#define READ_SIZE (256 * SK_KIB)
/* Reads of one connection before the others have their turn. */
#define READS_A_TURN 8
/* Bytes of output kept allocated a connection. */
#define KEEP_OUTPUT 1024
/* Seconds between two looks for silent connections; and after which taking new ones is tried
 * again when descriptors had run out. */
#define TICK_S 1

typedef struct {
    SkMilterServer *server;
    int fd; /* borrowed */
    bool tcp;
    void *data;
    SkWatch *watch;
} Listener;

typedef struct {
    SkMilterServer *server;
    int fd; /* owned */
    bool tcp;
    SkWatch *watch;
    SkMilterSession *session;
    uint64_t last_tick; /* when something came */
    GList link;
} Connection;

struct SkMilterServer {
    SkLoop *loop;
    SkMilterHandler handler;
    size_t message_limit;
    uint64_t idle_ticks;
    uint64_t tick;
    SkTimer *timer;
    GPtrArray *listeners; /* of Listener */
    bool paused;          /* no descriptors left: listeners have no watch */
    GQueue connections;   /* of Connection */
    atomic_uint n_open;   /* of connections; other threads ask for it */
    uint8_t *read_buffer;
};

static void
connection_free(Connection *connection)
{
    SkMilterServer *server = connection->server;

    g_queue_unlink(&server->connections, &connection->link);
    atomic_fetch_sub(&server->n_open, 1);
    sk_watch_free(connection->watch);
    sk_fd_clear(&connection->fd);
    sk_milter_session_free(connection->session);
    g_free(connection);
}

static void
report(SkMilterServer *server, const char *why)
{
    if (why != NULL && server->handler.refused != NULL)
        server->handler.refused(why, server->handler.data);
}

/* Sends what it can. False: the peer is gone. */
static bool
flush(Connection *connection)
{
    SkBuffer *out = sk_milter_session_peek_output(connection->session);

    while (out->len > 0) {
        ssize_t n = send(connection->fd, out->data, out->len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK;
        sk_buffer_consume(out, (size_t)n);
    }
    sk_buffer_reset(out, KEEP_OUTPUT);
    return true;
}

/* Nothing more is read while a message waits for its answer (but what tells that the peer gave
 * up), nor while the peer does not take our answers. */
static unsigned
wanted_events(Connection *connection)
{
    if (sk_milter_session_peek_output(connection->session)->len > 0)
        return SK_LOOP_WRITE;
    return sk_milter_session_is_full(connection->session) ? 0 : SK_LOOP_READ;
}

/* After each turn of a connection: OPEN is what the session said. The connection may be gone
 * afterwards. */
static void
settle(Connection *connection, bool open)
{
    SkMilterServer *server = connection->server;
    bool peer_there = flush(connection);
    const char *why = sk_milter_session_peek_refusal(connection->session);

    if (open && peer_there) {
        sk_watch_set(connection->watch, wanted_events(connection));
        return;
    }
    connection_free(connection);
    report(server, why);
}

static void
on_answered(void *data)
{
    Connection *connection = data;

    connection->last_tick = connection->server->tick;
    settle(connection, sk_milter_session_resume(connection->session));
}

/* Immediate acknowledgement: Postfix writes small packets and Nagle's algorithm keeps the next
 * ones back until ours arrives, 40 ms late by default. The kernel forgets this, hence before
 * each read. */
static void
acknowledge_quickly(int fd)
{
    int one = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
}

typedef enum {
    READ_MORE,  /* the buffer was filled: there may be more */
    READ_DONE,  /* nothing more for now */
    READ_CLOSE, /* the conversation is over */
} ReadResult;

static ReadResult
read_once(Connection *connection)
{
    SkMilterServer *server = connection->server;
    ssize_t n;

    if (connection->tcp)
        acknowledge_quickly(connection->fd);
    n = recv(connection->fd, server->read_buffer, READ_SIZE, 0);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? READ_DONE
                                                                         : READ_CLOSE;
    if (n == 0)
        return READ_CLOSE;
    if (!sk_milter_session_feed(connection->session, sk_bytes(server->read_buffer, (size_t)n)))
        return READ_CLOSE;
    return (size_t)n == READ_SIZE ? READ_MORE : READ_DONE;
}

static void
on_connection(unsigned events, void *data)
{
    Connection *connection = data;
    ReadResult result = READ_DONE;

    connection->last_tick = connection->server->tick;
    if ((events & SK_LOOP_HANGUP) != 0 && (events & SK_LOOP_READ) == 0)
        result = READ_CLOSE;
    for (int i = 0; (events & SK_LOOP_READ) != 0 && i < READS_A_TURN; i++) {
        result = read_once(connection);
        if (result != READ_MORE || wanted_events(connection) != SK_LOOP_READ)
            break;
    }
    if ((events & SK_LOOP_WRITE) != 0 && result != READ_CLOSE) {
        settle(connection, flush(connection));
        return;
    }
    settle(connection, result != READ_CLOSE);
}

static bool
set_up(Connection *connection, const Listener *listener)
{
    SkMilterServer *server = connection->server;
    SkMilterSessionSetup setup = {&server->handler, server->message_limit, listener->tcp,
                                  listener->data,   on_answered,           connection};
    int one = 1;

    if (listener->tcp)
        (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connection->session = sk_milter_session_new(&setup);
    connection->watch = sk_loop_watch(server->loop, connection->fd, SK_LOOP_READ, on_connection,
                                      connection, NULL);
    return connection->watch != NULL;
}

static void
add_connection(const Listener *listener, int fd)
{
    SkMilterServer *server = listener->server;
    Connection *connection = g_new0(Connection, 1);

    *connection = (Connection){.server = server, .fd = fd, .tcp = listener->tcp};
    connection->last_tick = server->tick;
    connection->link.data = connection;
    g_queue_push_tail_link(&server->connections, &connection->link);
    atomic_fetch_add(&server->n_open, 1);
    if (set_up(connection, listener))
        return;
    connection_free(connection);
    report(server, "the kernel refuses to watch another connection");
}

static void
stop_listening(SkMilterServer *server)
{
    for (guint i = 0; i < server->listeners->len; i++) {
        Listener *listener = server->listeners->pdata[i];

        g_clear_pointer(&listener->watch, sk_watch_free);
    }
}

/* One connection a call: when several loops share the socket each gets its part. */
static void
on_listener(unsigned events, void *data)
{
    Listener *listener = data;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)events;
    if (fd >= 0) {
        add_connection(listener, fd);
        return;
    }
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM)
        return;
    /* The socket would stay readable: without a pause this would be a busy loop. */
    stop_listening(listener->server);
    listener->server->paused = true;
    report(listener->server, "no descriptors or memory left for another connection");
}

static bool
start_listener(Listener *listener, GError **error)
{
    listener->watch =
        sk_loop_watch(listener->server->loop, listener->fd, SK_LOOP_READ | SK_LOOP_SHARED,
                      on_listener, listener, error);
    return listener->watch != NULL;
}

static void
listen_again(SkMilterServer *server)
{
    server->paused = false;
    for (guint i = 0; i < server->listeners->len; i++) {
        if (!start_listener(server->listeners->pdata[i], NULL))
            server->paused = true;
    }
    if (server->paused)
        stop_listening(server);
}

static void
close_silent(SkMilterServer *server)
{
    GList *next;

    for (GList *link = server->connections.head; link != NULL; link = next) {
        Connection *connection = link->data;

        next = link->next;
        if (server->tick - connection->last_tick <= server->idle_ticks ||
            sk_milter_session_is_waiting(connection->session))
            continue;
        connection_free(connection);
        report(server, "the peer was silent for too long");
    }
}

static void
on_tick(void *data)
{
    SkMilterServer *server = data;

    server->tick++;
    if (server->paused)
        listen_again(server);
    close_silent(server);
}

SkMilterServer *
sk_milter_server_new(SkLoop *loop, const SkMilterHandler *handler, size_t message_limit)
{
    SkMilterServer *server = g_new0(SkMilterServer, 1);

    *server =
        (SkMilterServer){.loop = loop, .handler = *handler, .message_limit = message_limit};
    server->listeners = g_ptr_array_new_with_free_func(g_free);
    g_queue_init(&server->connections);
    server->read_buffer = g_malloc(READ_SIZE);
    server->timer = sk_loop_timer(loop, TICK_S * 1000, on_tick, server);
    sk_milter_server_set_idle(server, SK_LIMIT_MILTER_IDLE_S);
    return server;
}

void
sk_milter_server_free(SkMilterServer *server)
{
    GList *link;

    if (server == NULL)
        return;
    sk_milter_server_drain(server);
    while ((link = server->connections.head) != NULL)
        connection_free(link->data);
    sk_timer_free(server->timer);
    g_ptr_array_unref(server->listeners);
    g_free(server->read_buffer);
    g_free(server);
}

static bool
is_tcp(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;

    return getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
           address.ss_family != AF_UNIX;
}

bool
sk_milter_server_listen(SkMilterServer *server, int fd, void *socket_data, GError **error)
{
    g_autofree Listener *listener = g_new0(Listener, 1);

    *listener = (Listener){server, fd, is_tcp(fd), socket_data, NULL};
    if (!start_listener(listener, error))
        return false;
    g_ptr_array_add(server->listeners, g_steal_pointer(&listener));
    return true;
}

void
sk_milter_server_drain(SkMilterServer *server)
{
    stop_listening(server);
    g_ptr_array_set_size(server->listeners, 0);
    server->paused = false;
}

void
sk_milter_server_set_idle(SkMilterServer *server, unsigned seconds)
{
    server->idle_ticks = MAX(seconds / TICK_S, 1);
}

unsigned
sk_milter_server_count(const SkMilterServer *server)
{
    return atomic_load(&server->n_open);
}
