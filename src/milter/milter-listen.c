/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/text.h"

/* Connections that wait to be taken; the kernel lowers it to net.core.somaxconn. */
#define BACKLOG 1024

#define HELP "it is unix:PATH, inet:ADDRESS:PORT or inet:[V6]:PORT"

typedef union {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
} Address;

typedef struct {
    Address address;
    socklen_t size;
} Endpoint;

static bool
fail(GError **error, SkError code, const char *text, const char *what)
{
    g_autofree char *quoted = sk_text_quote(text);

    g_set_error(error, SK_ERROR, code, "milter endpoint %s: %s", quoted, what);
    return false;
}

static bool
parse_unix(const char *text, const char *path, Endpoint *ret, GError **error)
{
    Endpoint endpoint = {.size = sizeof endpoint.address.un};

    if (path[0] != '/')
        return fail(error, SK_ERROR_CONFIG, text, "the path must begin with /");
    if (strlen(path) >= sizeof endpoint.address.un.sun_path)
        return fail(error, SK_ERROR_CONFIG, text,
                    "the path is longer than 107 bytes, the system's limit for sockets");
    endpoint.address.un.sun_family = AF_UNIX;
    g_strlcpy(endpoint.address.un.sun_path, path, sizeof endpoint.address.un.sun_path);
    *ret = endpoint;
    return true;
}

static bool
parse_host(const char *host, int64_t port, Endpoint *ret)
{
    Endpoint v4 = {.size = sizeof v4.address.in}, v6 = {.size = sizeof v6.address.in6};

    v4.address.in.sin_family = AF_INET;
    v4.address.in.sin_port = htons((uint16_t)port);
    v6.address.in6.sin6_family = AF_INET6;
    v6.address.in6.sin6_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &v4.address.in.sin_addr) == 1)
        *ret = v4;
    else if (inet_pton(AF_INET6, host, &v6.address.in6.sin6_addr) == 1)
        *ret = v6;
    else
        return false;
    return true;
}

static bool
parse_inet(const char *text, const char *rest, Endpoint *ret, GError **error)
{
    const char *colon = strrchr(rest, ':');
    g_autofree char *host = NULL;
    size_t len = colon != NULL ? (size_t)(colon - rest) : 0;
    bool brackets = len >= 2 && rest[0] == '[' && rest[len - 1] == ']';
    int64_t port;

    if (colon == NULL || !sk_text_to_int(colon + 1, 0, 65535, &port))
        return fail(error, SK_ERROR_CONFIG, text, "a port between 0 and 65535 is missing");
    host = brackets ? g_strndup(rest + 1, len - 2) : g_strndup(rest, len);
    if (brackets != (strchr(host, ':') != NULL) || !parse_host(host, port, ret))
        return fail(error, SK_ERROR_CONFIG, text,
                    "not a numeric address; IPv6 addresses stand in [brackets]");
    return true;
}

static bool
parse(const char *text, Endpoint *ret, GError **error)
{
    if (g_str_has_prefix(text, "unix:"))
        return parse_unix(text, text + strlen("unix:"), ret, error);
    if (g_str_has_prefix(text, "inet:"))
        return parse_inet(text, text + strlen("inet:"), ret, error);
    return fail(error, SK_ERROR_CONFIG, text, HELP);
}

bool
sk_milter_endpoint_check(const char *text, GError **error)
{
    Endpoint endpoint;

    return parse(text, &endpoint, error);
}

static int
open_socket(const Endpoint *endpoint, int flags, const char *text, GError **error)
{
    int fd = socket(endpoint->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

    if (fd < 0)
        sk_error_set_errno(error, errno, "milter endpoint %s: making a socket", text);
    return fd;
}

static bool
find_group(const char *group, gid_t *ret_gid, GError **error)
{
    struct group entry, *found = NULL;
    char memory[16384];
    int errnum;

    *ret_gid = (gid_t)-1;
    if (group == NULL)
        return true;
    errnum = getgrnam_r(group, &entry, memory, sizeof memory, &found);
    if (found == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG,
                    "there is no group %s to own the milter socket%s%s", group,
                    errnum != 0 ? ": " : "", errnum != 0 ? g_strerror(errnum) : "");
        return false;
    }
    *ret_gid = found->gr_gid;
    return true;
}

/* Only the last directory is made: a missing one above it is a wrong path (Postfix not
 * installed, a typing error), not something to hide. */
static bool
make_directory(const char *path, gid_t gid, GError **error)
{
    g_autofree char *directory = g_path_get_dirname(path);

    if (mkdir(directory, 0750) < 0) {
        if (errno == EEXIST)
            return true;
        return sk_error_set_errno(error, errno, "making the directory %s of the milter socket",
                                  directory);
    }
    if (gid != (gid_t)-1 && chown(directory, (uid_t)-1, gid) < 0)
        return sk_error_set_errno(error, errno, "giving %s to Postfix's group", directory);
    return true;
}

static bool
somebody_answers(const Endpoint *endpoint)
{
    sk_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    /* EAGAIN: its backlog is full, so there is a listener. */
    return fd >= 0 && (connect(fd, &endpoint->address.any, endpoint->size) == 0 ||
                       errno == EAGAIN || errno == EINPROGRESS);
}

static bool
remove_stale(const Endpoint *endpoint, const char *text, GError **error)
{
    const char *path = endpoint->address.un.sun_path;
    struct stat info;

    if (lstat(path, &info) < 0)
        return errno == ENOENT ||
               sk_error_set_errno(error, errno, "looking at the milter socket %s", path);
    if (!S_ISSOCK(info.st_mode))
        return fail(error, SK_ERROR_CONFIG, text,
                    "there is something that is no socket; move it away or name another path");
    if (somebody_answers(endpoint))
        return fail(error, SK_ERROR_CONFLICT, text,
                    "another program answers there; stop it or name another path");
    if (unlink(path) < 0)
        return sk_error_set_errno(error, errno, "removing the old milter socket %s", path);
    return true;
}

static bool
prepare_unix(const Endpoint *endpoint, gid_t gid, const char *text, GError **error)
{
    return make_directory(endpoint->address.un.sun_path, gid, error) &&
           remove_stale(endpoint, text, error);
}

/* The mode is set before listen(): nobody can connect with the one that bind() gave. */
static bool
protect_unix(const Endpoint *endpoint, gid_t gid, GError **error)
{
    const char *path = endpoint->address.un.sun_path;

    if (gid != (gid_t)-1 && chown(path, (uid_t)-1, gid) < 0)
        return sk_error_set_errno(error, errno, "giving the milter socket %s to its group",
                                  path);
    if (chmod(path, 0660) < 0)
        return sk_error_set_errno(error, errno, "setting the mode of the milter socket %s",
                                  path);
    return true;
}

static bool
bind_to(int fd, const Endpoint *endpoint, const char *text, GError **error)
{
    int one = 1;

    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, &endpoint->address.any, endpoint->size) == 0)
        return true;
    if (errno == EADDRINUSE)
        return fail(error, SK_ERROR_CONFLICT, text,
                    "another program listens there; stop it or name another port");
    if (errno == EADDRNOTAVAIL)
        return fail(error, SK_ERROR_CONFIG, text, "this machine does not have that address");
    return sk_error_set_errno(error, errno, "milter endpoint %s", text);
}

int
sk_milter_listen(const char *text, const char *group, GError **error)
{
    Endpoint endpoint;
    sk_autofd int fd = -1;
    bool is_unix;
    gid_t gid;

    if (!parse(text, &endpoint, error) || !find_group(group, &gid, error))
        return -1;
    is_unix = endpoint.address.any.sa_family == AF_UNIX;
    if (is_unix && !prepare_unix(&endpoint, gid, text, error))
        return -1;
    fd = open_socket(&endpoint, SOCK_NONBLOCK, text, error);
    if (fd < 0 || !bind_to(fd, &endpoint, text, error) ||
        (is_unix && !protect_unix(&endpoint, gid, error)))
        return -1;
    if (listen(fd, BACKLOG) < 0) {
        sk_error_set_errno(error, errno, "milter endpoint %s: listening", text);
        return -1;
    }
    return sk_fd_steal(&fd);
}

int
sk_milter_connect(const char *text, GError **error)
{
    Endpoint endpoint;
    sk_autofd int fd = -1;

    if (!parse(text, &endpoint, error))
        return -1;
    fd = open_socket(&endpoint, 0, text, error);
    if (fd < 0)
        return -1;
    if (connect(fd, &endpoint.address.any, endpoint.size) < 0) {
        sk_error_set_errno(error, errno, "connecting to the milter at %s", text);
        return -1;
    }
    return sk_fd_steal(&fd);
}
