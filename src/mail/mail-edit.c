/* SPDX-License-Identifier: Apache-2.0 */
#include "mail/mail-edit.h"

SkHeaderEdit *
sk_header_edit_new(SkHeaderEditKind kind, unsigned index, const char *name, const char *value)
{
    SkHeaderEdit *edit = g_new0(SkHeaderEdit, 1);

    *edit = (SkHeaderEdit){kind, index, g_strdup(name), g_strdup(value)};
    return edit;
}

void
sk_header_edit_free(SkHeaderEdit *edit)
{
    if (edit == NULL)
        return;
    g_free(edit->name);
    g_free(edit->value);
    g_free(edit);
}

GPtrArray *
sk_header_edits_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)sk_header_edit_free);
}
