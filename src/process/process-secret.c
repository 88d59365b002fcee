/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-secret.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"

/* Reads FD to its end, or to the end of the line; at most MAX + 1 bytes, which are too many. */
static SkSecret *
read_all(int fd, bool line, size_t *ret_len, GError **error)
{
    g_autoptr(SkSecret) all = sk_secret_new(SK_PROCESS_SECRET_MAX + 1);
    size_t len = 0;

    while (len < all->len) {
        ssize_t n = read(fd, all->data + len, line ? 1 : all->len - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            sk_error_set_errno(error, errno, "reading the secret");
            return NULL;
        }
        if (n == 0 || (line && all->data[len] == '\n'))
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return g_steal_pointer(&all);
}

static SkSecret *
trim(const SkSecret *all, size_t len, const char *what, GError **error)
{
    SkSecret *secret;

    while (len > 0 && (all->data[len - 1] == '\n' || all->data[len - 1] == '\r'))
        len--;
    if (len < SK_PROCESS_SECRET_MIN || len > SK_PROCESS_SECRET_MAX) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s has to be of %d to %d bytes", what,
                    SK_PROCESS_SECRET_MIN, SK_PROCESS_SECRET_MAX);
        return NULL;
    }
    secret = sk_secret_new(len);
    memcpy(secret->data, all->data, len);
    return secret;
}

/* Whose mode says nothing: systemd gives rights by an access list, and only to the unit. */
static char *
credential_path(const char *path)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *credential = folder != NULL ? g_build_filename(folder, name, NULL) : NULL;

    if (credential == NULL || access(credential, F_OK) != 0)
        return NULL;
    return g_steal_pointer(&credential);
}

bool
sk_process_secret_is_there(const char *path)
{
    g_autofree char *credential = credential_path(path);

    return credential != NULL || g_file_test(path, G_FILE_TEST_EXISTS);
}

static bool
check_rights(const char *path, const struct stat *info, GError **error)
{
    if ((info->st_mode & (S_IROTH | S_IWOTH)) == 0)
        return true;
    g_set_error(error, SK_ERROR, SK_ERROR_DENIED,
                "anybody may read or write %s, which is to be a secret: chmod 0600 %s, and if "
                "others than you use this machine, `sekisho key rotate --secret`",
                path, path);
    return false;
}

static int
open_file(const char *path, struct stat *info, GError **error)
{
    sk_autofd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0 && errno == ENOENT)
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                    "there is no secret %s to open the site key with: `sekisho key init` makes "
                    "it on the first host, to another one it has to be copied from there",
                    path);
    else if (fd < 0 || fstat(fd, info) < 0)
        sk_error_set_errno(error, errno, "the secret %s", path);
    else if (S_ISREG(info->st_mode))
        return sk_fd_steal(&fd);
    else
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "the secret %s is no plain file", path);
    return -1;
}

SkSecret *
sk_process_secret_read(const char *path, bool *ret_group, GError **error)
{
    g_autofree char *credential = credential_path(path);
    const char *from = credential != NULL ? credential : path;
    g_autofree char *what = g_strdup_printf("the secret %s", from);
    g_autoptr(SkSecret) all = NULL;
    struct stat info;
    sk_autofd int fd = open_file(from, &info, error);
    SkSecret *secret;
    size_t len;

    if (fd < 0 || (credential == NULL && !check_rights(from, &info, error)))
        return NULL;
    all = read_all(fd, false, &len, error);
    secret = all != NULL ? trim(all, len, what, error) : NULL;
    if (secret != NULL)
        *ret_group = credential == NULL && (info.st_mode & (S_IRGRP | S_IWGRP)) != 0;
    return secret;
}

static SkSecret *
read_hidden(const char *prompt, size_t *ret_len, GError **error)
{
    struct termios usual, hidden;
    SkSecret *all;
    sigset_t held, before;

    if (tcgetattr(STDIN_FILENO, &usual) != 0)
        return read_all(STDIN_FILENO, true, ret_len, error);
    /* Ended in the middle, we would leave a terminal that shows nothing. */
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGTSTP);
    (void)sigprocmask(SIG_BLOCK, &held, &before);
    hidden = usual;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fputs(prompt, stderr);
    all = read_all(STDIN_FILENO, true, ret_len, error);
    fputc('\n', stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return all;
}

SkSecret *
sk_process_passphrase_read(const char *prompt, GError **error)
{
    size_t len;
    g_autoptr(SkSecret) all = read_hidden(prompt, &len, error);

    return all != NULL ? trim(all, len, "the passphrase", error) : NULL;
}
