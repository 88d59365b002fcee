/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_TMPFILE, sync_file_range() */
#include "store/store-blob-directory.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "store/store-blob-files.h"

#define FILE_MODE 0640
/* The disk begins to write what has been written so far every so many bytes, so that the sync
 * at the end finds little to wait for. */
#define FLUSH_EVERY (1 * SK_MIB)
/* At least a page, or what a file system keeps together instead of one. */
#define FLUSH_STEP (64 * SK_KIB)

static const SkBlobEngine engine;

typedef struct {
    SkBlobSink sink;
    SkBlobDirectory *dir;
    char id[SK_BLOB_ID_LEN + 1];
    char part[SK_BLOB_PART_LEN + 1]; /* "": the file has no name */
    int folder, fd;
    uint64_t len, flushed;
} Sink;

typedef struct {
    SkBlobSource source;
    SkBlobDirectory *dir;
    char id[SK_BLOB_ID_LEN + 1];
    int fd;
} Source;

static void
close_place(SkBlobPlace *base)
{
    SkBlobDirectory *dir = (SkBlobDirectory *)base;

    sk_fd_clear(&dir->fd);
    g_free(dir->path);
    g_free(dir);
}

/* File systems without it say one of three things. */
static bool
is_unsupported(int errnum)
{
    return errnum == EOPNOTSUPP || errnum == EISDIR || errnum == EINVAL;
}

static bool
open_unnamed(Sink *s)
{
    s->fd = openat(s->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, FILE_MODE);
    return s->fd >= 0;
}

/* The lock tells a listing that somebody is at it; it ends with this process. */
static bool
open_named(Sink *s)
{
    sk_blob_part_name(s->id, s->part);
    s->fd = openat(s->folder, s->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   FILE_MODE);
    if (s->fd < 0)
        s->part[0] = '\0'; /* not ours to remove */
    return s->fd >= 0 && flock(s->fd, LOCK_EX | LOCK_NB) == 0;
}

static bool
open_file(Sink *s)
{
    bool ok = s->dir->unnamed && open_unnamed(s);

    if (s->dir->unnamed && !ok && !is_unsupported(errno))
        return false;
    if (!ok) {
        s->dir->unnamed = false;
        ok = open_named(s);
    }
    return ok && sk_blob_directory_adopt(s->dir, s->fd, FILE_MODE);
}

static SkBlobSink *
create(SkBlobPlace *base, const char *id, GError **error)
{
    SkBlobDirectory *dir = (SkBlobDirectory *)base;
    Sink *s;
    g_autoptr(SkBlobSink) owner = NULL;

    if (!sk_blob_directory_make_folders(dir, error))
        return NULL;
    s = g_new0(Sink, 1);
    *s = (Sink){.sink = {&engine}, .dir = dir, .fd = -1, .folder = -1};
    owner = &s->sink;
    g_strlcpy(s->id, id, sizeof s->id);
    s->folder = sk_blob_directory_open_folder(dir, id, error);
    if (s->folder < 0) {
        dir->ready = false; /* somebody removed folders: the next one makes them again */
        return NULL;
    }
    if (!open_file(s)) {
        sk_blob_directory_fail(dir, id, "make", error);
        return NULL;
    }
    return g_steal_pointer(&owner);
}

static void
sink_free(SkBlobSink *base)
{
    Sink *s = (Sink *)base;

    if (s->part[0] != '\0')
        (void)unlinkat(s->folder, s->part, 0);
    sk_fd_clear(&s->fd);
    sk_fd_clear(&s->folder);
    g_free(s);
}

static bool
write_all(int fd, SkBytes bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);

        if (n < 0 && errno != EINTR)
            return false;
        bytes = sk_bytes_from(bytes, n > 0 ? (uint64_t)n : 0);
    }
    return true;
}

/* Whole pages only: the next write to a page that is on its way to the disk would wait for it.
 */
static void
flush_some(Sink *s)
{
    uint64_t end = s->len - s->len % FLUSH_STEP;

    if (end < s->flushed + FLUSH_EVERY)
        return;
    /* A hint: whether all is well the sync will say. */
    (void)sync_file_range(s->fd, (off_t)s->flushed, (off_t)(end - s->flushed),
                          SYNC_FILE_RANGE_WRITE);
    s->flushed = end;
}

static bool
write_sink(SkBlobSink *base, SkBytes bytes, GError **error)
{
    Sink *s = (Sink *)base;

    if (!write_all(s->fd, bytes))
        return sk_blob_directory_fail(s->dir, s->id, "write", error);
    s->len += bytes.len;
    flush_some(s);
    return true;
}

/* Never in the place of another one, as a rename would. */
static bool
link_file(const Sink *s)
{
    g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", s->fd);

    if (s->part[0] != '\0')
        return linkat(s->folder, s->part, s->folder, s->id, 0) == 0;
    return linkat(AT_FDCWD, self, s->folder, s->id, AT_SYMLINK_FOLLOW) == 0;
}

static bool
sync_folder(const Sink *s, GError **error)
{
    if (fsync(s->folder) == 0)
        return true;
    sk_blob_directory_fail(s->dir, s->id, "sync the folder of", error);
    /* Nobody is to find what was called a failure. */
    (void)unlinkat(s->folder, s->id, 0);
    return false;
}

static bool
commit(SkBlobSink *base, GError **error)
{
    Sink *s = (Sink *)base;

    if (fdatasync(s->fd) != 0)
        return sk_blob_directory_fail(s->dir, s->id, "sync", error);
    if (!link_file(s))
        return sk_blob_directory_fail(s->dir, s->id, "name", error);
    if (s->part[0] != '\0')
        (void)unlinkat(s->folder, s->part, 0);
    s->part[0] = '\0';
    return sync_folder(s, error);
}

/* Not blocking: a named pipe in its place must not hold us up. */
static SkBlobSource *
open_source(SkBlobPlace *base, const char *id, GError **error)
{
    SkBlobDirectory *dir = (SkBlobDirectory *)base;
    sk_autofd int folder = sk_blob_directory_open_folder(dir, id, error);
    sk_autofd int fd = -1;
    struct stat st;
    Source *source;

    if (folder < 0)
        return NULL;
    fd = openat(folder, id, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
        sk_fd_clear(&fd);
        errno = ELOOP;
    }
    if (fd < 0) {
        sk_blob_directory_fail(dir, id, "open", error);
        return NULL;
    }
    source = g_new0(Source, 1);
    *source = (Source){.source = {&engine}, .dir = dir, .fd = sk_fd_steal(&fd)};
    g_strlcpy(source->id, id, sizeof source->id);
    return &source->source;
}

static bool
read_source(SkBlobSource *base,
            uint64_t at,
            void *data,
            size_t n,
            size_t *ret_n,
            GError **error)
{
    Source *s = (Source *)base;
    size_t done = 0;

    /* Beyond what an offset can be there is nothing. */
    if (at > INT64_MAX - n) {
        *ret_n = 0;
        return true;
    }
    while (done < n) {
        ssize_t got = pread(s->fd, (uint8_t *)data + done, n - done, (off_t)(at + done));

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return sk_blob_directory_fail(s->dir, s->id, "read", error);
        done += got > 0 ? (size_t)got : 0;
    }
    *ret_n = done;
    return true;
}

static void
source_free(SkBlobSource *base)
{
    Source *s = (Source *)base;

    sk_fd_clear(&s->fd);
    g_free(s);
}

/* Not synced: one that comes back with the power is an orphan and is removed again. */
static bool
remove_blob(SkBlobPlace *base, const char *id, GError **error)
{
    SkBlobDirectory *dir = (SkBlobDirectory *)base;
    g_autoptr(GError) trouble = NULL;
    sk_autofd int folder = sk_blob_directory_open_folder(dir, id, &trouble);
    struct stat st;

    if (g_error_matches(trouble, SK_ERROR, SK_ERROR_NOT_FOUND))
        return true;
    if (folder < 0) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return false;
    }
    /* What is no file is not ours. */
    if (sk_blob_directory_stat(folder, id, &st) && unlinkat(folder, id, 0) == 0)
        return true;
    return errno == ENOENT || sk_blob_directory_fail(dir, id, "remove", error);
}

static const SkBlobEngine engine = {
    .close = close_place,
    .create = create,
    .write = write_sink,
    .commit = commit,
    .sink_free = sink_free,
    .open = open_source,
    .read = read_source,
    .source_free = source_free,
    .remove = remove_blob,
    .list = sk_blob_directory_list,
};

/* Made by root in a folder of somebody else's: he has to write to it, too. */
static bool
hand_over(const char *path, int fd, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(path);
    struct stat st;

    if (fchmod(fd, 0750) == 0 &&
        (geteuid() != 0 || (stat(parent, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0)))
        return true;
    return sk_error_set_errno(error, errno, "cannot hand over directory %s", path);
}

/* A link would let whoever may write beside it choose where blobs go. */
static int
open_root(const char *path, GError **error)
{
    bool made = mkdir(path, 0750) == 0;
    sk_autofd int fd = -1;

    if (!made && errno != EEXIST) {
        sk_error_set_errno(
            error, errno,
            "cannot make directory %s for blobs; make it, for the user that runs "
            "this program",
            path);
        return -1;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
        g_set_error(
            error, SK_ERROR, SK_ERROR_CONFIG,
            "%s cannot hold blobs: it is not a directory; give the real path of one, not "
            "a symbolic link",
            path);
    else if (fd < 0)
        sk_error_set_errno(error, errno, "cannot open directory %s for blobs", path);
    if (fd < 0 || (made && !hand_over(path, fd, error)))
        return -1;
    return sk_fd_steal(&fd);
}

SkBlobPlace *
sk_store_blob_directory_open(const char *path, SkDirectoryParts parts, GError **error)
{
    int fd = open_root(path, error);
    SkBlobDirectory *dir;
    struct stat st;

    if (fd < 0)
        return NULL;
    dir = g_new0(SkBlobDirectory, 1);
    *dir = (SkBlobDirectory){.place = {&engine, NULL, NULL},
                             .path = g_strdup(path),
                             .fd = fd,
                             .clock = sk_clock_real()};
    /* A file without a name gets one through its entry there. */
    dir->unnamed = parts == SK_DIRECTORY_UNNAMED && access("/proc/self/fd", X_OK) == 0;
    if (geteuid() == 0 && fstat(fd, &st) == 0) {
        dir->give = st.st_uid != 0;
        dir->uid = st.st_uid;
        dir->gid = st.st_gid;
    }
    return &dir->place;
}
