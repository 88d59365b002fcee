/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"

static bool
ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), n = strlen(end);

    return len >= n && g_ascii_strcasecmp(name + len - n, end) == 0;
}

static bool
begins_with(const char *name, const char *begin)
{
    return g_ascii_strncasecmp(name, begin, strlen(begin)) == 0;
}

/* A project keeps its usual name in every package seen; the standard would let the content type
 * name it otherwise, which Office itself never does. */
void
sk_attach_ooxml_entry(SkAttachScan *scan, SkAttachFile *file, const char *name)
{
    while (*name == '/' || *name == '\\')
        name++;
    if (ends_with(name, "vbaProject.bin"))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_MACRO, "Visual Basic project");
    if (begins_with(name, "xl/macrosheets/") && !ends_with(name, ".rels"))
        sk_attach_state(scan, file, SK_FINDING_ATTACH_DANGER_MACRO, "Excel 4 macro sheet");
}
