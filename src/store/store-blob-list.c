/* SPDX-License-Identifier: Apache-2.0 */

/* Listing a directory of blobs: folder by folder in the order of their names, each one sorted.
 */

#include <sys/file.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"
#include "store/store-blob-files.h"

typedef struct {
    SkBlobDirectory *dir;
    const char *after;
    int64_t before_us;
    SkBlobFunc func;
    void *data;
    bool enough;
} Listing;

static int64_t
made_us_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

static void
tell_foreign(const Listing *l, const char *folder, const char *name)
{
    SkBlobPlace *place = &l->dir->place;
    g_autofree char *path = *folder != '\0' ? g_build_filename(folder, name, NULL) : NULL;

    if (place->foreign != NULL)
        place->foreign(path != NULL ? path : name, place->foreign_data);
}

/* Whoever writes it holds a lock on it until it has its name. */
static bool
is_abandoned(const Listing *l, int fd)
{
    int64_t old = sk_clock_now_us(l->dir->clock) - SK_LIMIT_BLOB_ORPHAN_S * INT64_C(1000000);
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && made_us_of(&st) < old &&
           flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Best effort: who may only look at blobs removes nothing. */
static void
sweep_part(const Listing *l, int folder, const char *name)
{
    sk_autofd int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && is_abandoned(l, fd))
        (void)unlinkat(folder, name, 0);
}

static bool
is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool
is_letter(const char *name, const char *letters)
{
    return name[0] != '\0' && name[1] == '\0' && strchr(letters, name[0]) != NULL;
}

/* A second description of the same folder, since a stream of names owns its own. */
static DIR *
open_names(int fd)
{
    sk_autofd int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again >= 0 ? fdopendir(again) : NULL;

    if (names != NULL)
        sk_fd_steal(&again);
    return names;
}

/* Every name in FD but the dots; NULL and errno if it cannot be read. */
static GPtrArray *
read_names(int fd)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
    DIR *names = open_names(fd);
    struct dirent *entry;
    int trouble;

    if (names == NULL)
        return NULL;
    for (errno = 0; (entry = readdir(names)) != NULL; errno = 0) {
        if (!is_dots(entry->d_name))
            g_ptr_array_add(all, g_strdup(entry->d_name));
    }
    trouble = errno;
    closedir(names);
    errno = trouble;
    return trouble == 0 ? g_steal_pointer(&all) : NULL;
}

/* Whether what is called NAME in FOLDER is a blob that belongs there. */
static bool
is_blob(int fd, const char *folder, const char *name, struct stat *ret_stat)
{
    return sk_blob_is_id(name) && name[0] == folder[0] && name[1] == folder[2] &&
           sk_blob_directory_stat(fd, name, ret_stat);
}

/* NEW: this folder is met for the first time in all pages of a listing. */
static void
list_name(Listing *l, int fd, const char *folder, const char *name, bool new)
{
    struct stat st;

    if (strcmp(name, l->after) <= 0 && sk_blob_is_id(name))
        return;
    if (sk_blob_is_part(name)) {
        sweep_part(l, fd, name);
        return;
    }
    errno = 0;
    if (is_blob(fd, folder, name, &st)) {
        if (!l->enough && made_us_of(&st) < l->before_us)
            l->enough = !l->func(name, (uint64_t)st.st_size, made_us_of(&st), l->data);
    } else if (new &&errno != ENOENT) /* that one was removed meanwhile */
        tell_foreign(l, folder, name);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
list_folder(Listing *l, int fd, const char *folder, GError **error)
{
    g_autoptr(GPtrArray) names = read_names(fd);
    bool new = l->after[0] != folder[0] || l->after[1] != folder[2];

    if (names == NULL)
        return sk_blob_directory_fail(l->dir, NULL, "list the blobs", error);
    g_ptr_array_sort(names, compare_names);
    /* To the end, however soon it is enough: the next page does not tell what is foreign here.
     */
    for (guint i = 0; i < names->len && (new || !l->enough); i++)
        list_name(l, fd, folder, names->pdata[i], new);
    return true;
}

/* Names in FD beside the folders that belong there. */
static bool
look_beside(Listing *l, int fd, const char *folder, const char *letters, GError **error)
{
    g_autoptr(GPtrArray) names = read_names(fd);

    if (names == NULL)
        return sk_blob_directory_fail(l->dir, NULL, "list the folders of blobs", error);
    for (guint i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        bool ours = *folder == '\0' && strcmp(name, "lost+found") == 0;

        if (!ours && !is_letter(name, letters))
            tell_foreign(l, folder, name);
    }
    return true;
}

/* The folder NAME below FD, if there is one: 0 if not, and something else of that name is told.
 */
static bool
enter(Listing *l, int fd, const char *path, const char *name, int *ret_fd, GError **error)
{
    int below = sk_blob_directory_open_below(fd, name);

    if (below < 0 && (errno == ELOOP || errno == ENOTDIR))
        tell_foreign(l, path, name);
    else if (below < 0 && errno != ENOENT)
        return sk_blob_directory_fail(l->dir, NULL, "list the folders of blobs", error);
    *ret_fd = below;
    return true;
}

static bool
list_inner(Listing *l, int outer, char first, char second, GError **error)
{
    const char folder[] = {first, '/', second, '\0'}, path[] = {first, '\0'};
    sk_autofd int inner = -1;

    if (l->after[0] == first && l->after[1] > second)
        return true;
    if (!enter(l, outer, path, folder + 2, &inner, error))
        return false;
    return inner < 0 || list_folder(l, inner, folder, error);
}

static bool
list_outer(Listing *l, char first, GError **error)
{
    const char name[] = {first, '\0'};
    sk_autofd int outer = -1;
    bool ok = true;

    if (l->after[0] > first)
        return true;
    if (!enter(l, l->dir->fd, "", name, &outer, error))
        return false;
    if (outer < 0)
        return true;
    if (l->after[0] != first)
        ok = look_beside(l, outer, name, sk_blob_second_letters, error);
    for (const char *s = sk_blob_second_letters; ok && *s != '\0' && !l->enough; s++)
        ok = list_inner(l, outer, first, *s, error);
    return ok;
}

bool
sk_blob_directory_list(SkBlobPlace *place,
                       const char *after,
                       int64_t before_us,
                       SkBlobFunc func,
                       void *data,
                       GError **error)
{
    SkBlobDirectory *dir = (SkBlobDirectory *)place;
    Listing l = {dir, after, before_us, func, data, false};
    bool ok = true;

    if (*after == '\0')
        ok = look_beside(&l, dir->fd, "", sk_blob_first_letters, error);
    for (const char *f = sk_blob_first_letters; ok && *f != '\0' && !l.enough; f++)
        ok = list_outer(&l, *f, error);
    return ok;
}
