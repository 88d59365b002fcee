/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "net/net-endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/text.h"

typedef struct {
    union {
        struct sockaddr any;
        struct sockaddr_un un;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    };
    socklen_t size;
} Address;

static bool
parse_unix(const char *path, Address *ret)
{
    Address address = {.size = sizeof address.un};

    if (path[0] != '/' || strlen(path) >= sizeof address.un.sun_path)
        return false;
    address.un.sun_family = AF_UNIX;
    g_strlcpy(address.un.sun_path, path, sizeof address.un.sun_path);
    *ret = address;
    return true;
}

static bool
parse_host(const char *host, int64_t port, Address *ret)
{
    Address v4 = {.size = sizeof v4.in}, v6 = {.size = sizeof v6.in6};

    v4.in.sin_family = AF_INET;
    v4.in.sin_port = htons((uint16_t)port);
    v6.in6.sin6_family = AF_INET6;
    v6.in6.sin6_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &v4.in.sin_addr) == 1)
        *ret = v4;
    else if (inet_pton(AF_INET6, host, &v6.in6.sin6_addr) == 1)
        *ret = v6;
    else
        return false;
    return true;
}

static bool
parse_inet(const char *text, Address *ret)
{
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    bool brackets = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    g_autofree char *host = NULL;
    int64_t port;

    if (colon == NULL || !sk_text_to_int(colon + 1, 1, 65535, &port))
        return false;
    host = brackets ? g_strndup(text + 1, len - 2) : g_strndup(text, len);
    return brackets == (strchr(host, ':') != NULL) && parse_host(host, port, ret);
}

static bool
parse(const char *text, Address *ret, GError **error)
{
    g_autofree char *quoted = NULL;

    if (g_str_has_prefix(text, "unix:") && parse_unix(text + strlen("unix:"), ret))
        return true;
    if (g_str_has_prefix(text, "inet:") && parse_inet(text + strlen("inet:"), ret))
        return true;
    quoted = sk_text_quote(text);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                "%s is no endpoint: it is unix:/PATH of at most 107 bytes, inet:ADDRESS:PORT "
                "or inet:[V6]:PORT, with a numeric address and a port from 1 to 65535",
                quoted);
    return false;
}

bool
sk_net_endpoint_check(const char *text, GError **error)
{
    Address address;

    return parse(text, &address, error);
}

int
sk_net_endpoint_begin(const char *text, bool *ret_under_way, GError **error)
{
    int flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, one = 1, trouble = 0;
    Address address;
    sk_autofd int fd = -1;

    if (!parse(text, &address, error))
        return -1;
    fd = socket(address.any.sa_family, flags, 0);
    if (fd < 0 || connect(fd, &address.any, address.size) < 0)
        trouble = errno;
    if (trouble != 0 && trouble != EINPROGRESS) {
        /* EAGAIN: the backlog of a UNIX socket is full. */
        sk_error_set_errno(error, trouble == EAGAIN ? ETIMEDOUT : trouble, "%s", text);
        return -1;
    }
    if (address.any.sa_family != AF_UNIX)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *ret_under_way = trouble == EINPROGRESS;
    return sk_fd_steal(&fd);
}

int
sk_net_endpoint_outcome(int fd)
{
    socklen_t size = sizeof(int);
    int trouble = 0;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &trouble, &size) < 0 ? errno : trouble;
}

/* What has become of a connection that could not be had at once: an errno, or 0. */
static int
wait_for(int fd, int64_t wait_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLOUT};
    int n;

    do
        n = poll(&poller, 1, (int)MIN(wait_ms, INT_MAX));
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return ETIMEDOUT;
    return n < 0 ? errno : sk_net_endpoint_outcome(fd);
}

int
sk_net_endpoint_connect(const char *text, int64_t wait_ms, GError **error)
{
    bool under_way = false;
    sk_autofd int fd = sk_net_endpoint_begin(text, &under_way, error);
    int trouble = fd >= 0 && under_way ? wait_for(fd, wait_ms) : 0;

    if (trouble != 0) {
        sk_error_set_errno(error, trouble, "%s", text);
        return -1;
    }
    return sk_fd_steal(&fd);
}
