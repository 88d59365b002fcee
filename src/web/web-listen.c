/* SPDX-License-Identifier: Apache-2.0 */
#include "web/web-listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/text.h"

#define BACKLOG 256
/* A chain of ten certificates has some 20 KiB. */
#define PEM_MAX (256 * 1024)

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} Address;

static bool
read_host(const char *host, uint16_t port, Address *ret_address, socklen_t *ret_size)
{
    Address address;

    memset(&address, 0, sizeof address);
    if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons(port);
        *ret_size = sizeof address.v4;
    } else if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons(port);
        *ret_size = sizeof address.v6;
    } else {
        return false;
    }
    *ret_address = address;
    return true;
}

static bool
read_endpoint(const char *endpoint, Address *ret_address, socklen_t *ret_size)
{
    const char *colon = strrchr(endpoint, ':');
    size_t len = colon != NULL ? (size_t)(colon - endpoint) : 0;
    bool brackets = len >= 2 && endpoint[0] == '[' && endpoint[len - 1] == ']';
    g_autofree char *host =
        brackets ? g_strndup(endpoint + 1, len - 2) : g_strndup(endpoint, len);
    int64_t port;

    return colon != NULL && sk_text_to_int(colon + 1, 0, 65535, &port) &&
           brackets == (strchr(host, ':') != NULL) &&
           read_host(host, (uint16_t)port, ret_address, ret_size);
}

int
sk_web_listen(const char *endpoint, GError **error)
{
    const int on = 1;
    Address address;
    socklen_t size;
    sk_autofd int fd = -1;

    if (!read_endpoint(endpoint, &address, &size)) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "[web] listen: expected ADDRESS:PORT or [ADDRESS]:PORT with a numeric "
                    "address, as in 127.0.0.1:8480, not \"%s\"",
                    endpoint);
        return -1;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
        bind(fd, &address.any, size) < 0 || listen(fd, BACKLOG) < 0) {
        sk_error_set_errno(error, errno, "listening on %s ([web] listen)", endpoint);
        return -1;
    }
    return sk_fd_steal(&fd);
}

static bool
check_mode(int fd, const char *path, bool secret, GError **error)
{
    struct stat info;

    if (fstat(fd, &info) < 0)
        return sk_error_set_errno(error, errno, "%s", path);
    if (S_ISREG(info.st_mode) && (!secret || (info.st_mode & (S_IROTH | S_IWOTH)) == 0))
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                S_ISREG(info.st_mode)
                    ? "anybody may read or write %s, the key of the pages: chmod 0600, and "
                      "make another key if others than you use this machine"
                    : "%s is no plain file",
                path);
    return false;
}

char *
sk_web_read_pem(const char *path, bool secret, GError **error)
{
    sk_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    g_autofree char *text = g_malloc(PEM_MAX + 1);
    size_t len = 0;
    ssize_t n = 1;

    if (fd < 0) {
        sk_error_set_errno(error, errno, "%s ([web] certificate, key)", path);
        return NULL;
    }
    if (!check_mode(fd, path, secret, error))
        return NULL;
    while (len < PEM_MAX && (n = read(fd, text + len, PEM_MAX - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    if (n > 0 || strstr(text, "-----BEGIN ") == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s is no PEM file", path);
        return NULL;
    }
    return g_steal_pointer(&text);
}
