/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-zip-walk.h"
#include "base/limit.h"

/* Directories nearer to the end than this are what most programs find. */
#define NEAR (66u * 1024)

/* The entry in which minizip hides the names: the directory proper, encrypted. */
#define HIDDEN_DIRECTORY "__cdcd__"

void
sk_zip_say_odd(SkZip *zip, SkBytes name, const char *what)
{
    if (zip->odd != NULL)
        return;
    zip->odd = what;
    zip->odd_name = name;
}

void
sk_zip_say_broken(SkZip *zip, SkBytes name, const char *what)
{
    if (zip->broken != NULL)
        return;
    zip->broken = what;
    zip->broken_name = name;
}

bool
sk_zip_add(SkZip *zip, const SkZipEntry *entry)
{
    if (!sk_budget_take_entry(zip->budget))
        return false;
    if (entry->lock == SK_ZIP_MASKED ||
        (entry->lock != SK_ZIP_CLEAR && sk_bytes_equal_nocase(entry->name, HIDDEN_DIRECTORY)))
        zip->masked = true;
    if (sk_buffer_append(&zip->entries, entry, sizeof *entry))
        return true;
    sk_zip_say_broken(zip, entry->name, "it has more entries than fit into memory");
    return false;
}

void
sk_zip_read(SkZip *zip, SkBytes bytes, SkBudget *budget)
{
    *zip = (SkZip){.bytes = bytes, .budget = budget};
    sk_buffer_init(&zip->entries, budget->left.entries * sizeof(SkZipEntry));
    /* Each directory covers two spans more. */
    sk_buffer_init(&zip->spans, ((size_t)budget->left.entries + 2 * SK_ZIP_DIRECTORIES + 2) *
                                    sizeof(SkZipSpan));
    if (!sk_zip_walk_last(zip, NEAR) && !sk_zip_walk_last(zip, bytes.len))
        sk_zip_say_broken(zip, sk_bytes("", 0), "it has no directory");
    sk_zip_settle(zip);
    sk_zip_walk_gaps(zip);
    zip->split |= sk_bytes_is(bytes, 0, "PK\7\10PK\3\4");
}

void
sk_zip_clear(SkZip *zip)
{
    sk_buffer_clear(&zip->entries);
    sk_buffer_clear(&zip->spans);
}

size_t
sk_zip_count(const SkZip *zip)
{
    return zip->entries.len / sizeof(SkZipEntry);
}

const SkZipEntry *
sk_zip_peek(const SkZip *zip, size_t i)
{
    const SkZipEntry *entries = (const SkZipEntry *)(const void *)zip->entries.data;

    g_assert(i < sk_zip_count(zip));
    return &entries[i];
}
