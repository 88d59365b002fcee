/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-policy.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"

static bool
read_file(const char *path, size_t limit, char **ret_text, gsize *ret_len, GError **error)
{
    g_autoptr(GError) local = NULL;
    struct stat st;

    if (stat(path, &st) < 0)
        return sk_error_set_errno(error, errno, "reading %s", path);
    if (!S_ISREG(st.st_mode) || (size_t)st.st_size > limit) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "%s is not a file of at most %zu bytes",
                    path, limit);
        return false;
    }
    if (!g_file_get_contents(path, ret_text, ret_len, &local)) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "%s", local->message);
        return false;
    }
    return true;
}

/* The words of a list file: one a line, "#" starts a comment. */
static char **
read_list(const char *path, GError **error)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;
    gsize len = 0;

    if (!read_file(path, SK_LIMIT_POLICY_LIST, &text, &len, error))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *comment = strchr(*line, '#');

        if (comment != NULL)
            *comment = '\0';
        g_strstrip(*line);
        if (**line != '\0')
            g_strv_builder_add(words, *line);
    }
    return g_strv_builder_end(words);
}

SkPolicy *
sk_engine_policy_read(const char *path,
                      const char *today,
                      GPtrArray *complaints,
                      GError **error)
{
    /* What this version carries out; each capability adds its own here. */
    const SkPolicyWorld world = {
        .built_edits = SK_EDIT_MARK, .read_list = read_list, .today = today};
    g_autofree char *text = NULL;
    SkPolicy *policy;
    gsize len = 0;

    if (!read_file(path, SK_LIMIT_POLICY, &text, &len, error))
        return NULL;
    policy = sk_policy_new(path, text, len, &world, complaints);
    if (policy == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s has errors", path);
    return policy;
}
