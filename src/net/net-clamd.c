/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-clamd.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limit.h"
#include "net/net-clamd-reply.h"
#include "net/net-endpoint.h"

/* How often what waits is looked at. */
#define TICK_MS 250
/* What is gathered before a connection is taken for it: all of a usual message goes out in one
 * write. */
#define GATHERED (64 * SK_KIB)

typedef enum {
    GATHERING, /* nothing to send yet */
    WAITING,   /* for a connection */
    RUNNING,
    DONE, /* its answer is still to be told */
    N_STATES
} State;

typedef struct Client Client;

struct SkScanJob {
    Client *client;
    SkScanFunc func;
    SkScanRoomFunc room;
    void *data;
    State state;
    GList link; /* in the queue of its state */
    int64_t deadline_ms;
    uint64_t taken;
    SkBuffer out;
    size_t sent;   /* of out */
    bool ended;    /* all of it was added */
    bool crowded;  /* whoever adds waits for room */
    bool deaf;     /* clamd reads no more; it may have said why */
    bool dialling; /* the connection is not there yet */
    int fd;
    SkWatch *watch;
    SkBuffer in;
    SkScanVerdict verdict;
    char *name;
};

struct Client {
    SkScan port;
    SkLoop *loop;
    char *endpoint;
    SkClamdOptions options;
    GQueue queues[N_STATES];
    SkTimer *tick;  /* while there are jobs */
    SkTimer *later; /* to do what must not be done inside the port's functions */
};

static int64_t
now_ms(void)
{
    return sk_clock_mono_ms(sk_clock_real());
}

static void
hang_up(SkScanJob *job)
{
    sk_watch_free(g_steal_pointer(&job->watch));
    sk_fd_clear(&job->fd);
}

static void
move(SkScanJob *job, State state)
{
    g_queue_unlink(&job->client->queues[job->state], &job->link);
    job->state = state;
    g_queue_push_tail_link(&job->client->queues[state], &job->link);
}

/* The job must be in no queue. */
static void
job_free(SkScanJob *job)
{
    hang_up(job);
    sk_buffer_clear(&job->out);
    sk_buffer_clear(&job->in);
    g_free(job->name);
    g_free(job);
}

/* Takes NAME. */
static void
finish(SkScanJob *job, SkScanVerdict verdict, char *name)
{
    hang_up(job);
    sk_buffer_clear(&job->out);
    job->sent = 0;
    job->verdict = verdict;
    job->name = name;
    move(job, DONE);
}

static void
fail(SkScanJob *job, const char *why)
{
    finish(job, SK_SCAN_TEMPERROR,
           g_strdup_printf("clamd at %s %s", job->client->endpoint, why));
}

static void on_event(unsigned events, void *data);

/* False: nobody can be reached just now, but somebody is there. */
static bool
dial(SkScanJob *job)
{
    Client *client = job->client;
    g_autoptr(GError) error = NULL;

    job->fd = sk_net_endpoint_begin(client->endpoint, &job->dialling, &error);
    if (job->fd < 0 && g_error_matches(error, SK_ERROR, SK_ERROR_TIMEOUT))
        return false;
    if (job->fd >= 0)
        job->watch =
            sk_loop_watch(client->loop, job->fd, job->dialling ? SK_LOOP_WRITE : SK_LOOP_READ,
                          on_event, job, &error);
    if (job->watch != NULL)
        move(job, RUNNING);
    else
        finish(job, SK_SCAN_TEMPERROR, g_strdup_printf("clamd at %s", error->message));
    return true;
}

static size_t
unsent(const SkScanJob *job)
{
    return job->out.len - job->sent;
}

static ssize_t
send_some(SkScanJob *job)
{
    ssize_t n;

    do
        n = send(job->fd, job->out.data + job->sent, unsent(job), MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n;
}

static void
note_sent(SkScanJob *job, size_t n)
{
    job->sent += n;
    /* Not each time: what is left has to be moved. */
    if (job->sent < job->out.len / 2)
        return;
    sk_buffer_consume(&job->out, job->sent);
    job->sent = 0;
}

static void
flush(SkScanJob *job)
{
    while (unsent(job) > 0) {
        ssize_t n = send_some(job);

        if (n < 0 && errno == EAGAIN) {
            sk_watch_set(job->watch, SK_LOOP_READ | SK_LOOP_WRITE);
            return;
        }
        job->deaf |= n < 0;
        note_sent(job, n < 0 ? unsent(job) : (size_t)n);
    }
    sk_watch_set(job->watch, SK_LOOP_READ);
}

/* Gives connections to those who wait for one. */
static void
dispatch(Client *client)
{
    while (client->queues[WAITING].length > 0 &&
           client->queues[RUNNING].length < client->options.connections) {
        SkScanJob *job = client->queues[WAITING].head->data;

        if (!dial(job))
            return;
        if (job->state == RUNNING && !job->dialling)
            flush(job);
    }
}

/* Calls what may begin and cancel scans while it is called. */
static void
tell(Client *client)
{
    GList *link;

    while ((link = g_queue_pop_head_link(&client->queues[DONE])) != NULL) {
        SkScanJob *job = link->data;

        job->func(job->verdict, job->name, job->data);
        job_free(job);
    }
}

static void
settle(Client *client)
{
    dispatch(client);
    tell(client);
}

static void
on_later(void *data)
{
    Client *client = data;

    sk_timer_free(g_steal_pointer(&client->later));
    settle(client);
}

static void
settle_later(Client *client)
{
    if (client->later == NULL)
        client->later = sk_loop_timer(client->loop, 0, on_later, client);
}

static void
read_reply(SkScanJob *job, size_t len)
{
    char *name = NULL;
    SkScanVerdict verdict = sk_clamd_reply_read(sk_bytes(job->in.data, len), &name);

    if (job->in.len != len + 1) {
        g_free(name);
        fail(job, "said more than an answer");
    } else if (verdict == SK_SCAN_CLEAN && (!job->ended || job->deaf || unsent(job) > 0)) {
        fail(job, "answered before it was given everything");
    } else {
        finish(job, verdict, name);
    }
}

static void
receive(SkScanJob *job)
{
    size_t room = SK_CLAMD_REPLY_MAX - job->in.len, nul;
    ssize_t n;

    if (!sk_buffer_reserve(&job->in, room)) {
        fail(job, "cannot be listened to: no memory");
        return;
    }
    n = recv(job->fd, job->in.data + job->in.len, room, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        fail(job, "ended the connection without an answer");
        return;
    }
    job->in.len += (size_t)n;
    nul = sk_bytes_find(sk_buffer_bytes(&job->in), "", 1, 0);
    if (nul != SK_BYTES_NONE)
        read_reply(job, nul);
    else if (job->in.len == SK_CLAMD_REPLY_MAX)
        fail(job, "gave an answer without end");
}

static void
finish_dialling(SkScanJob *job)
{
    int trouble = sk_net_endpoint_outcome(job->fd);

    job->dialling = false;
    if (trouble == 0)
        flush(job);
    else
        finish(job, SK_SCAN_TEMPERROR,
               g_strdup_printf("clamd at %s: %s", job->client->endpoint, g_strerror(trouble)));
}

static void
on_event(unsigned events, void *data)
{
    SkScanJob *job = data;
    Client *client = job->client;

    if (job->dialling)
        finish_dialling(job);
    else if ((events & SK_LOOP_WRITE) != 0)
        flush(job);
    if (job->state == RUNNING && (events & (SK_LOOP_READ | SK_LOOP_HANGUP)) != 0)
        receive(job);
    if (job->state == RUNNING && job->crowded && unsent(job) < SK_SCAN_ROOM) {
        job->crowded = false;
        job->room(job->data);
    }
    settle(client);
}

static void
expire(Client *client, State state, int64_t now)
{
    for (GList *link = client->queues[state].head, *next; link != NULL; link = next) {
        SkScanJob *job = link->data;

        next = link->next;
        if (job->deadline_ms <= now)
            fail(job, state == WAITING ? "had no connection free in time"
                                       : "did not answer in time");
    }
}

static void
on_tick(void *data)
{
    Client *client = data;

    for (unsigned state = GATHERING; state < DONE; state++)
        expire(client, (State)state, now_ms());
    settle(client);
    for (unsigned state = GATHERING; state < DONE; state++) {
        if (client->queues[state].length > 0)
            return;
    }
    sk_timer_free(g_steal_pointer(&client->tick));
}

/* Has JOB take a connection, or use the one it has. */
static void
press(SkScanJob *job)
{
    if (job->state == GATHERING)
        move(job, WAITING);
    if (job->state == WAITING)
        dispatch(job->client);
    else if (job->state == RUNNING && !job->dialling)
        flush(job);
    if (job->client->queues[DONE].length > 0)
        settle_later(job->client);
}

static SkScanJob *
begin(SkScan *scan, SkScanFunc func, SkScanRoomFunc room, void *data)
{
    Client *client = (Client *)scan;
    SkScanJob *job = g_new0(SkScanJob, 1);

    *job = (SkScanJob){.client = client, .func = func, .room = room, .data = data, .fd = -1};
    job->deadline_ms = now_ms() + client->options.wait_ms;
    job->link.data = job;
    sk_buffer_init(&job->in, SK_CLAMD_REPLY_MAX);
    /* Who adds all at once, in small pieces: four bytes more for each. */
    sk_buffer_init(&job->out, 5 * client->options.size + SK_KIB);
    (void)sk_buffer_append(&job->out, "zINSTREAM", sizeof "zINSTREAM");
    g_queue_push_tail_link(&client->queues[GATHERING], &job->link);
    if (client->tick == NULL)
        client->tick = sk_loop_timer(client->loop, TICK_MS, on_tick, client);
    return job;
}

static bool
put_length(SkScanJob *job, uint32_t length)
{
    length = GUINT32_TO_BE(length);
    return sk_buffer_append(&job->out, &length, sizeof length);
}

static void
add(SkScanJob *job, SkBytes bytes)
{
    uint64_t size = job->client->options.size;

    g_assert(!job->ended);
    if (job->state == DONE || job->deaf || bytes.len == 0)
        return;
    if (bytes.len > size - job->taken) {
        finish(job, SK_SCAN_LIMIT,
               g_strdup_printf("larger than the %" PRIu64 " bytes given to a scan", size));
        settle_later(job->client);
        return;
    }
    job->taken += bytes.len;
    if (!put_length(job, (uint32_t)bytes.len) ||
        !sk_buffer_append(&job->out, bytes.data, bytes.len)) {
        fail(job, "cannot be given everything: no memory");
        settle_later(job->client);
        return;
    }
    if (unsent(job) >= GATHERED)
        press(job);
    job->crowded = job->room != NULL && unsent(job) >= SK_SCAN_ROOM;
}

static void
end(SkScanJob *job)
{
    g_assert(!job->ended);
    job->ended = true;
    job->crowded = false;
    if (job->state == DONE || job->deaf)
        return;
    (void)put_length(job, 0);
    press(job);
}

static void
cancel(SkScanJob *job)
{
    Client *client = job->client;

    g_queue_unlink(&client->queues[job->state], &job->link);
    job_free(job);
    if (client->queues[WAITING].length > 0)
        settle_later(client);
}

static size_t
pending(const SkScanJob *job)
{
    return job->state == DONE || job->deaf ? SIZE_MAX : unsent(job);
}

static void
client_free(SkScan *scan)
{
    Client *client = (Client *)scan;
    GList *link;

    sk_timer_free(client->tick);
    sk_timer_free(client->later);
    for (unsigned state = 0; state < N_STATES; state++) {
        while ((link = g_queue_pop_head_link(&client->queues[state])) != NULL)
            job_free(link->data);
    }
    g_free(client->endpoint);
    g_free(client);
}

SkScan *
sk_clamd_new(SkLoop *loop, const SkClamdOptions *options, GError **error)
{
    Client *client;

    if (!sk_net_endpoint_check(options->endpoint, error))
        return NULL;
    client = g_new0(Client, 1);
    client->port = (SkScan){begin, add, end, cancel, pending, client_free};
    client->loop = loop;
    client->endpoint = g_strdup(options->endpoint);
    client->options = *options;
    client->options.connections = MAX(options->connections, 1);
    return &client->port;
}
