/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-tally.h"

void
sk_attach_tally_clear(SkAttachTally *tally)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tally->names); i++)
        g_clear_pointer(&tally->names[i], g_free);
}

static void
keep_name(SkAttachTally *tally, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tally->names); i++) {
        if (tally->names[i] == NULL) {
            tally->names[i] = g_strdup(name != NULL ? name : "?");
            return;
        }
    }
}

void
sk_attach_tally_add(SkAttachTally *tally, const char *name, const char *why)
{
    tally->files++;
    if (why == NULL)
        return;
    if (tally->encrypted++ == 0)
        tally->why = why;
    keep_name(tally, name);
}

void
sk_attach_tally_add_other(SkAttachTally *tally, const char *name, const char *why)
{
    tally->other = name;
    if (tally->why == NULL)
        tally->why = why;
}

static void
state_some(const SkAttachTally *tally, SkAttachScan *scan, SkAttachFile *file, const char *name)
{
    sk_attach_state_encrypted(scan, file, tally->id, SK_ENCRYPTED_SOME, name, tally->why);
}

void
sk_attach_tally_state(const SkAttachTally *tally, SkAttachScan *scan, SkAttachFile *file)
{
    if (tally->encrypted > 0 && tally->encrypted == tally->files) {
        sk_attach_state_encrypted(scan, file, tally->id, SK_ENCRYPTED_ALL, NULL, tally->why);
        return;
    }
    if (tally->encrypted == 0 && tally->other != NULL)
        state_some(tally, scan, file, tally->other);
    for (size_t i = 0; i < G_N_ELEMENTS(tally->names) && tally->names[i] != NULL; i++)
        state_some(tally, scan, file, tally->names[i]);
}
