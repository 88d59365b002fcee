/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* renameat2 */
#include "store/store-copy.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/text.h"

#define CHUNK (256 * 1024)

struct SkSummer {
    EVP_MD_CTX *context;
    uint64_t size;
};

struct SkFileOut {
    char *path;
    int fd;
    SkSummer *summer;
    bool finished;
};

bool
sk_file_sum_equal(const SkFileSum *a, const SkFileSum *b)
{
    return a->size == b->size && strcmp(a->digest, b->digest) == 0;
}

/* None of OpenSSL's calls fails for SHA-256 but for want of memory, of which GLib aborts, too.
 */
SkSummer *
sk_summer_new(void)
{
    SkSummer *summer = g_new0(SkSummer, 1);

    summer->context = EVP_MD_CTX_new();
    g_assert(summer->context != NULL);
    g_assert(EVP_DigestInit_ex(summer->context, EVP_sha256(), NULL) == 1);
    return summer;
}

void
sk_summer_add(SkSummer *summer, SkBytes bytes)
{
    int ok = EVP_DigestUpdate(summer->context, bytes.data, bytes.len);

    g_assert(ok == 1);
    summer->size += bytes.len;
}

void
sk_summer_finish(SkSummer *summer, SkFileSum *ret_sum)
{
    uint8_t digest[SK_DIGEST_HEX / 2];
    g_autofree char *hex = NULL;
    int ok = EVP_DigestFinal_ex(summer->context, digest, NULL);

    g_assert(ok == 1);
    hex = sk_text_hex(digest, sizeof digest);
    ret_sum->size = summer->size;
    g_strlcpy(ret_sum->digest, hex, sizeof ret_sum->digest);
}

void
sk_summer_free(SkSummer *summer)
{
    if (summer == NULL)
        return;
    EVP_MD_CTX_free(summer->context);
    g_free(summer);
}

static bool
fail(GError **error, int why, const char *what, const char *path)
{
    if (why == EEXIST) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFLICT, "cannot %s %s: it is there already",
                    what, path);
        return false;
    }
    if (why == ENOSPC || why == EDQUOT) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "cannot %s %s: the disk is full", what,
                    path);
        return false;
    }
    return sk_error_set_errno(error, why, "cannot %s %s", what, path);
}

SkFileOut *
sk_file_out_new(const char *path, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    SkFileOut *out;

    if (fd < 0) {
        fail(error, errno, "make", path);
        return NULL;
    }
    out = g_new0(SkFileOut, 1);
    *out = (SkFileOut){g_strdup(path), fd, sk_summer_new(), false};
    return out;
}

int
sk_file_out_get_fd(const SkFileOut *out)
{
    return out->fd;
}

bool
sk_file_out_write(SkFileOut *out, SkBytes bytes, GError **error)
{
    sk_summer_add(out->summer, bytes);
    while (bytes.len > 0) {
        ssize_t n = write(out->fd, bytes.data, bytes.len);

        if (n < 0 && errno != EINTR)
            return fail(error, errno, "write", out->path);
        bytes = sk_bytes_from(bytes, n > 0 ? (uint64_t)n : 0);
    }
    return true;
}

bool
sk_file_out_finish(SkFileOut *out, SkFileSum *ret_sum, GError **error)
{
    if (fsync(out->fd) != 0)
        return fail(error, errno, "write", out->path);
    sk_summer_finish(out->summer, ret_sum);
    out->finished = true;
    return true;
}

void
sk_file_out_free(SkFileOut *out)
{
    if (out == NULL)
        return;
    close(out->fd);
    if (!out->finished)
        (void)unlink(out->path);
    sk_summer_free(out->summer);
    g_free(out->path);
    g_free(out);
}

/* Where the bytes of a file go: into a sum, or into a file that makes a sum of its own. */
typedef struct {
    SkSummer *summer;
    SkFileOut *out;
    SkCopyFunc func;
    void *data;
} Way;

static bool
pass_on(const Way *way, SkBytes bytes, GError **error)
{
    if (way->out != NULL && !sk_file_out_write(way->out, bytes, error))
        return false;
    if (way->summer != NULL)
        sk_summer_add(way->summer, bytes);
    if (way->func != NULL)
        way->func(bytes.len, way->data);
    return true;
}

static bool
read_file(const char *path, const Way *way, GError **error)
{
    /* Nobody is waited for who would write into a pipe of that name. */
    sk_autofd int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    g_autofree uint8_t *chunk = g_malloc(CHUNK);
    struct stat st;
    ssize_t n = 0;

    if (fd < 0 || fstat(fd, &st) != 0)
        return fail(error, errno, "read", path);
    if (!S_ISREG(st.st_mode))
        return fail(error, EINVAL, "read", path);
    while ((n = read(fd, chunk, CHUNK)) != 0) {
        if (n < 0 && errno != EINTR)
            return fail(error, errno, "read", path);
        if (n > 0 && !pass_on(way, sk_bytes(chunk, (size_t)n), error))
            return false;
    }
    return true;
}

bool
sk_file_sum(const char *path, SkCopyFunc func, void *data, SkFileSum *ret_sum, GError **error)
{
    g_autoptr(SkSummer) summer = sk_summer_new();

    if (!read_file(path, &(Way){.summer = summer, .func = func, .data = data}, error))
        return false;
    sk_summer_finish(summer, ret_sum);
    return true;
}

bool
sk_file_out_copy(SkFileOut *out, const char *from, SkCopyFunc func, void *data, GError **error)
{
    return read_file(from, &(Way){.out = out, .func = func, .data = data}, error);
}

bool
sk_folder_make(const char *path, GError **error)
{
    return mkdir(path, 0700) == 0 || fail(error, errno, "make", path);
}

static bool
sync_path(const char *path, int flags, GError **error)
{
    sk_autofd int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && fsync(fd) == 0)
        return true;
    return fail(error, errno, "sync", path);
}

bool
sk_file_sync(const char *path, GError **error)
{
    return sync_path(path, O_RDWR, error);
}

bool
sk_folder_sync(const char *path, GError **error)
{
    return sync_path(path, O_RDONLY | O_DIRECTORY, error);
}

bool
sk_file_place(const char *from, const char *to, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(to);

    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
        return fail(error, errno, "make", to);
    return sk_folder_sync(folder, error);
}
