/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-spawn.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/autofree.h"
#include "base/error.h"
#include "process/process-socket.h"

#define INSTALLED "/usr/libexec/sekisho"

/* What the child says when it cannot be: the shell's word for "not executed". */
#define EXIT_NOT_STARTED 127

struct SkLentInspector {
    char *folder;
    char *socket;
    pid_t pid;
};

char *
sk_process_find(const char *name, GError **error)
{
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = self != NULL ? g_path_get_dirname(self) : g_strdup(".");
    const char *overruled =
        g_str_equal(name, "sekisho-inspector") ? g_getenv("SEKISHO_INSPECTOR") : NULL;
    g_autofree char *beside = g_build_filename(folder, name, NULL);
    g_autofree char *prefix = g_build_filename(folder, "..", "libexec", "sekisho", name, NULL);
    g_autofree char *installed = g_build_filename(INSTALLED, name, NULL);
    const char *const places[] = {overruled != NULL ? overruled : beside, prefix, installed};

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (access(places[i], X_OK) == 0)
            return g_strdup(places[i]);
        if (overruled != NULL)
            break;
    }
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "there is no program %s (looked in %s%s)",
                name, places[0], overruled != NULL ? "" : " and in " INSTALLED);
    return NULL;
}

/* In the child; only what may be called between fork and exec. */
static void
become(char **argv, int keep_fd)
{
    sigset_t none;

    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
    if (keep_fd >= 0)
        (void)fcntl(keep_fd, F_SETFD, 0);
    execv(argv[0], argv);
    _exit(EXIT_NOT_STARTED);
}

pid_t
sk_process_start(char **argv, int keep_fd, GError **error)
{
    pid_t parent = getpid();
    pid_t pid = fork();

    if (pid < 0)
        sk_error_set_errno(error, errno, "starting %s", argv[0]);
    if (pid == 0) {
        /* A parent that died before prctl() cannot be noticed by it. */
        if (getppid() == parent)
            become(argv, keep_fd);
        _exit(EXIT_NOT_STARTED);
    }
    return pid;
}

static bool
make_socket(SkLentInspector *inspector, int *ret_fd, GError **error)
{
    g_autoptr(GError) local = NULL;

    inspector->folder = g_dir_make_tmp("sekisho-XXXXXX", &local);
    if (inspector->folder == NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "%s", local->message);
        return false;
    }
    inspector->socket = g_build_filename(inspector->folder, "inspector", NULL);
    *ret_fd = sk_socket_listen(inspector->socket, 0600, error);
    return *ret_fd >= 0;
}

SkLentInspector *
sk_lent_inspector_new(const char *config, GError **error)
{
    g_autoptr(SkLentInspector) inspector = g_new0(SkLentInspector, 1);
    g_autofree char *path = sk_process_find("sekisho-inspector", error);
    g_autofree char *number = NULL;
    sk_autofd int fd = -1;

    inspector->pid = -1;
    if (path == NULL || !make_socket(inspector, &fd, error))
        return NULL;
    number = g_strdup_printf("%d", fd);
    inspector->pid =
        sk_process_start((char *[]){path, (char *)"--private", number,
                                    config != NULL ? (char *)"-c" : NULL, (char *)config, NULL},
                         fd, error);
    return inspector->pid > 0 ? g_steal_pointer(&inspector) : NULL;
}

const char *
sk_lent_inspector_peek_socket(const SkLentInspector *inspector)
{
    return inspector->socket;
}

void
sk_lent_inspector_free(SkLentInspector *inspector)
{
    if (inspector == NULL)
        return;
    if (inspector->pid > 0 && kill(inspector->pid, SIGTERM) == 0)
        (void)waitpid(inspector->pid, NULL, 0);
    if (inspector->socket != NULL)
        (void)g_unlink(inspector->socket);
    if (inspector->folder != NULL)
        (void)g_rmdir(inspector->folder);
    g_free(inspector->socket);
    g_free(inspector->folder);
    g_free(inspector);
}
