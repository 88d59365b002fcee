/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_PATH */
#include "process/process-lend.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "process/process-find.h"
#include "process/process-socket.h"

#define PROGRAM "sekisho-inspector"
/* The inspector's number for the socket it gets. */
#define LISTEN_FD "3"

struct SkLentInspector {
    pid_t pid;
    int socket_fd; /* O_PATH of the socket: keeps it reachable without a name */
    char *path;
};

/* Listens in a folder of our own, then takes the name away. */
static int
listen_unnamed(SkLentInspector *lent, GError **error)
{
    g_autofree char *dir = g_dir_make_tmp("sekisho-XXXXXX", error);
    g_autofree char *path = NULL;
    int fd;

    if (dir == NULL)
        return -1;
    path = g_build_filename(dir, "inspector", NULL);
    fd = sk_socket_listen(path, 0600, error);
    if (fd >= 0)
        lent->socket_fd = open(path, O_PATH | O_CLOEXEC);
    (void)g_unlink(path);
    (void)g_rmdir(dir);
    if (fd >= 0 && lent->socket_fd < 0) {
        sk_error_set_errno(error, errno, "%s", path);
        sk_fd_clear(&fd);
    }
    lent->path = g_strdup_printf("/proc/self/fd/%d", lent->socket_fd);
    return fd;
}

static void run_program(const char *program, const char *config, int fd, pid_t parent)
    G_GNUC_NORETURN;

static void
run_program(const char *program, const char *config, int fd, pid_t parent)
{
    const char *const argv[] = {PROGRAM, "--private", LISTEN_FD, config != NULL ? "-c" : NULL,
                                config,  NULL};

    prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (getppid() != parent)
        _exit(0);
    /* dup2 of a number onto itself would leave it close-on-exec. */
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 4);
    if (fd >= 0 && dup2(fd, 3) == 3)
        execv(program, (char *const *)argv);
    _exit(127);
}

SkLentInspector *
sk_process_lend_new(const char *program, const char *config, GError **error)
{
    g_autoptr(SkLentInspector) lent = g_new0(SkLentInspector, 1);
    g_autofree char *found = NULL;
    sk_autofd int fd = -1;
    pid_t parent = getpid();

    lent->socket_fd = -1;
    found = program != NULL ? g_strdup(program) : sk_process_find(PROGRAM, error);
    if (found == NULL)
        return NULL;
    fd = listen_unnamed(lent, error);
    if (fd < 0)
        return NULL;
    lent->pid = fork();
    if (lent->pid == 0)
        run_program(found, config, fd, parent);
    if (lent->pid < 0) {
        sk_error_set_errno(error, errno, "starting %s", found);
        return NULL;
    }
    return g_steal_pointer(&lent);
}

void
sk_process_lend_free(SkLentInspector *lent)
{
    if (lent == NULL)
        return;
    if (lent->pid > 0) {
        (void)kill(lent->pid, SIGTERM);
        while (waitpid(lent->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    sk_fd_clear(&lent->socket_fd);
    g_free(lent->path);
    g_free(lent);
}

const char *
sk_process_lend_peek_socket(const SkLentInspector *lent)
{
    return lent->path;
}
