/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-key-files.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"

#define RANDOM_LEN 32

static bool
sync_folder(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    sk_autofd int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0;
}

static bool
write_all(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

/* Only the last folder: a missing one above it is a wrong path. */
static int
create(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd;

    if (mkdir(folder, 0755) < 0 && errno != EEXIST) {
        sk_error_set_errno(error, errno, "cannot make the folder of %s", path);
        return -1;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "there is a file %s already", path);
    else if (fd < 0)
        sk_error_set_errno(error, errno, "cannot make %s", path);
    return fd;
}

/* A file that is not whole is taken away again. */
static bool
make_file(const char *path, const char *text, mode_t mode, uid_t uid, gid_t gid, GError **error)
{
    sk_autofd int fd = create(path, error);

    if (fd < 0)
        return false;
    if (write_all(fd, text) && write_all(fd, "\n") &&
        (geteuid() != 0 || fchown(fd, uid, gid) == 0) && fchmod(fd, mode) == 0 &&
        fsync(fd) == 0 && sync_folder(path))
        return true;
    sk_error_set_errno(error, errno, "cannot make %s", path);
    (void)unlink(path);
    return false;
}

bool
sk_cli_key_make_secret(const char *path, GError **error)
{
    uint8_t random[RANDOM_LEN];
    char *text;
    bool ok;

    sk_random_fill(random, sizeof random);
    text = g_base64_encode(random, sizeof random);
    ok = make_file(path, text, 0600, (uid_t)-1, (gid_t)-1, error);
    explicit_bzero(random, sizeof random);
    explicit_bzero(text, strlen(text));
    g_free(text);
    return ok;
}

bool
sk_cli_key_make_shared(const char *path, uid_t uid, gid_t gid, GError **error)
{
    g_autofree char *text = NULL;
    uint8_t random[RANDOM_LEN];

    sk_random_fill(random, sizeof random);
    text = sk_text_hex(random, sizeof random);
    return make_file(path, text, 0640, uid, gid, error);
}
