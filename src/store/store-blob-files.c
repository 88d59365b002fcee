/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-blob-files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"

const char sk_blob_first_letters[] = "01234567";
const char sk_blob_second_letters[] = "0123456789abcdefghjkmnpqrstvwxyz";

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define FOLDER_MODE  0750

static bool
is_full(int errnum)
{
    return errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG;
}

bool
sk_blob_directory_fail(const SkBlobDirectory *dir,
                       const char *id,
                       const char *what,
                       GError **error)
{
    int errnum = errno;
    const char *blob = id != NULL ? " blob " : "";

    id = id != NULL ? id : "";
    if (is_full(errnum))
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT,
                    "%s: cannot %s%s%s: %s; make room there or give it more", dir->path, what,
                    blob, id, g_strerror(errnum));
    else if (errnum == EEXIST)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT,
                    "%s: cannot %s%s%s: there is one of that name", dir->path, what, blob, id);
    else if (errnum == ELOOP || errnum == ENOTDIR)
        g_set_error(
            error, SK_ERROR, SK_ERROR_DENIED,
            "%s: cannot %s%s%s: something else is in its place, perhaps a symbolic link",
            dir->path, what, blob, id);
    else
        sk_error_set_errno(error, errnum, "%s: cannot %s%s%s", dir->path, what, blob, id);
    return false;
}

int
sk_blob_directory_open_below(int fd, const char *name)
{
    return openat(fd, name, FOLDER_FLAGS);
}

int
sk_blob_directory_open_folder(const SkBlobDirectory *dir, const char *id, GError **error)
{
    const char first[] = {id[0], '\0'}, second[] = {id[1], '\0'};
    sk_autofd int outer = sk_blob_directory_open_below(dir->fd, first);
    int inner = outer >= 0 ? sk_blob_directory_open_below(outer, second) : -1;

    if (inner < 0)
        sk_blob_directory_fail(dir, id, "reach the folder of", error);
    return inner;
}

bool
sk_blob_directory_adopt(const SkBlobDirectory *dir, int fd, mode_t mode)
{
    return fchmod(fd, mode) == 0 && (!dir->give || fchown(fd, dir->uid, dir->gid) == 0);
}

/* The folder NAME below FD, made if it is missing; -1 and errno. */
static int
make_folder(const SkBlobDirectory *dir, int fd, const char *name)
{
    bool made = mkdirat(fd, name, FOLDER_MODE) == 0;
    sk_autofd int folder = -1;

    if (!made && errno != EEXIST)
        return -1;
    folder = sk_blob_directory_open_below(fd, name);
    if (folder < 0 || (made && !sk_blob_directory_adopt(dir, folder, FOLDER_MODE)))
        return -1;
    return sk_fd_steal(&folder);
}

static bool
make_inner_folders(const SkBlobDirectory *dir, int outer)
{
    for (const char *letter = sk_blob_second_letters; *letter != '\0'; letter++) {
        const char name[] = {*letter, '\0'};
        sk_autofd int inner = make_folder(dir, outer, name);

        if (inner < 0)
            return false;
    }
    return true;
}

static bool
make_folders(const SkBlobDirectory *dir)
{
    for (const char *letter = sk_blob_first_letters; *letter != '\0'; letter++) {
        const char name[] = {*letter, '\0'};
        sk_autofd int outer = make_folder(dir, dir->fd, name);

        if (outer < 0 || !make_inner_folders(dir, outer))
            return false;
    }
    return true;
}

/* Also when another program made them: it may not have come to this. All after all have been
 * made, so that the file system has to write its journal once. */
static bool
sync_folders(const SkBlobDirectory *dir)
{
    for (const char *letter = sk_blob_first_letters; *letter != '\0'; letter++) {
        const char name[] = {*letter, '\0'};
        sk_autofd int outer = sk_blob_directory_open_below(dir->fd, name);

        if (outer < 0 || fsync(outer) != 0)
            return false;
    }
    return fsync(dir->fd) == 0;
}

bool
sk_blob_directory_make_folders(SkBlobDirectory *dir, GError **error)
{
    if (dir->ready)
        return true;
    if (!make_folders(dir))
        return sk_blob_directory_fail(dir, NULL, "make the folders of blobs", error);
    dir->ready = sync_folders(dir);
    return dir->ready || sk_blob_directory_fail(dir, NULL, "sync the folders of blobs", error);
}

bool
sk_blob_directory_stat(int fd, const char *name, struct stat *ret_stat)
{
    if (fstatat(fd, name, ret_stat, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (S_ISREG(ret_stat->st_mode))
        return true;
    errno = ELOOP;
    return false;
}

void
sk_blob_part_name(const char *id, char ret_name[SK_BLOB_PART_LEN + 1])
{
    g_snprintf(ret_name, SK_BLOB_PART_LEN + 1, ".%s.part", id);
}

bool
sk_blob_is_part(const char *name)
{
    char id[SK_BLOB_ID_LEN + 1], again[SK_BLOB_PART_LEN + 1];

    if (strlen(name) != SK_BLOB_PART_LEN)
        return false;
    g_strlcpy(id, name + 1, sizeof id);
    sk_blob_part_name(id, again);
    return sk_blob_is_id(id) && strcmp(name, again) == 0;
}
