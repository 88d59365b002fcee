/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* memfd_create, explicit_bzero, SOCK_CLOEXEC */
#include "process/process-edit.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "process/process-edit-wire.h"

/* Until an inspector takes the connection, and until it has answered: its own limits (60 s at
 * most) come before. */
#define CONNECT_MS 10000
#define ANSWER_MS  90000
/* Between two tries while its backlog is full. */
#define AGAIN_MS 50
/* Times that a worker may end before it has begun: the settings were read again. */
#define TRIES 3

#define READ_SIZE (64 * SK_KIB)

G_STATIC_ASSERT(SK_EDIT_GROWTH == SK_CUT_TEXT);

/* One order, and what becomes of it. */
typedef struct {
    const char *socket;
    int message; /* borrowed */
    uint64_t size;
    SkBuffer order; /* its frame */
    int64_t deadline_ms;
    SkBuffer answer;
    SkEditOutcome outcome;
    SkMailCuts cuts;
    SkInspectResult *result;
} Edit;

static void
edit_clear(Edit *edit)
{
    if (edit->order.len > 0)
        explicit_bzero(edit->order.data, edit->order.len);
    sk_buffer_clear(&edit->order);
    sk_buffer_clear(&edit->answer);
    sk_mail_cuts_clear(&edit->cuts);
    sk_inspect_result_free(edit->result);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Edit, edit_clear)

static bool
connect_once(int fd, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path));
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static int
connect_to(const char *path, GError **error)
{
    int64_t deadline = sk_clock_tick_ms() + CONNECT_MS;
    sk_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    while (fd >= 0 && !connect_once(fd, path)) {
        if (errno == EAGAIN && sk_clock_tick_ms() < deadline) {
            (void)poll(NULL, 0, AGAIN_MS);
            continue;
        }
        sk_error_set_errno(error, errno == EAGAIN ? ETIMEDOUT : errno, "inspector at %s", path);
        return -1;
    }
    if (fd < 0)
        sk_error_set_errno(error, errno, "connecting to the inspector");
    return sk_fd_steal(&fd);
}

/* Until FD is ready for EVENTS; error: it is not in time. */
static bool
wait_for(const Edit *edit, int fd, short events, GError **error)
{
    struct pollfd one = {fd, events, 0};
    int ready;

    do {
        int64_t left = edit->deadline_ms - sk_clock_tick_ms();

        ready = left > 0 ? poll(&one, 1, (int)left) : 0;
    } while (ready < 0 && errno == EINTR);
    if (ready > 0)
        return true;
    return sk_error_set_errno(error, ready == 0 ? ETIMEDOUT : errno, "inspector at %s",
                              edit->socket);
}

/* Control data with the memfd goes with the first byte. */
static ssize_t
send_some(const Edit *edit, int fd, size_t sent)
{
    struct iovec part = {edit->order.data + sent, edit->order.len - sent};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (sent == 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof control.space;
        *CMSG_FIRSTHDR(&message) = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)),
                                                    .cmsg_level = SOL_SOCKET,
                                                    .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &edit->message, sizeof(int));
    }
    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Error: time is over. A worker that is gone has left word, which is there to be read. */
static bool
send_order(const Edit *edit, int fd, GError **error)
{
    for (size_t sent = 0; sent < edit->order.len;) {
        ssize_t n = send_some(edit, fd, sent);

        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN && !wait_for(edit, fd, POLLOUT, error))
            return false;
        else if (errno != EAGAIN && errno != EINTR)
            return true;
    }
    return true;
}

/* Everything up to the end of the connection. */
static bool
read_answer(Edit *edit, int fd, GError **error)
{
    SkBuffer *in = &edit->answer;
    ssize_t n;

    do {
        if (!wait_for(edit, fd, POLLIN, error))
            return false;
        if (!sk_buffer_reserve(in, READ_SIZE))
            return true;
        n = read(fd, in->data + in->len, in->cap - in->len);
        if (n > 0)
            in->len += (size_t)n;
    } while (n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN)));
    return true;
}

static bool
take_answer(Edit *edit)
{
    SkBytes stream = sk_buffer_bytes(&edit->answer);
    SkWireResult result;
    SkFrame edited, findings;

    if (sk_frame_next(stream, SK_EDIT_WIRE_ANSWER_LIMIT, &edited) != SK_FRAME_READY ||
        edited.type != SK_WIRE_EDITED)
        return false;
    stream = sk_bytes_from(stream, SK_FRAME_HEADER + edited.body.len);
    if (sk_frame_next(stream, SK_WIRE_RESULT_LIMIT, &findings) != SK_FRAME_READY ||
        findings.type != SK_WIRE_RESULT || !sk_wire_get_result(findings.body, &result))
        return false;
    edit->result = result.result;
    return result.number == SK_EDIT_WIRE_NUMBER &&
           sk_wire_get_edited(edited.body, edit->size, &edit->outcome, &edit->cuts);
}

static void
fail(Edit *edit, SkInspectResult *result)
{
    sk_inspect_result_free(edit->result);
    edit->result = result;
    edit->outcome = SK_EDIT_FAILED;
}

static bool
is_foreign(SkBytes stream)
{
    return stream.len >= SK_FRAME_HEADER && sk_bytes_le32(stream, 0) != SK_FRAME_MAGIC;
}

/* What the answer says, or what the worker died of; *RET_AGAIN: it had not begun. */
static bool
judge_answer(Edit *edit, bool *ret_again, GError **error)
{
    SkBytes stream = sk_buffer_bytes(&edit->answer);
    SkObituary obituary;

    *ret_again = false;
    if (take_answer(edit))
        return true;
    if (is_foreign(stream)) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the inspector at %s is of another version", edit->socket);
        return false;
    }
    if (sk_wire_find_obituary(stream, &obituary)) {
        *ret_again = obituary.number != SK_EDIT_WIRE_NUMBER;
        fail(edit, sk_wire_result_of_obituary(&obituary));
        return true;
    }
    if (stream.len == 0)
        return sk_error_set_errno(error, ECONNRESET, "inspector at %s", edit->socket);
    fail(edit, sk_wire_result_of_death(SK_DEATH_CRASHED, "its answer made no sense"));
    return true;
}

static bool
try_once(Edit *edit, bool *ret_again, GError **error)
{
    sk_autofd int fd = connect_to(edit->socket, error);

    if (fd < 0)
        return false;
    edit->deadline_ms = sk_clock_tick_ms() + ANSWER_MS;
    sk_buffer_reset(&edit->answer, 0);
    return send_order(edit, fd, error) && read_answer(edit, fd, error) &&
           judge_answer(edit, ret_again, error);
}

static bool
run(Edit *edit, GError **error)
{
    bool again = true;

    for (int i = 0; i < TRIES && again; i++) {
        if (!try_once(edit, &again, error))
            return false;
    }
    if (again)
        return sk_error_set_errno(error, ECONNRESET, "inspector at %s", edit->socket);
    return true;
}

/* PASSWORD is in the frame alone. */
static bool
prepare(Edit *edit,
        const char *socket,
        int fd,
        const SkStripOrder *order,
        const char *password,
        GError **error)
{
    struct stat info;

    *edit = (Edit){.socket = socket, .message = fd};
    sk_buffer_init(&edit->order, SK_EDIT_WIRE_ORDER_LIMIT);
    sk_buffer_init(&edit->answer, SK_EDIT_WIRE_ANSWER_LIMIT + SK_WIRE_RESULT_LIMIT + READ_SIZE);
    sk_mail_cuts_init(&edit->cuts);
    if (fstat(fd, &info) < 0)
        return sk_error_set_errno(error, errno, "handing a message to the inspector");
    edit->size = (uint64_t)info.st_size;
    /* Grown once, so that no copy of a password is left behind. */
    if (sk_buffer_reserve(&edit->order, SK_EDIT_WIRE_ORDER_LIMIT) &&
        sk_wire_put_edit(&edit->order, edit->size, order, password))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "the order to the inspector is too large");
    return false;
}

static bool
write_piece(SkBytes piece, void *data)
{
    const int *fd = data;

    while (piece.len > 0) {
        ssize_t n = write(*fd, piece.data, piece.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        piece = sk_bytes_from(piece, (size_t)n);
    }
    return true;
}

/* The worker has said where to cut; the bytes that stay are copied from the original here, so
 * that no worker can change them. */
static int
cut_out(const Edit *edit, GError **error)
{
    sk_autofd int fd = memfd_create("sekisho-edit", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *map = edit->size > 0
                    ? mmap(NULL, edit->size, PROT_READ, MAP_PRIVATE, edit->message, 0)
                    : MAP_FAILED;
    bool written = fd >= 0 && map != MAP_FAILED &&
                   sk_mail_cuts_apply(&edit->cuts, sk_bytes(map, edit->size), write_piece, &fd);

    if (!written ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
        sk_error_set_errno(error, errno, "writing the changed message");
        sk_fd_clear(&fd);
    }
    if (map != MAP_FAILED)
        munmap(map, edit->size);
    return sk_fd_steal(&fd);
}

static void
hand_over(Edit *edit, SkEditOutcome *ret_outcome, SkFindings **ret_findings)
{
    *ret_outcome = edit->outcome;
    if (ret_findings != NULL)
        *ret_findings = g_steal_pointer(&edit->result->findings);
}

bool
sk_process_strip(const char *socket,
                 int fd,
                 const SkStripOrder *order,
                 SkEditOutcome *ret_outcome,
                 int *ret_fd,
                 SkFindings **ret_findings,
                 GError **error)
{
    g_auto(Edit) edit = {0};
    int changed = -1;

    if (!prepare(&edit, socket, fd, order, NULL, error) || !run(&edit, error))
        return false;
    if (edit.outcome == SK_EDIT_DONE) {
        changed = cut_out(&edit, error);
        if (changed < 0)
            return false;
    }
    *ret_fd = changed;
    hand_over(&edit, ret_outcome, ret_findings);
    return true;
}

bool
sk_process_try_password(const char *socket,
                        int fd,
                        const char *password,
                        SkEditOutcome *ret_outcome,
                        SkFindings **ret_findings,
                        GError **error)
{
    g_auto(Edit) edit = {0};

    if (!prepare(&edit, socket, fd, NULL, password, error) || !run(&edit, error))
        return false;
    hand_over(&edit, ret_outcome, ret_findings);
    return true;
}
