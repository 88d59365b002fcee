/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const SkSettingSpec table[] = {
        {"a", "text", SK_SETTING_TEXT, "", 0, 0, ""},
        {"a", "list", SK_SETTING_LIST, "", 0, 0, ""},
        {"b", "size", SK_SETTING_SIZE, "1", 0, 1 << 20, ""},
        {"b", "time", SK_SETTING_TIME, "1s", 0, 60, ""},
        {0},
    };
    static const SkSettingSpec *const tables[] = {table, NULL};
    g_autoptr(SkSettings) settings =
        sk_settings_parse("fuzz", (const char *)data, size, tables, NULL);

    return 0;
}
