/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli-files.h"

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

static bool add_path(GPtrArray *files, const char *path, unsigned depth, GError **error);

static bool
add_folder(GPtrArray *files, const char *path, unsigned depth, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = NULL;
    const char *name;

    errno = 0;
    dir = g_dir_open(path, 0, NULL);
    if (dir == NULL)
        return sk_error_set_errno(error, errno, "reading the folder %s", path);
    while ((name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++) {
        bool loop = g_file_test(names->pdata[i], G_FILE_TEST_IS_SYMLINK) &&
                    g_file_test(names->pdata[i], G_FILE_TEST_IS_DIR);

        if (!loop && !add_path(files, names->pdata[i], depth + 1, error))
            return false;
    }
    return true;
}

static bool
add_path(GPtrArray *files, const char *path, unsigned depth, GError **error)
{
    if (depth > FOLDER_DEPTH) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "%s is deeper than %d folders", path,
                    FOLDER_DEPTH);
        return false;
    }
    if (g_file_test(path, G_FILE_TEST_IS_DIR))
        return add_folder(files, path, depth, error);
    if (strcmp(path, "-") != 0 && !g_file_test(path, G_FILE_TEST_EXISTS))
        return sk_error_set_errno(error, ENOENT, "%s", path);
    g_ptr_array_add(files, g_strdup(path));
    return true;
}

GPtrArray *
sk_cli_list_files(char **arguments, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    for (char **argument = arguments; *argument != NULL; argument++) {
        if (!add_path(files, *argument, 0, error))
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
sk_cli_read_file(const char *path, GError **error)
{
    g_autoptr(SkSpool) spool = sk_spool_new(SK_LIMIT_MESSAGE);
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
