/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * settings - the configuration file, read by typed tables
 *
 * The file has sections "[name]", lines "key = value", comments from "#" at the start of a
 * line. Every key there is stands in a table of the module that reads it, with type, default,
 * range and help; nothing else knows a key's name. Unknown sections and keys, repeated keys and
 * values out of range are errors.
 *
 * Limits: SK_LIMIT_CONFIG bytes.
 * Errors: CONFIG with "file:line:column: what is wrong"; NOT_FOUND, DENIED, IO for the file.
 * Security: secrets are never values, only paths of files.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
    SK_SETTING_TEXT,
    SK_SETTING_INT,
    SK_SETTING_BOOL, /* yes, no */
    SK_SETTING_SIZE, /* bytes: 10M */
    SK_SETTING_TIME, /* seconds: 5m */
    SK_SETTING_LIST, /* words with commas or blanks between */
} SkSettingType;

typedef struct {
    const char *section;
    const char *key;
    SkSettingType type;
    const char *fallback; /* the default, as it would be written */
    int64_t min, max;     /* of INT, SIZE and TIME */
    const char *help;     /* one sentence, for the manual page */
} SkSettingSpec;

typedef struct SkSettings SkSettings;

/* Reads PATH; TABLES are arrays of specs, each ended by a spec without a key, themselves ended
 * by NULL. PATH NULL: only defaults. */
SkSettings *sk_settings_read(const char *path,
                             const SkSettingSpec *const *tables,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same of text in memory; NAME stands for the file in errors. */
SkSettings *sk_settings_parse(const char *name,
                              const char *text,
                              gsize len,
                              const SkSettingSpec *const *tables,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void sk_settings_free(SkSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSettings, sk_settings_free)

/* Asking for a key that is in no table, or for another type than its own, aborts. */
const char *sk_settings_peek_text(const SkSettings *settings,
                                  const char *section,
                                  const char *key);
int64_t sk_settings_get_int(const SkSettings *settings, const char *section, const char *key);
bool sk_settings_get_bool(const SkSettings *settings, const char *section, const char *key);
/* NULL-terminated, borrowed. */
const char *const *sk_settings_peek_list(const SkSettings *settings,
                                         const char *section,
                                         const char *key);
