/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */
#include "process/process-socket.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"

/* Connections that may wait while the master is busy forking. */
#define BACKLOG 512

static bool
make_address(const char *path, struct sockaddr_un *address)
{
    size_t len = strlen(path);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (len == 0 || len >= sizeof address->sun_path) {
        errno = len == 0 ? EINVAL : ENAMETOOLONG;
        return false;
    }
    memcpy(address->sun_path, path, len);
    return true;
}

bool
sk_socket_is_alive(const char *path)
{
    sk_autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;

    return fd >= 0 && make_address(path, &address) &&
           connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static bool
remove_stale(const char *path, GError **error)
{
    struct stat info;

    if (lstat(path, &info) < 0)
        return true;
    if (!S_ISSOCK(info.st_mode)) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "%s exists and is no socket", path);
        return false;
    }
    if (sk_socket_is_alive(path)) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "another program listens at %s", path);
        return false;
    }
    if (unlink(path) < 0)
        return sk_error_set_errno(error, errno, "%s", path);
    return true;
}

int
sk_socket_listen(const char *path, mode_t mode, GError **error)
{
    struct sockaddr_un address;
    sk_autofd int fd = -1;
    mode_t old;
    int failed;

    if (!make_address(path, &address)) {
        sk_error_set_errno(error, errno, "%s", path);
        return -1;
    }
    if (!remove_stale(path, error))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* The mask, not a later chmod: there must be no moment at which anybody may connect. */
    old = umask(0777 & ~mode);
    failed = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
             listen(fd, BACKLOG) < 0;
    umask(old);
    if (failed) {
        sk_error_set_errno(error, errno, "listening at %s", path);
        return -1;
    }
    return sk_fd_steal(&fd);
}

void
sk_process_raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}
