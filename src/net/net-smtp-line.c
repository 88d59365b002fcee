/* SPDX-License-Identifier: Apache-2.0 */
#include "net/net-smtp-line.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>

#include "base/autofree.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/limit.h"
#include "net/net-endpoint.h"

#define READ_SIZE  4096
#define READ_LIMIT SK_MIB

struct SkSmtpLine {
    int fd;
    int64_t silence_ms;
    char *endpoint; /* for errors */
    SkBuffer in;
    bool ended; /* by the other side */
};

SkSmtpLine *
sk_smtp_line_open(const char *endpoint, int64_t silence_ms, GError **error)
{
    int fd = sk_net_endpoint_connect(endpoint, silence_ms, error);
    SkSmtpLine *line;

    if (fd < 0)
        return NULL;
    line = g_new0(SkSmtpLine, 1);
    line->fd = fd;
    line->silence_ms = silence_ms;
    line->endpoint = g_strdup(endpoint);
    sk_buffer_init(&line->in, READ_LIMIT);
    return line;
}

void
sk_smtp_line_free(SkSmtpLine *line)
{
    if (line == NULL)
        return;
    sk_fd_clear(&line->fd);
    sk_buffer_clear(&line->in);
    g_free(line->endpoint);
    g_free(line);
}

static bool
fail(SkSmtpLine *line, SkError code, const char *what, GError **error)
{
    g_set_error(error, SK_ERROR, code, "SMTP server at %s %s", line->endpoint, what);
    return false;
}

static bool
wait_for(SkSmtpLine *line, short events, short *ret_events, GError **error)
{
    struct pollfd poller = {.fd = line->fd, .events = events};
    int n;

    do
        n = poll(&poller, 1, (int)MIN(line->silence_ms, INT_MAX));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return sk_error_set_errno(error, errno, "SMTP server at %s", line->endpoint);
    if (n == 0)
        return fail(line, SK_ERROR_TIMEOUT, "is silent for too long", error);
    *ret_events = poller.revents;
    return true;
}

/* What has come, without waiting. */
static bool
take_in(SkSmtpLine *line, GError **error)
{
    uint8_t some[READ_SIZE];
    ssize_t n = recv(line->fd, some, sizeof some, 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n < 0 && errno != ECONNRESET)
        return sk_error_set_errno(error, errno, "SMTP server at %s", line->endpoint);
    if (n <= 0)
        line->ended = true;
    else if (!sk_buffer_append(&line->in, some, (size_t)n))
        return fail(line, SK_ERROR_PROTOCOL, "says more than anybody asked for", error);
    return true;
}

bool
sk_smtp_line_is_quiet(SkSmtpLine *line)
{
    return take_in(line, NULL) && !line->ended && line->in.len == 0;
}

/* Waits until more can be written, and takes in what comes meanwhile. */
static bool
wait_to_write(SkSmtpLine *line, GError **error)
{
    short events = 0;

    if (!wait_for(line, POLLIN | POLLOUT, &events, error))
        return false;
    return (events & (POLLIN | POLLHUP | POLLERR)) == 0 || take_in(line, error);
}

bool
sk_smtp_line_write(SkSmtpLine *line, SkBytes bytes, GError **error)
{
    while (bytes.len > 0) {
        ssize_t n = send(line->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

        if (n >= 0)
            bytes = sk_bytes_from(bytes, (size_t)n);
        else if (errno != EAGAIN && errno != EINTR)
            return sk_error_set_errno(error, errno, "SMTP server at %s", line->endpoint);
        else if (!wait_to_write(line, error))
            return false;
        if (line->ended)
            return fail(line, SK_ERROR_IO, "has closed the connection", error);
    }
    return true;
}

bool
sk_smtp_line_read(SkSmtpLine *line, SkSmtpReply *ret_reply, GError **error)
{
    SkSmtpReading reading;
    size_t used = 0;
    short events;

    while ((reading = sk_smtp_reply_next(sk_buffer_bytes(&line->in), &used, ret_reply)) ==
           SK_SMTP_REPLY_MORE) {
        if (line->ended)
            return fail(line, SK_ERROR_IO, "has closed the connection", error);
        if (!wait_for(line, POLLIN, &events, error) || !take_in(line, error))
            return false;
    }
    if (reading == SK_SMTP_REPLY_NONE)
        return fail(line, SK_ERROR_PROTOCOL, "does not speak SMTP", error);
    sk_buffer_consume(&line->in, used);
    return true;
}
