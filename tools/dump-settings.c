/* SPDX-License-Identifier: Apache-2.0 */

/* Prints every setting of the tables, a line each with tabs between: section, key, type,
 * default, least and greatest value. For check-settings. */

#include <inttypes.h>
#include <stdio.h>

#include "engine/engine-settings.h"

static const char *
name_of(SkSettingType type)
{
    static const char *const names[] = {
        [SK_SETTING_TEXT] = "text", [SK_SETTING_INT] = "number", [SK_SETTING_BOOL] = "yes/no",
        [SK_SETTING_SIZE] = "size", [SK_SETTING_TIME] = "time",  [SK_SETTING_LIST] = "list",
    };

    g_assert(type < G_N_ELEMENTS(names));
    return names[type];
}

int
main(void)
{
    for (const SkSettingSpec *const *table = sk_engine_setting_tables; *table != NULL;
         table++) {
        for (const SkSettingSpec *spec = *table; spec->key != NULL; spec++)
            printf("%s\t%s\t%s\t%s\t%" PRId64 "\t%" PRId64 "\n", spec->section, spec->key,
                   name_of(spec->type), spec->fallback, spec->min, spec->max);
    }
    return 0;
}
