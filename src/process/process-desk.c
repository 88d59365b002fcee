/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "process/process-desk.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "process/process-desk-wire.h"

typedef struct {
    const char *path;
    int fd;
    int64_t until_ms;
} Call;

/* Nobody listens there any more: the same as if there were no socket. */
static bool
fail_connect(int errnum, const char *path, GError **error)
{
    return sk_error_set_errno(error, errnum == ECONNREFUSED ? ENOENT : errnum,
                              "no clerk answers at %s; is sekisho-clerk running?", path);
}

static bool
connect_call(Call *call, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sk_autofd int fd = -1;

    if (strlen(call->path) >= sizeof address.sun_path)
        return sk_error_set_errno(error, ENAMETOOLONG, "%s", call->path);
    memcpy(address.sun_path, call->path, strlen(call->path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail_connect(errno, call->path, error);
    call->fd = sk_fd_steal(&fd);
    return true;
}

static bool
wait_for(const Call *call, short events, GError **error)
{
    struct pollfd one = {call->fd, events, 0};
    int64_t left = call->until_ms - sk_clock_mono_ms(sk_clock_real());
    int n = left > 0 ? poll(&one, 1, (int)left) : 0;

    if (n > 0 || (n < 0 && errno == EINTR))
        return true;
    if (n < 0)
        return sk_error_set_errno(error, errno, "waiting for the clerk");
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT, "the clerk at %s gave no answer in %d s",
                call->path, SK_DESK_SECONDS);
    return false;
}

static bool
lose(const Call *call, GError **error)
{
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "the clerk at %s closed the connection without an answer; its log says why",
                call->path);
    return false;
}

static bool
send_all(const Call *call, SkBytes left, GError **error)
{
    while (left.len > 0) {
        ssize_t n = send(call->fd, left.data, left.len, MSG_NOSIGNAL);

        if (n >= 0)
            left = sk_bytes_from(left, (size_t)n);
        else if (errno != EAGAIN && errno != EINTR)
            return lose(call, error);
        else if (!wait_for(call, POLLOUT, error))
            return false;
    }
    return true;
}

static bool
receive(const Call *call, SkBuffer *in, GError **error)
{
    SkDeskWire state;
    size_t want = 0;

    while ((state = sk_desk_wire_look(in, &want)) == SK_DESK_WIRE_MORE) {
        ssize_t n = recv(call->fd, in->data + in->len, want, 0);

        if (n > 0)
            in->len += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return lose(call, error);
        else if (!wait_for(call, POLLIN, error))
            return false;
    }
    if (state == SK_DESK_WIRE_READY)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "what listens at %s is no clerk of this version", call->path);
    return false;
}

static char *
get_answer(const Call *call, const SkBuffer *in, GError **error)
{
    char *answer = sk_desk_wire_get(in);

    if (answer == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the clerk at %s gave an answer that is no text", call->path);
    return answer;
}

static char *
ask(Call *call, SkBuffer *out, SkBuffer *in, const char *question, GError **error)
{
    if (!sk_desk_wire_put(out, question)) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "too long a question for the clerk");
        return NULL;
    }
    if (!connect_call(call, error) || !send_all(call, sk_buffer_bytes(out), error) ||
        !receive(call, in, error))
        return NULL;
    return get_answer(call, in, error);
}

char *
sk_process_desk_ask(const char *socket, const char *question, size_t limit, GError **error)
{
    Call call = {socket, -1, sk_clock_mono_ms(sk_clock_real()) + SK_DESK_SECONDS * 1000};
    SkBuffer out, in;
    char *answer = NULL;

    if (!sk_desk_wire_init(&out, limit) | !sk_desk_wire_init(&in, limit))
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to ask the clerk with");
    else
        answer = ask(&call, &out, &in, question, error);
    sk_fd_clear(&call.fd);
    sk_desk_wire_clear(&out);
    sk_desk_wire_clear(&in);
    return answer;
}
