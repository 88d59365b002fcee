/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-user.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "process/process-sandbox.h"
#include "process/process-socket.h"

#define DEFAULT_USER "sekisho"

static bool
hand_over(const char *path, const char *user)
{
    const struct passwd *entry =
        geteuid() == 0 ? getpwnam(user != NULL ? user : DEFAULT_USER) : NULL;

    return entry == NULL || chown(path, entry->pw_uid, entry->pw_gid) == 0;
}

/* Only the last folder: a missing one above it is a wrong path. */
static bool
make_folder(const char *path, const char *user, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (mkdir(folder, 0750) < 0)
        return errno == EEXIST ||
               sk_error_set_errno(error, errno,
                                  "cannot make the folder %s of the socket; make it, for the "
                                  "user that runs this program",
                                  folder);
    if (!hand_over(folder, user))
        sk_log(SK_LOG_WARNING, "cannot give the folder of the socket to its user", "path",
               folder, NULL);
    return true;
}

int
sk_process_open_socket(const char *path, mode_t mode, const char *user, GError **error)
{
    int fd = make_folder(path, user, error) ? sk_socket_listen(path, mode, error) : -1;

    if (fd >= 0 && !hand_over(path, user))
        sk_log(SK_LOG_WARNING, "cannot give the socket to its user", "path", path, NULL);
    return fd;
}

bool
sk_process_become(const char *user, GError **error)
{
    int with_parent = 0;
    bool ok;

    if (geteuid() != 0) {
        if (user == NULL)
            return true;
        g_set_error(error, SK_ERROR, SK_ERROR_DENIED, "only root can become user %s", user);
        return false;
    }
    sk_sandbox_leave_network();
    if (user == NULL && getpwnam(DEFAULT_USER) != NULL)
        user = DEFAULT_USER;
    /* What whoever started us asked for; becoming somebody else takes it back. */
    (void)prctl(PR_GET_PDEATHSIG, &with_parent, 0, 0, 0);
    ok = user == NULL || sk_sandbox_become(user, error);
    (void)prctl(PR_SET_PDEATHSIG, with_parent, 0, 0, 0);
    return ok;
}
