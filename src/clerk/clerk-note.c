/* SPDX-License-Identifier: Apache-2.0 */
#include "clerk/clerk-note.h"

#include "base/log.h"

void
sk_clerk_note_init(SkClerkNote *note, const char *what)
{
    *note = (SkClerkNote){.what = what};
    g_mutex_init(&note->lock);
}

void
sk_clerk_note_clear(SkClerkNote *note)
{
    g_mutex_clear(&note->lock);
}

void
sk_clerk_note(SkClerkNote *note, const GError *trouble)
{
    bool changed;

    g_mutex_lock(&note->lock);
    changed = note->away != (trouble != NULL);
    note->away = trouble != NULL;
    g_mutex_unlock(&note->lock);
    if (changed && trouble != NULL)
        sk_log(SK_LOG_CRITICAL, "held mail cannot leave, it waits until it can", "for",
               note->what, "error", trouble->message, NULL);
    else if (changed)
        sk_log(SK_LOG_INFO, "held mail can leave again", "for", note->what, NULL);
}
