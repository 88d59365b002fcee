/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_PATH, AT_EMPTY_PATH */
#include "process/process-user.h"

#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/log.h"
#include "process/process-sandbox.h"
#include "process/process-socket.h"

#define DEFAULT_USER "sekisho"

/* By a descriptor, since in a folder of his own USER can put another file, a link or a second
 * name of one of root's in the place of what was made for him. */
bool
sk_process_give(const char *path, mode_t type, uid_t uid, gid_t gid)
{
    sk_autofd int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type &&
           (type == S_IFDIR || st.st_nlink == 1) &&
           fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0;
}

static bool
hand_over(const char *path, mode_t type, const char *user)
{
    const struct passwd *entry =
        geteuid() == 0 ? getpwnam(user != NULL ? user : DEFAULT_USER) : NULL;

    return entry == NULL || sk_process_give(path, type, entry->pw_uid, entry->pw_gid);
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
    if (!hand_over(folder, S_IFDIR, user))
        sk_log(SK_LOG_WARNING, "cannot give the folder of the socket to its user", "path",
               folder, NULL);
    return true;
}

int
sk_process_open_socket(const char *path, mode_t mode, const char *user, GError **error)
{
    int fd = make_folder(path, user, error) ? sk_socket_listen(path, mode, error) : -1;

    if (fd >= 0 && !hand_over(path, S_IFSOCK, user))
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
