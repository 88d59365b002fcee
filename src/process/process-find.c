/* SPDX-License-Identifier: Apache-2.0 */
#include "process/process-find.h"

#include <unistd.h>

#include "base/error.h"

static char *
find_overruled(const char *path, GError **error)
{
    if (access(path, X_OK) == 0)
        return g_strdup(path);
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND,
                "$SEKISHO_INSPECTOR names %s, which is no program", path);
    return NULL;
}

char *
sk_process_find(const char *name, GError **error)
{
    const char *overruled =
        g_str_equal(name, "sekisho-inspector") ? g_getenv("SEKISHO_INSPECTOR") : NULL;
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *folder = g_path_get_dirname(self != NULL ? self : "/");
    g_autofree char *beside = g_build_filename(folder, name, NULL);
    g_autofree char *installed = g_build_filename(SK_LIBEXECDIR, name, NULL);

    if (overruled != NULL)
        return find_overruled(overruled, error);
    if (access(beside, X_OK) == 0)
        return g_steal_pointer(&beside);
    if (access(installed, X_OK) == 0)
        return g_steal_pointer(&installed);
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "there is no %s in %s or in %s", name,
                folder, SK_LIBEXECDIR);
    return NULL;
}
