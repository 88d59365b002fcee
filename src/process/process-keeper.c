/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "process/process-keeper.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"
#include "process/process-keeper-wire.h"

#define ANSWER_MS 5000

/* A connection that is kept from one call to the next. */
typedef struct {
    char *path;
    int fd;
    bool kept; /* it was there before this call: the keeper may have closed it meanwhile */
} Line;

struct SkKeeper {
    Line requests, grants;
    SkBuffer out, in;
};

typedef enum {
    CALL_DONE,
    CALL_FAILED,
    CALL_LOST, /* a kept connection turned out to be closed */
} Call;

SkKeeper *
sk_keeper_new(const char *socket, const char *grants_socket)
{
    SkKeeper *keeper = g_new0(SkKeeper, 1);

    keeper->requests = (Line){g_strdup(socket), -1, false};
    keeper->grants = (Line){g_strdup(grants_socket), -1, false};
    sk_keeper_buffer_init(&keeper->out);
    sk_keeper_buffer_init(&keeper->in);
    return keeper;
}

void
sk_keeper_free(SkKeeper *keeper)
{
    if (keeper == NULL)
        return;
    sk_fd_clear(&keeper->requests.fd);
    sk_fd_clear(&keeper->grants.fd);
    g_free(keeper->requests.path);
    g_free(keeper->grants.path);
    sk_keeper_wipe(&keeper->out);
    sk_keeper_wipe(&keeper->in);
    sk_buffer_clear(&keeper->out);
    sk_buffer_clear(&keeper->in);
    g_free(keeper);
}

/* Nobody listens there any more: the same as if there were no socket. */
static bool
fail_connect(int errnum, const char *path, GError **error)
{
    return sk_error_set_errno(error, errnum == ECONNREFUSED ? ENOENT : errnum,
                              "no keeper answers at %s; is sekisho-keeper running?", path);
}

static bool
connect_line(Line *line, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    sk_autofd int fd = -1;

    line->kept = line->fd >= 0;
    if (line->kept)
        return true;
    if (strlen(line->path) >= sizeof address.sun_path)
        return sk_error_set_errno(error, ENAMETOOLONG, "%s", line->path);
    memcpy(address.sun_path, line->path, strlen(line->path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail_connect(errno, line->path, error);
    line->fd = sk_fd_steal(&fd);
    return true;
}

/* Waits until EVENTS or UNTIL_MS. */
static bool
wait_for(const Line *line, short events, int64_t until_ms, GError **error)
{
    struct pollfd one = {line->fd, events, 0};
    int64_t left = until_ms - sk_clock_mono_ms(sk_clock_real());
    int n = left > 0 ? poll(&one, 1, (int)left) : 0;

    if (n > 0 || (n < 0 && errno == EINTR))
        return true;
    if (n < 0)
        return sk_error_set_errno(error, errno, "waiting for the keeper");
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT, "the keeper at %s gave no answer in %d s",
                line->path, ANSWER_MS / 1000);
    return false;
}

static Call
lose(const Line *line, GError **error)
{
    if (line->kept)
        return CALL_LOST;
    g_set_error(error, SK_ERROR, SK_ERROR_IO,
                "the keeper at %s closed the connection without an answer; its log says why",
                line->path);
    return CALL_FAILED;
}

static Call
send_all(const Line *line, SkBytes left, int64_t until_ms, GError **error)
{
    while (left.len > 0) {
        ssize_t n = send(line->fd, left.data, left.len, MSG_NOSIGNAL);

        if (n >= 0)
            left = sk_bytes_from(left, (size_t)n);
        else if (errno != EAGAIN && errno != EINTR)
            return lose(line, error);
        else if (!wait_for(line, POLLOUT, until_ms, error))
            return CALL_FAILED;
    }
    return CALL_DONE;
}

static Call
receive(const Line *line, SkBuffer *in, int64_t until_ms, SkFrame *ret_frame, GError **error)
{
    SkFrameState state;

    while ((state = sk_frame_next(sk_buffer_bytes(in), SK_KEEPER_FRAME_LIMIT, ret_frame)) ==
           SK_FRAME_SHORT) {
        ssize_t n = recv(line->fd, in->data + in->len, in->cap - in->len, 0);

        if (n > 0)
            in->len += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return lose(line, error);
        else if (!wait_for(line, POLLIN, until_ms, error))
            return CALL_FAILED;
    }
    if (state == SK_FRAME_READY && in->len == SK_FRAME_HEADER + ret_frame->body.len)
        return CALL_DONE;
    g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                "what listens at %s is no keeper of this version", line->path);
    return CALL_FAILED;
}

/* Puts the question that is in OUT. */
static Call
ask(SkKeeper *keeper, Line *line, SkFrame *ret_frame, GError **error)
{
    int64_t until_ms = sk_clock_mono_ms(sk_clock_real()) + ANSWER_MS;
    Call call;

    sk_keeper_wipe(&keeper->in);
    if (keeper->in.cap == 0 || !connect_line(line, error)) {
        if (keeper->in.cap == 0)
            g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "no memory to ask the keeper with");
        return CALL_FAILED;
    }
    call = send_all(line, sk_buffer_bytes(&keeper->out), until_ms, error);
    if (call == CALL_DONE)
        call = receive(line, &keeper->in, until_ms, ret_frame, error);
    /* A late answer must not be taken for that to the next question. */
    if (call != CALL_DONE)
        sk_fd_clear(&line->fd);
    return call;
}

/* The answer was not what was asked for: a refusal, or nonsense. */
static Call
refuse(const Line *line, const SkFrame *frame, GError **error)
{
    g_autofree char *reason = NULL;
    bool limit = false;

    if (frame->type == SK_KEEPER_REFUSED && sk_keeper_get_refused(frame->body, &limit, &reason))
        g_set_error(error, SK_ERROR, limit ? SK_ERROR_LIMIT : SK_ERROR_DENIED,
                    "the keeper refused: %s", reason);
    else
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "the keeper at %s gave an answer that makes no sense", line->path);
    return CALL_FAILED;
}

static Call
ask_grant(SkKeeper *keeper,
          const SkKeeperGrant *grant,
          SkKeeperRequest *request,
          GError **error)
{
    SkFrame frame;
    Call call;

    sk_keeper_wipe(&keeper->out);
    if (!sk_keeper_put_grant(&keeper->out, grant)) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "too long a name or reason for a grant");
        return CALL_FAILED;
    }
    call = ask(keeper, &keeper->grants, &frame, error);
    if (call == CALL_DONE &&
        (frame.type != SK_KEEPER_GRANTED || !sk_keeper_get_granted(frame.body, request->token)))
        return refuse(&keeper->grants, &frame, error);
    return call;
}

static Call
ask_request(SkKeeper *keeper,
            const SkKeeperRequest *request,
            SkSecret **ret_secret,
            GError **error)
{
    SkFrame frame;
    SkBytes bytes;
    Call call;

    sk_keeper_wipe(&keeper->out);
    if (!sk_keeper_put_request(&keeper->out, request)) {
        g_set_error(error, SK_ERROR, SK_ERROR_PROTOCOL,
                    "what is to be opened is no sealed key, or site key %s no wrapped one",
                    request->key_id);
        return CALL_FAILED;
    }
    call = ask(keeper, &keeper->requests, &frame, error);
    if (call != CALL_DONE)
        return call;
    if (frame.type != SK_KEEPER_OPENED || !sk_keeper_get_opened(frame.body, &bytes))
        return refuse(&keeper->requests, &frame, error);
    *ret_secret = sk_secret_new(bytes.len);
    if (bytes.len > 0)
        memcpy((*ret_secret)->data, bytes.data, bytes.len);
    return CALL_DONE;
}

static Call
try_once(SkKeeper *keeper,
         const SkKeeperGrant *grant,
         SkKeeperRequest *request,
         SkSecret **ret_secret,
         GError **error)
{
    Call call = ask_grant(keeper, grant, request, error);

    return call == CALL_DONE ? ask_request(keeper, request, ret_secret, error) : call;
}

/* A keeper that was started again has closed both connections and knows no old grant: all of
 * it once more, on new ones. */
static SkSecret *
call_keeper(SkKeeper *keeper, SkKeeperRequest *request, const char *why, GError **error)
{
    SkKeeperGrant grant = {request->aim, (char *)why, 1};
    SkSecret *secret = NULL;
    Call call = try_once(keeper, &grant, request, &secret, error);

    if (call == CALL_LOST) {
        sk_fd_clear(&keeper->requests.fd);
        sk_fd_clear(&keeper->grants.fd);
        call = try_once(keeper, &grant, request, &secret, error);
    }
    g_assert(call != CALL_LOST);
    sk_keeper_wipe(&keeper->in);
    sk_keeper_wipe(&keeper->out);
    explicit_bzero(request->token, sizeof request->token);
    return call == CALL_DONE ? secret : NULL;
}

static SkKeeperRequest
make_request(SkKeeperOperation operation,
             const SkKeeperSiteKey *site_key,
             SkSealUse use,
             const char *name,
             SkBytes sealed)
{
    return (SkKeeperRequest){.aim = {operation, use, (char *)name},
                             .key_id = (char *)site_key->id,
                             .wrapped = site_key->wrapped,
                             .sealed = sealed};
}

SkSecret *
sk_keeper_unseal(SkKeeper *keeper,
                 const SkKeeperSiteKey *site_key,
                 SkSealUse use,
                 const char *name,
                 SkBytes sealed,
                 const char *why,
                 GError **error)
{
    SkKeeperRequest request = make_request(SK_KEEPER_UNSEAL, site_key, use, name, sealed);

    return call_keeper(keeper, &request, why, error);
}

GBytes *
sk_keeper_reseal(SkKeeper *keeper,
                 const SkKeeperSiteKey *site_key,
                 SkSealUse use,
                 const char *name,
                 SkBytes sealed,
                 const SkSealPublic *to,
                 const char *why,
                 GError **error)
{
    SkKeeperRequest request = make_request(SK_KEEPER_RESEAL, site_key, use, name, sealed);
    g_autoptr(SkSecret) resealed = NULL;

    request.to = *to;
    resealed = call_keeper(keeper, &request, why, error);
    return resealed != NULL ? g_bytes_new(resealed->data, resealed->len) : NULL;
}
