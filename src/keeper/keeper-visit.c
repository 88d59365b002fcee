/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* struct ucred */
#include "keeper/keeper-visit.h"

#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/log.h"

struct SkVisit {
    const SkClock *clock;
    SkDesk *desk;
    SkDoor door;
    SkPeer peer;
    int fd;
    SkWatch *watch;
    SkVisitFunc func;
    void *data;
    SkBuffer in, out;
    size_t sent;      /* bytes of out */
    int64_t since_ms; /* what is under way began; or, when nothing is, the last thing ended */
};

static bool
read_peer(SkVisit *visit, GError **error)
{
    struct ucred who;
    socklen_t len = sizeof who;

    if (getsockopt(visit->fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
        return sk_error_set_errno(error, errno, "asking who has connected");
    visit->peer = (SkPeer){who.pid, who.uid};
    return true;
}

static bool
is_busy(const SkVisit *visit)
{
    return visit->in.len > 0 || visit->out.len > 0;
}

static void
note_time(SkVisit *visit)
{
    visit->since_ms = sk_clock_mono_ms(visit->clock);
}

/* VISIT may be gone afterwards. */
static void
end(SkVisit *visit)
{
    sk_watch_set(visit->watch, 0);
    visit->func(visit, true, visit->data);
}

static void
end_garbled(SkVisit *visit)
{
    g_autofree char *pid = g_strdup_printf("%d", (int)visit->peer.pid);
    g_autofree char *uid = g_strdup_printf("%u", (unsigned)visit->peer.uid);

    sk_log(SK_LOG_WARNING, "closed a connection: no question of this version", "socket",
           sk_door_name(visit->door), "peer_pid", pid, "peer_uid", uid, NULL);
    end(visit);
}

/* False: it cannot be written now. A peer that has gone is noticed by reading. */
static bool
flush(SkVisit *visit)
{
    while (visit->sent < visit->out.len) {
        ssize_t n =
            write(visit->fd, visit->out.data + visit->sent, visit->out.len - visit->sent);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            sk_watch_set(visit->watch, SK_LOOP_WRITE);
            return false;
        }
        visit->sent = n < 0 ? visit->out.len : visit->sent + (size_t)n;
    }
    sk_keeper_wipe(&visit->out);
    visit->sent = 0;
    sk_watch_set(visit->watch, SK_LOOP_READ);
    return true;
}

static void
forget_question(SkVisit *visit, size_t len)
{
    sk_buffer_consume(&visit->in, len);
    if (visit->in.len == 0)
        sk_keeper_wipe(&visit->in);
    note_time(visit);
}

/* Answers what has arrived, until an answer cannot be written or no whole question is left. */
static void
work(SkVisit *visit)
{
    SkFrameState state = SK_FRAME_READY;
    bool asked = false;

    while (flush(visit) && state == SK_FRAME_READY) {
        SkFrame frame;

        state = sk_frame_next(sk_buffer_bytes(&visit->in), SK_KEEPER_FRAME_LIMIT, &frame);
        if (state == SK_FRAME_READY &&
            sk_desk_answer(visit->desk, visit->door, &visit->peer, &frame, &visit->out))
            forget_question(visit, SK_FRAME_HEADER + frame.body.len);
        else if (state != SK_FRAME_SHORT) {
            end_garbled(visit);
            return;
        }
        asked |= state == SK_FRAME_READY;
    }
    if (asked)
        visit->func(visit, false, visit->data);
}

static void
receive(SkVisit *visit)
{
    SkBuffer *in = &visit->in;
    ssize_t n;

    do
        n = read(visit->fd, in->data + in->len, in->cap - in->len);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        end(visit);
        return;
    }
    if (!is_busy(visit))
        note_time(visit);
    in->len += (size_t)n;
    work(visit);
}

static void
on_event(unsigned events, void *data)
{
    SkVisit *visit = data;

    if ((events & SK_LOOP_READ) != 0)
        receive(visit);
    else if ((events & SK_LOOP_HANGUP) != 0)
        end(visit);
    else
        work(visit);
}

SkVisit *
sk_visit_new(SkLoop *loop,
             const SkClock *clock,
             SkDesk *desk,
             SkDoor door,
             int fd,
             SkVisitFunc func,
             void *data,
             GError **error)
{
    g_autoptr(SkVisit) visit = g_new0(SkVisit, 1);

    *visit = (SkVisit){
        .clock = clock, .desk = desk, .door = door, .fd = fd, .func = func, .data = data};
    sk_keeper_buffer_init(&visit->in);
    sk_keeper_buffer_init(&visit->out);
    note_time(visit);
    if (visit->in.cap == 0 || visit->out.cap == 0) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory for a connection");
        return NULL;
    }
    if (!read_peer(visit, error))
        return NULL;
    visit->watch = sk_loop_watch(loop, fd, SK_LOOP_READ, on_event, visit, error);
    return visit->watch != NULL ? g_steal_pointer(&visit) : NULL;
}

void
sk_visit_free(SkVisit *visit)
{
    if (visit == NULL)
        return;
    sk_watch_free(visit->watch);
    sk_fd_clear(&visit->fd);
    sk_keeper_wipe(&visit->in);
    sk_keeper_wipe(&visit->out);
    sk_buffer_clear(&visit->in);
    sk_buffer_clear(&visit->out);
    g_free(visit);
}

bool
sk_visit_is_stale(const SkVisit *visit)
{
    int64_t silent_ms = sk_clock_mono_ms(visit->clock) - visit->since_ms;

    return silent_ms >= (is_busy(visit) ? SK_VISIT_HALF_MS : SK_VISIT_IDLE_MS);
}
