/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "process/process-link.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <string.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "process/process-need.h"
#include "process/process-wire.h"

/* One read takes any usual answer. */
#define READ_SIZE (8 * SK_KIB)
/* What an idle link keeps of its buffer. */
#define KEEP (32 * SK_KIB)
/* The kernel gives what net.core.wmem_max allows: fewer turns for a large message. */
#define SEND_BUFFER (1 << 20)

struct SkLink {
    int fd;
    SkWatch *watch;
    SkLinkFunc func;
    void *data;
    uint32_t number; /* of the job under way or, when idle, the last one */
    bool busy;
    bool spent; /* no further job may be sent */
    SkBuffer in;
    SkBuffer head; /* frame of the job up to its inline bytes */
    SkBytes body;  /* its inline bytes, borrowed */
    int job_fd;    /* borrowed, or -1 */
    size_t sent;   /* of head and body together */
    SkNeed *need;  /* or NULL */
};

static int
connect_to(const char *path, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sk_autofd int fd = -1;
    int size = SEND_BUFFER;

    if (strlen(path) >= sizeof address.sun_path) {
        sk_error_set_errno(error, ENAMETOOLONG, "%s", path);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        /* A full backlog: there is an inspector, it is only busy. */
        sk_error_set_errno(error, errno == EAGAIN ? ETIMEDOUT : errno, "inspector at %s", path);
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return sk_fd_steal(&fd);
}

/* Tells the owner. LINK may be gone afterwards. */
static void
report(SkLink *link, SkLinkOutcome outcome, SkInspectResult *result)
{
    link->busy = false;
    if (link->need != NULL)
        sk_need_reset(link->need);
    sk_buffer_reset(&link->in, KEEP);
    sk_buffer_reset(&link->head, KEEP);
    link->func(link, outcome, result, link->data);
}

/* The worker's side is closed, or what it said made no sense. */
static void
end(SkLink *link, bool garbled)
{
    SkObituary obituary;

    link->spent = true;
    sk_watch_set(link->watch, 0);
    if (!link->busy) {
        report(link, SK_LINK_ENDED, NULL);
    } else if (sk_wire_find_obituary(sk_buffer_bytes(&link->in), &obituary)) {
        if (obituary.number == link->number)
            report(link, SK_LINK_ANSWERED, sk_wire_result_of_obituary(&obituary));
        else
            report(link, SK_LINK_UNBEGUN, NULL);
    } else if (garbled) {
        report(link, SK_LINK_ANSWERED,
               sk_wire_result_of_death(SK_DEATH_CRASHED, "its answer made no sense"));
    } else {
        report(link, SK_LINK_LOST, NULL);
    }
}

static void
read_result(SkLink *link, const SkFrame *frame)
{
    SkWireResult result;

    if (frame->type != SK_WIRE_RESULT || !sk_wire_get_result(frame->body, &result)) {
        end(link, true);
        return;
    }
    if (result.number != link->number) {
        sk_inspect_result_free(result.result);
        end(link, true);
        return;
    }
    /* Anything behind the answer is an obituary, or was never asked for. */
    if (result.last || link->in.len != SK_FRAME_HEADER + frame->body.len)
        link->spent = true;
    if (link->spent)
        sk_watch_set(link->watch, 0);
    report(link, SK_LINK_ANSWERED, result.result);
}

static void
judge(SkLink *link)
{
    SkFrame frame;

    if (!link->busy) {
        if (link->in.len > 0)
            end(link, false);
        return;
    }
    switch (sk_frame_next(sk_buffer_bytes(&link->in), SK_WIRE_RESULT_LIMIT, &frame)) {
    case SK_FRAME_SHORT:
        break;
    case SK_FRAME_READY:
        read_result(link, &frame);
        break;
    case SK_FRAME_BAD:
        /* A worker that never said anything sensible is of another version; one that did, and
         * does not now, has met a message. */
        if (link->number == 1 &&
            sk_bytes_le32(sk_buffer_bytes(&link->in), 0) != SK_FRAME_MAGIC) {
            link->spent = true;
            sk_watch_set(link->watch, 0);
            report(link, SK_LINK_FOREIGN, NULL);
        } else {
            end(link, true);
        }
        break;
    }
}

/* A worker that asks for scans faster than they are made is read later. */
static void
listen_on(SkLink *link)
{
    bool deaf = link->need != NULL && sk_need_is_crowded(link->need);

    sk_watch_set(link->watch,
                 (deaf ? 0 : SK_LOOP_READ) | (sk_link_is_sending(link) ? SK_LOOP_WRITE : 0));
}

/* A piece that is no piece stays: what looks like one may hold the worker's obituary. */
static bool
take_piece(SkLink *link, const SkFrame *frame)
{
    SkWirePiece piece;

    if (!sk_wire_get_piece(frame->body, &piece) || piece.number != link->number ||
        sk_link_is_sending(link) || !sk_need_take(link->need, &piece))
        return false;
    sk_buffer_consume(&link->in, SK_FRAME_HEADER + frame->body.len);
    return true;
}

/* What the worker has scanned goes on at once. */
static void
take_pieces(SkLink *link)
{
    SkFrame frame;

    while (link->busy && link->need != NULL &&
           sk_frame_next(sk_buffer_bytes(&link->in), SK_WIRE_RESULT_LIMIT, &frame) ==
               SK_FRAME_READY &&
           frame.type == SK_WIRE_PIECE && take_piece(link, &frame))
        listen_on(link);
}

static void
receive(SkLink *link)
{
    SkBuffer *in = &link->in;
    bool more = true;
    ssize_t n;

    while (more) {
        if (!sk_buffer_reserve(in, READ_SIZE)) {
            end(link, true);
            return;
        }
        do
            n = read(link->fd, in->data + in->len, in->cap - in->len);
        while (n < 0 && errno == EINTR);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            end(link, false);
            return;
        }
        in->len += n > 0 ? (size_t)n : 0;
        more = in->len == in->cap;
        take_pieces(link);
    }
    judge(link);
}

/* Control data with the memfd goes with the first byte. */
static ssize_t
send_some(SkLink *link)
{
    size_t in_head = MIN(link->sent, link->head.len);
    size_t in_body = link->sent - in_head;
    struct iovec parts[2] = {
        {link->head.data + in_head, link->head.len - in_head},
        {(void *)(link->body.data + in_body), link->body.len - in_body},
    };
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = link->body.len > 0 ? 2 : 1};

    if (link->job_fd >= 0 && link->sent == 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &link->job_fd, sizeof(int));
    }
    return sendmsg(link->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
flush(SkLink *link)
{
    while (sk_link_is_sending(link)) {
        ssize_t n = send_some(link);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            listen_on(link);
            return;
        }
        /* The worker is gone. What became of it is there to be read. */
        link->sent = n < 0 ? link->head.len + link->body.len : link->sent + (size_t)n;
    }
    link->body = (SkBytes){0};
    link->job_fd = -1;
    listen_on(link);
}

static void
on_verdict(SkScanVerdict verdict, const char *name, void *data)
{
    SkLink *link = data;

    sk_buffer_reset(&link->head, KEEP);
    link->sent = 0;
    sk_wire_put_verdict(&link->head, link->number, verdict, name);
    flush(link);
}

static void
on_room(void *data)
{
    listen_on(data);
}

void
sk_link_set_scan(SkLink *link, SkScan *scan, int64_t need_ms)
{
    SkNeedHost host = {on_verdict, on_room, link};

    g_assert(link->need == NULL);
    link->need = sk_need_new(scan, need_ms, &host);
}

void
sk_link_check(SkLink *link)
{
    if (link->need != NULL)
        sk_need_check(link->need);
}

static void
on_event(unsigned events, void *data)
{
    SkLink *link = data;

    if ((events & SK_LOOP_WRITE) != 0 && sk_link_is_sending(link))
        flush(link);
    if ((events & (SK_LOOP_READ | SK_LOOP_HANGUP)) != 0)
        receive(link);
}

SkLink *
sk_link_new(SkLoop *loop, const char *path, SkLinkFunc func, void *data, GError **error)
{
    g_autoptr(SkLink) link = g_new0(SkLink, 1);

    link->func = func;
    link->data = data;
    link->job_fd = -1;
    sk_buffer_init(&link->in, SK_WIRE_RESULT_LIMIT + READ_SIZE);
    sk_buffer_init(&link->head, SK_WIRE_JOB_LIMIT);
    link->fd = connect_to(path, error);
    if (link->fd < 0)
        return NULL;
    link->watch = sk_loop_watch(loop, link->fd, SK_LOOP_READ, on_event, link, error);
    return link->watch != NULL ? g_steal_pointer(&link) : NULL;
}

void
sk_link_free(SkLink *link)
{
    if (link == NULL)
        return;
    sk_need_free(link->need);
    sk_watch_free(link->watch);
    sk_fd_clear(&link->fd);
    sk_buffer_clear(&link->in);
    sk_buffer_clear(&link->head);
    g_free(link);
}

void
sk_link_send(SkLink *link, const SkInspectJob *job, uint64_t size)
{
    g_assert(sk_link_is_usable(link));
    g_assert(job->fd >= 0 || size <= SK_LIMIT_INLINE);
    link->busy = true;
    link->number++;
    link->sent = 0;
    link->job_fd = job->fd;
    link->body = job->fd >= 0 ? (SkBytes){0} : job->bytes;
    g_assert(sk_wire_put_job(&link->head, link->number, job, size));
    flush(link);
}

bool
sk_link_is_sending(const SkLink *link)
{
    return link->busy && link->sent < link->head.len + link->body.len;
}

bool
sk_link_is_usable(const SkLink *link)
{
    return !link->busy && !link->spent;
}
