/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-files.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/autofree.h"
#include "base/error.h"
#include "base/limit.h"

/* Folders in folders; deeper there is a loop or a joke. */
#define FOLDER_DEPTH 64

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_found(GPtrArray *files, const char *path, unsigned depth);

static void
add_folder(GPtrArray *files, const char *path, unsigned depth)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        add_found(files, names->pdata[i], depth);
    /* Reading it like a file says what is wrong with it. */
    if (dir == NULL)
        g_ptr_array_add(files, g_strdup(path));
}

/* What a folder has in it. Links to folders may go round in circles; sockets and the like
 * would be waited for without end. */
static void
add_found(GPtrArray *files, const char *path, unsigned depth)
{
    struct stat own, target;
    bool known = lstat(path, &own) == 0 && stat(path, &target) == 0;

    if (known && S_ISDIR(own.st_mode) && depth < FOLDER_DEPTH)
        add_folder(files, path, depth + 1);
    else if (!known || S_ISREG(target.st_mode) || S_ISDIR(own.st_mode))
        g_ptr_array_add(files, g_strdup(path));
}

static bool
add_argument(GPtrArray *files, const char *path, GError **error)
{
    struct stat info;

    if (strcmp(path, "-") == 0)
        g_ptr_array_add(files, g_strdup(path));
    else if (stat(path, &info) < 0)
        return sk_error_set_errno(error, errno, "%s", path);
    else if (S_ISDIR(info.st_mode))
        add_folder(files, path, 0);
    else
        g_ptr_array_add(files, g_strdup(path));
    return true;
}

GPtrArray *
sk_cli_list_files(char **arguments, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    for (char **argument = arguments; *argument != NULL; argument++) {
        if (!add_argument(files, *argument, error))
            return NULL;
    }
    return g_steal_pointer(&files);
}

static bool
read_all(int fd, const char *path, SkSpool *spool, GError **error)
{
    g_autofree uint8_t *block = g_malloc(64 * SK_KIB);

    for (;;) {
        ssize_t n = read(fd, block, 64 * SK_KIB);

        if (n == 0)
            return sk_spool_seal(spool, error);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return sk_error_set_errno(error, errno, "reading %s", path);
        if (!sk_spool_append(spool, block, (size_t)n, error)) {
            g_prefix_error(error, "%s: ", path);
            return false;
        }
    }
}

SkSpool *
sk_cli_read_file(const char *path, size_t limit, GError **error)
{
    g_autoptr(SkSpool) spool = sk_spool_new(limit);
    bool is_stdin = strcmp(path, "-") == 0;
    sk_autofd int fd = is_stdin ? dup(0) : open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        sk_error_set_errno(error, errno, "opening %s", path);
        return NULL;
    }
    if (!read_all(fd, path, spool, error))
        return NULL;
    return g_steal_pointer(&spool);
}
