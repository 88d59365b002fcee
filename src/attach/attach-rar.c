/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-rar.h"

#include <zlib.h>

static void
free_entry(void *entry)
{
    g_free(((SkAttachRarEntry *)entry)->name);
}

void
sk_attach_rar_init(SkAttachRar *rar)
{
    *rar = (SkAttachRar){.tally = {.id = SK_FINDING_ATTACH_ENCRYPTED_RAR}};
    rar->entries = g_array_new(FALSE, FALSE, sizeof(SkAttachRarEntry));
    g_array_set_clear_func(rar->entries, free_entry);
}

void
sk_attach_rar_clear(SkAttachRar *rar)
{
    sk_attach_tally_clear(&rar->tally);
    g_clear_pointer(&rar->entries, g_array_unref);
}

bool
sk_attach_rar_add(SkAttachRar *rar, SkAttachScan *scan, SkAttachRarEntry entry)
{
    if (entry.is_part && !rar->is_volume) {
        rar->is_volume = true;
        rar->volume = "a file in it goes on in another volume";
    }
    if (!entry.is_folder)
        sk_attach_tally_add(&rar->tally, entry.name, entry.lock);
    if (!sk_budget_take_entry(sk_attach_budget(scan))) {
        g_free(entry.name);
        return false;
    }
    rar->is_unknown |= entry.is_unknown && entry.lock == NULL;
    if (entry.is_hidden)
        free_entry(&entry);
    else
        g_array_append_val(rar->entries, entry);
    return true;
}

static bool
is_readable(const SkAttachRarEntry *entry)
{
    return !entry->is_folder && !entry->is_part && entry->lock == NULL;
}

static bool
is_packed(const SkAttachRarEntry *entry)
{
    return is_readable(entry) && !entry->is_stored && !entry->is_unknown;
}

static const SkAttachRarEntry *
entry_at(const SkAttachRar *rar, uint32_t i)
{
    return &g_array_index(rar->entries, SkAttachRarEntry, i);
}

/* DATA points to the SkAttachRar. Entries that are hidden were left out of the list. */
static SkAttachPick
pick(uint32_t index, void *data, const char **ret_name)
{
    const SkAttachRar *rar = data;

    if (index >= rar->entries->len)
        return SK_ATTACH_PICK_STOP;
    *ret_name = entry_at(rar, index)->name;
    return is_packed(entry_at(rar, index)) ? SK_ATTACH_PICK_READ : SK_ATTACH_PICK_SKIP;
}

static bool
has_packed(const SkAttachRar *rar)
{
    for (uint32_t i = 0; i < rar->entries->len; i++) {
        if (is_packed(entry_at(rar, i)))
            return true;
    }
    return false;
}

static void
open_stored(SkAttachRar *rar, SkAttachScan *scan, SkAttachFile *file)
{
    for (uint32_t i = 0; i < rar->entries->len && !sk_attach_is_over(scan, file); i++) {
        const SkAttachRarEntry *entry = entry_at(rar, i);

        if (!is_readable(entry) || !entry->is_stored)
            continue;
        if (entry->data.len != entry->size)
            sk_attach_broken(scan, file, "%s: it has not the size it says", entry->name);
        else if (entry->has_crc && crc32_z(0, entry->data.data, entry->data.len) != entry->crc)
            sk_attach_broken(scan, file, "%s: wrong checksum", entry->name);
        sk_attach_member(scan, file, entry->name, entry->data);
    }
}

static void
open_packed(SkAttachRar *rar,
            SkAttachScan *scan,
            SkAttachFile *file,
            int (*enable)(struct archive *))
{
    SkAttachWalk walk = {.format = enable, .pick = pick, .data = rar, .persistent = true};
    bool is_broken = false;
    uint32_t n = sk_attach_walk(scan, file, &walk, &is_broken);

    if (n == rar->entries->len || is_broken || sk_attach_is_over(scan, file))
        return;
    sk_attach_state(scan, file, SK_FINDING_ATTACH_INCONSISTENT,
                    "it has more files for one reader than for another");
    file->unopened = true;
}

void
sk_attach_rar_finish(SkAttachRar *rar,
                     SkAttachScan *scan,
                     SkAttachFile *file,
                     int (*enable)(struct archive *))
{
    sk_attach_tally_state(&rar->tally, scan, file);
    if (rar->is_volume) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, "%s", rar->volume);
        file->unopened = true;
    }
    if (rar->is_unknown)
        sk_attach_unopened(scan, file, "packed with a method that is not read here");
    open_stored(rar, scan, file);
    if (has_packed(rar) && !sk_attach_is_over(scan, file))
        open_packed(rar, scan, file, enable);
}
