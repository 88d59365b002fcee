/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "base/limit.h"
#include "base/text.h"

typedef struct {
    const SkSettingSpec *spec;
    char *text;
    int64_t number;
    char **list;
    unsigned line; /* where it was set; 0: the default */
} Value;

struct SkSettings {
    GHashTable *values; /* "section.key" -> Value */
};

/* Where the reader is, for errors. */
typedef struct {
    SkSettings *settings;
    const char *name;
    unsigned line;
    char *section;
} Reader;

static void
value_free(void *data)
{
    Value *value = data;

    g_free(value->text);
    g_strfreev(value->list);
    g_free(value);
}

static char **
split_words(const char *text)
{
    g_auto(GStrv) pieces = g_strsplit_set(text, ", \t", -1);
    g_autoptr(GStrvBuilder) words = g_strv_builder_new();

    for (char **p = pieces; *p != NULL; p++) {
        if (**p != '\0')
            g_strv_builder_add(words, *p);
    }
    return g_strv_builder_end(words);
}

static bool
read_bool(const char *text, int64_t *ret_number)
{
    *ret_number = strcmp(text, "yes") == 0;
    return *ret_number != 0 || strcmp(text, "no") == 0;
}

static bool
read_size(const char *text, int64_t *ret_number)
{
    uint64_t bytes;

    if (!sk_text_to_size(text, &bytes) || bytes > INT64_MAX)
        return false;
    *ret_number = (int64_t)bytes;
    return true;
}

/* What was expected, if TEXT is not it; NULL if it is. */
static const char *
value_set(Value *value, const char *text)
{
    const SkSettingSpec *spec = value->spec;
    const char *want = NULL;

    switch (spec->type) {
    case SK_SETTING_TEXT:
        break;
    case SK_SETTING_LIST:
        g_strfreev(value->list);
        value->list = split_words(text);
        break;
    case SK_SETTING_BOOL:
        want = read_bool(text, &value->number) ? NULL : "yes or no";
        break;
    case SK_SETTING_INT:
        want = sk_text_to_int(text, 0, INT64_MAX, &value->number) ? NULL : "a number";
        break;
    case SK_SETTING_SIZE:
        want = read_size(text, &value->number) ? NULL : "a size like 10M";
        break;
    case SK_SETTING_TIME:
        want = sk_text_to_seconds(text, &value->number) ? NULL : "a time like 5m";
        break;
    }
    if (want == NULL && spec->max > 0 &&
        (value->number < spec->min || value->number > spec->max))
        want = "a value in range";
    if (want == NULL) {
        g_free(value->text);
        value->text = g_strdup(text);
    }
    return want;
}

static bool fail(const Reader *r, gsize column, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static bool
fail(const Reader *r, gsize column, GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s:%u:%zu: %s", r->name, r->line, column + 1,
                what);
    return false;
}

static bool
read_section(Reader *r, const char *line, GError **error)
{
    const char *end = strchr(line, ']');
    g_autofree char *prefix = NULL;
    GHashTableIter iter;
    void *key;

    if (end == NULL || end[1] != '\0')
        return fail(r, strlen(line), error, "a section is written [name]");
    g_free(r->section);
    r->section = g_strndup(line + 1, (gsize)(end - line - 1));
    prefix = g_strdup_printf("%s.", r->section);
    g_hash_table_iter_init(&iter, r->settings->values);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        if (g_str_has_prefix(key, prefix))
            return true;
    }
    return fail(r, 1, error, "unknown section \"%s\"", r->section);
}

static bool
read_assignment(Reader *r, char *line, GError **error)
{
    char *equals = strchr(line, '=');
    const char *want, *text;
    g_autofree char *name = NULL;
    gsize column;
    Value *value;

    if (equals == NULL)
        return fail(r, 0, error, "expected \"key = value\" or \"[section]\"");
    if (r->section == NULL)
        return fail(r, 0, error, "a key before the first [section]");
    for (text = equals + 1; *text == ' ' || *text == '\t'; text++)
        ;
    column = (gsize)(text - line);
    *equals = '\0';
    g_strchomp(line);
    name = g_strdup_printf("%s.%s", r->section, line);
    value = g_hash_table_lookup(r->settings->values, name);
    if (value == NULL)
        return fail(r, 0, error, "unknown key \"%s\" in section [%s]", line, r->section);
    if (value->line > 0)
        return fail(r, 0, error, "\"%s\" was already set in line %u", line, value->line);
    want = value_set(value, text);
    if (want != NULL && value->spec->max > 0)
        return fail(r, column, error, "%s must be %s (%" PRId64 " to %" PRId64 "), not \"%s\"",
                    line, want, value->spec->min, value->spec->max, text);
    if (want != NULL)
        return fail(r, column, error, "%s must be %s, not \"%s\"", line, want, text);
    value->line = r->line;
    return true;
}

static bool
read_line(Reader *r, char *line, GError **error)
{
    g_strchomp(line);
    if (*line == '\0' || *line == '#')
        return true;
    if (!g_utf8_validate(line, -1, NULL))
        return fail(r, 0, error, "not UTF-8");
    if (*line == '[')
        return read_section(r, line, error);
    return read_assignment(r, line, error);
}

static SkSettings *
new_with_defaults(const SkSettingSpec *const *tables)
{
    SkSettings *settings = g_new0(SkSettings, 1);

    settings->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, value_free);
    for (; *tables != NULL; tables++) {
        for (const SkSettingSpec *spec = *tables; spec->key != NULL; spec++) {
            Value *value = g_new0(Value, 1);

            value->spec = spec;
            g_assert(value_set(value, spec->fallback) == NULL);
            g_hash_table_insert(settings->values,
                                g_strdup_printf("%s.%s", spec->section, spec->key), value);
        }
    }
    return settings;
}

SkSettings *
sk_settings_parse(const char *name,
                  const char *text,
                  gsize len,
                  const SkSettingSpec *const *tables,
                  GError **error)
{
    g_autoptr(SkSettings) settings = new_with_defaults(tables);
    g_autofree char *copy = g_strndup(text, len);
    g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
    Reader r = {settings, name, 0, NULL};
    bool ok = true;

    if (memchr(text, '\0', len) != NULL) {
        g_set_error(error, SK_ERROR, SK_ERROR_CONFIG, "%s:1:1: the file has a NUL byte", name);
        return NULL;
    }
    for (char **line = lines; ok && *line != NULL; line++) {
        r.line++;
        ok = read_line(&r, *line, error);
    }
    g_free(r.section);
    return ok ? g_steal_pointer(&settings) : NULL;
}

SkSettings *
sk_settings_read(const char *path, const SkSettingSpec *const *tables, GError **error)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) local = NULL;
    gsize len = 0;

    if (path == NULL)
        return sk_settings_parse("defaults", "", 0, tables, error);
    if (!g_file_get_contents(path, &text, &len, &local)) {
        g_set_error(error, SK_ERROR, SK_ERROR_NOT_FOUND, "%s", local->message);
        return NULL;
    }
    if (len > SK_LIMIT_CONFIG) {
        g_set_error(error, SK_ERROR, SK_ERROR_LIMIT, "%s is larger than 1 MiB", path);
        return NULL;
    }
    return sk_settings_parse(path, text, len, tables, error);
}

void
sk_settings_free(SkSettings *settings)
{
    if (settings == NULL)
        return;
    g_hash_table_unref(settings->values);
    g_free(settings);
}

static const Value *
find(const SkSettings *settings, const char *section, const char *key)
{
    g_autofree char *name = g_strdup_printf("%s.%s", section, key);
    const Value *value = g_hash_table_lookup(settings->values, name);

    g_assert(value != NULL);
    return value;
}

const char *
sk_settings_peek_text(const SkSettings *settings, const char *section, const char *key)
{
    return find(settings, section, key)->text;
}

int64_t
sk_settings_get_int(const SkSettings *settings, const char *section, const char *key)
{
    const Value *value = find(settings, section, key);

    g_assert(value->spec->type != SK_SETTING_TEXT && value->spec->type != SK_SETTING_LIST);
    return value->number;
}

bool
sk_settings_get_bool(const SkSettings *settings, const char *section, const char *key)
{
    const Value *value = find(settings, section, key);

    g_assert(value->spec->type == SK_SETTING_BOOL);
    return value->number != 0;
}

const char *const *
sk_settings_peek_list(const SkSettings *settings, const char *section, const char *key)
{
    const Value *value = find(settings, section, key);

    g_assert(value->spec->type == SK_SETTING_LIST);
    return (const char *const *)value->list;
}
