/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "store/store-turn.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/clock.h"
#include "base/error.h"

#define SUFFIX "-turn"

/* Always the same: with a pause that grows, who has waited longest would ask most seldom. */
#define PAUSE_US 200

static char *
path_of(const char *database)
{
    return g_strconcat(database, SUFFIX, NULL);
}

/* Whoever may write the database may take the turn, and nobody else. */
static bool
adopt_rights(int fd, const char *database, const char *path, GError **error)
{
    struct stat st;

    if (stat(database, &st) != 0)
        return sk_error_set_errno(error, errno, "cannot look at database %s", database);
    if (geteuid() == 0 && fchown(fd, st.st_uid, st.st_gid) != 0)
        return sk_error_set_errno(error, errno, "cannot hand over %s", path);
    if (fchmod(fd, st.st_mode & 0666) != 0)
        return sk_error_set_errno(error, errno, "cannot set the mode of %s", path);
    return true;
}

bool
sk_turn_open(const char *database, int *ret_fd, GError **error)
{
    g_autofree char *path = path_of(database);
    const int flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC;
    sk_autofd int fd = open(path, flags | O_CREAT | O_EXCL, 0640);

    if (fd >= 0 && !adopt_rights(fd, database, path, error))
        return false;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, flags);
    if (fd < 0)
        return sk_error_set_errno(error, errno,
                                  "cannot open %s, by which the programs that write this "
                                  "database take turns; it has to belong to the user that "
                                  "runs them, and may be removed while none runs",
                                  path);
    *ret_fd = sk_fd_steal(&fd);
    return true;
}

bool
sk_turn_exists(const char *database)
{
    g_autofree char *path = path_of(database);

    return access(path, F_OK) == 0;
}

/* 0, or the reason why not. */
static int
set_lock(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};

    return fcntl(fd, F_OFD_SETLK, &lock) == 0 ? 0 : errno;
}

bool
sk_turn_take(int fd, int64_t until_ms, GError **error)
{
    for (;;) {
        int why = set_lock(fd, F_WRLCK);

        if (why == 0)
            return true;
        if (why != EAGAIN && why != EACCES && why != EINTR)
            return sk_error_set_errno(error, why, "cannot wait for a turn to write");
        if (sk_clock_mono_ms(sk_clock_real()) >= until_ms)
            break;
        g_usleep(PAUSE_US);
    }
    g_set_error(error, SK_ERROR, SK_ERROR_TIMEOUT,
                "other programs were writing, or one that had its turn hangs");
    return false;
}

void
sk_turn_leave(int fd)
{
    /* Unlocking what is ours cannot fail. */
    (void)set_lock(fd, F_UNLCK);
}
