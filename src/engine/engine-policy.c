/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-policy.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"

/* Where the lists of a policy come from: a folder, or a stored version. */
typedef struct {
    const char *file; /* NULL: stored */
    SkPolicySource *collected;
    const SkPolicySource *stored;
} Lists;

static GBytes *
read_file(const char *path, size_t limit, GError **error)
{
    g_autoptr(GError) local = NULL;
    char *text = NULL;
    struct stat st;
    gsize len = 0;

    if (stat(path, &st) < 0) {
        sk_error_set_errno(error, errno, "reading %s", path);
        return NULL;
    }
    if (!S_ISREG(st.st_mode) || (size_t)st.st_size > limit) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "%s is not a file of at most %zu bytes",
                    path, limit);
        return NULL;
    }
    if (!g_file_get_contents(path, &text, &len, &local)) {
        g_set_error(error, SK_ERROR, SK_ERROR_IO, "%s", local->message);
        return NULL;
    }
    return g_bytes_new_take(text, len);
}

char *
sk_engine_policy_name(int64_t version)
{
    return g_strdup_printf("policy version %" PRId64, version);
}

char *
sk_engine_policy_list_path(const char *path, const char *name)
{
    g_autofree char *folder = NULL;

    if (g_path_is_absolute(name))
        return g_strdup(name);
    folder = g_path_get_dirname(path);
    return g_build_filename(folder, name, NULL);
}

/* The words of a list: one a line, "#" starts a comment. */
static char **
split_list(GBytes *content)
{
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();
    gsize len = 0;
    const char *data = g_bytes_get_data(content, &len);
    g_autofree char *text = g_strndup(data != NULL ? data : "", len);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

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

/* A list that several rules name is read once: all of them see the same. */
static GBytes *
collect(Lists *lists, const char *name, GError **error)
{
    const SkPolicyList *known = sk_policy_source_find(lists->collected, name);
    g_autofree char *path = sk_engine_policy_list_path(lists->file, name);

    if (known != NULL && known->content != NULL)
        return known->content;
    sk_policy_source_add(lists->collected, name, read_file(path, SK_LIMIT_POLICY_LIST, error));
    return sk_policy_source_find(lists->collected, name)->content;
}

static char **
read_list(const char *name, void *data, GError **error)
{
    Lists *lists = data;
    const SkPolicyList *list;
    GBytes *content;

    if (lists->file != NULL) {
        content = collect(lists, name, error);
        return content != NULL ? split_list(content) : NULL;
    }
    list = sk_policy_source_find(lists->stored, name);
    if (list != NULL)
        return split_list(list->content);
    g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "it was not stored with this version");
    return NULL;
}

static SkPolicy *
parse(const char *name,
      GBytes *text,
      Lists *lists,
      const SkPolicyReading *reading,
      GError **error)
{
    /* What this version carries out; each capability adds its own here. */
    const SkPolicyWorld world = {.built_edits = SK_EDIT_MARK | SK_EDIT_STRIP,
                                 .built_waits = SK_WAIT_TIME | SK_WAIT_CONFIRM |
                                                SK_WAIT_APPROVAL | SK_WAIT_REVIEW |
                                                SK_WAIT_PASSWORD,
                                 .built_notify = true,
                                 .disabled_checks = reading->disabled_checks,
                                 .read_list = read_list,
                                 .list_data = lists,
                                 .stored = lists->file == NULL,
                                 .trying = reading->trying,
                                 .today = reading->today};
    gsize len = 0;
    const char *data = g_bytes_get_data(text, &len);
    SkPolicy *policy =
        sk_policy_new(name, data != NULL ? data : "", len, &world, reading->complaints);

    if (policy == NULL)
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s has errors", name);
    return policy;
}

SkPolicy *
sk_engine_policy_read(const char *path,
                      const SkPolicyReading *reading,
                      SkPolicySource **ret_source,
                      GError **error)
{
    GBytes *text = read_file(path, SK_LIMIT_POLICY, error);
    g_autoptr(SkPolicySource) source = NULL;
    SkPolicy *policy;
    Lists lists;

    if (text == NULL)
        return NULL;
    source = sk_policy_source_new(text);
    lists = (Lists){.file = path, .collected = source};
    policy = parse(path, text, &lists, reading, error);
    if (ret_source != NULL)
        *ret_source = g_steal_pointer(&source);
    return policy;
}

SkPolicy *
sk_engine_policy_parse(const char *name,
                       const SkPolicySource *source,
                       const SkPolicyReading *reading,
                       GError **error)
{
    Lists lists = {.stored = source};

    return parse(name, source->text, &lists, reading, error);
}
