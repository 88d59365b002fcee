/* SPDX-License-Identifier: Apache-2.0 */
#include "hold/hold-groups.h"

#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"

#define DEPUTY "deputy"

struct SkHoldGroups {
    gatomicrefcount refs;
    GPtrArray *groups; /* of SkHoldGroup */
    GPtrArray *names;  /* of theirs, borrowed, NULL at the end */
};

typedef struct {
    const char *name;
    unsigned line;
    SkHoldGroups *groups;
} Reader;

static bool
fail(const Reader *reader, GError **error, const char *what, const char *text)
{
    g_autofree char *quoted = text != NULL ? sk_text_quote(text) : g_strdup("");

    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s:%u: %s%s%s", reader->name, reader->line,
                quoted, text != NULL ? " " : "", what);
    return false;
}

static void
free_group(void *data)
{
    SkHoldGroup *group = data;

    g_free(group->name);
    g_strfreev(group->members);
    g_strfreev(group->deputies);
    g_free(group);
}

static bool
is_name(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len > SK_HOLD_GROUP_NAME)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isalnum(text[i]) && strchr("-_.", text[i]) == NULL)
            return false;
    }
    return true;
}

/* As far as it keeps a typing error from being nobody: one "@", something on both sides. */
static bool
is_address(const char *text)
{
    const char *at = strchr(text, '@');

    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        strlen(text) > SK_LIMIT_ADDRESS)
        return false;
    for (; *text != '\0'; text++) {
        if (g_ascii_isspace(*text) || g_ascii_iscntrl(*text) || strchr("<>\"();:", *text))
            return false;
    }
    return true;
}

static bool
list_has(char *const *list, const char *address)
{
    for (; *list != NULL; list++) {
        if (g_ascii_strcasecmp(*list, address) == 0)
            return true;
    }
    return false;
}

/* "address, address". */
static bool
parse_people(const Reader *reader, const char *text, char ***ret_people, GError **error)
{
    g_auto(GStrv) people = g_strsplit(text, ",", SK_HOLD_GROUP_PEOPLE + 1);
    guint n = g_strv_length(people);

    if (n > SK_HOLD_GROUP_PEOPLE)
        return fail(reader, error, "a group has more than 1000 people", NULL);
    for (guint i = 0; i < n; i++) {
        g_strstrip(people[i]);
        if (!is_address(people[i]))
            return fail(reader, error, "is no address; write them with commas between",
                        people[i]);
    }
    *ret_people = g_steal_pointer(&people);
    return true;
}

/* What follows the name: "address, address; deputy address". */
static bool
parse_sides(const Reader *reader, const char *text, SkHoldGroup *group, GError **error)
{
    g_auto(GStrv) sides = g_strsplit(text, ";", 3);
    char *deputies = sides[0] != NULL ? sides[1] : NULL;

    if (sides[0] == NULL || *g_strstrip(sides[0]) == '\0')
        return fail(reader, error, "this group has no members", NULL);
    if (!parse_people(reader, sides[0], &group->members, error))
        return false;
    if (deputies == NULL) {
        group->deputies = g_new0(char *, 1);
        return true;
    }
    g_strstrip(deputies);
    if (!g_str_has_prefix(deputies, DEPUTY) || !g_ascii_isspace(deputies[strlen(DEPUTY)]) ||
        sides[2] != NULL)
        return fail(reader, error, "after a \";\" come the word deputy and addresses, once",
                    NULL);
    return parse_people(reader, deputies + strlen(DEPUTY), &group->deputies, error);
}

static bool
parse_group(Reader *reader, char *line, GError **error)
{
    char *colon = strchr(line, ':');
    SkHoldGroup *group;

    if (colon == NULL)
        return fail(reader, error, "a line is a name, a colon and addresses", NULL);
    *colon = '\0';
    g_strchomp(line);
    if (!is_name(line))
        return fail(reader, error,
                    "is no name of a group: letters of ASCII, digits, \"-\", \"_\" and \".\"",
                    line);
    if (sk_hold_groups_find(reader->groups, line) != NULL)
        return fail(reader, error, "was named before", line);
    if (reader->groups->groups->len == SK_HOLD_GROUPS)
        return fail(reader, error, "there are more than 1000 groups", NULL);
    group = g_new0(SkHoldGroup, 1);
    group->name = g_strdup(line);
    g_ptr_array_add(reader->groups->groups, group);
    return parse_sides(reader, colon + 1, group, error);
}

static bool
parse_line(Reader *reader, char *line, GError **error)
{
    g_strstrip(line);
    if (line[0] == '\0' || line[0] == '#')
        return true;
    if (!g_utf8_validate(line, -1, NULL))
        return fail(reader, error, "is no UTF-8", line);
    return parse_group(reader, line, error);
}

static void
collect_names(SkHoldGroups *groups)
{
    for (guint i = 0; i < groups->groups->len; i++)
        g_ptr_array_add(groups->names,
                        ((SkHoldGroup *)g_ptr_array_index(groups->groups, i))->name);
    g_ptr_array_add(groups->names, NULL);
}

SkHoldGroups *
sk_hold_groups_parse(const char *name, SkBytes text, GError **error)
{
    g_autoptr(SkHoldGroups) groups = g_new0(SkHoldGroups, 1);
    Reader reader = {name, 0, groups};
    g_autofree char *copy = NULL;
    g_auto(GStrv) lines = NULL;

    g_atomic_ref_count_init(&groups->refs);
    groups->groups = g_ptr_array_new_with_free_func(free_group);
    groups->names = g_ptr_array_new();
    if (text.len > SK_LIMIT_CONFIG ||
        (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s: this is no file of groups", name);
        return NULL;
    }
    copy = g_strndup(text.data != NULL ? (const char *)text.data : "", text.len);
    lines = g_strsplit(copy, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        reader.line++;
        if (!parse_line(&reader, *line, error))
            return NULL;
    }
    collect_names(groups);
    return g_steal_pointer(&groups);
}

SkHoldGroups *
sk_hold_groups_ref(SkHoldGroups *groups)
{
    g_atomic_ref_count_inc(&groups->refs);
    return groups;
}

void
sk_hold_groups_free(SkHoldGroups *groups)
{
    if (groups == NULL || !g_atomic_ref_count_dec(&groups->refs))
        return;
    g_ptr_array_unref(groups->groups);
    g_ptr_array_unref(groups->names);
    g_free(groups);
}

const char *const *
sk_hold_groups_names(const SkHoldGroups *groups)
{
    return (const char *const *)groups->names->pdata;
}

const SkHoldGroup *
sk_hold_groups_find(const SkHoldGroups *groups, const char *name)
{
    for (guint i = 0; i < groups->groups->len; i++) {
        const SkHoldGroup *group = g_ptr_array_index(groups->groups, i);

        if (strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

bool
sk_hold_group_is_member(const SkHoldGroup *group, const char *address)
{
    return list_has(group->members, address);
}

bool
sk_hold_group_is_deputy(const SkHoldGroup *group, const char *address)
{
    return list_has(group->deputies, address);
}
