/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-list.h"

#include <zlib.h>

static void
free_entry(void *entry)
{
    g_free(((SkAttachListEntry *)entry)->name);
}

void
sk_attach_list_init(SkAttachList *list, SkFindingId encrypted)
{
    *list = (SkAttachList){.tally = {.id = encrypted}};
    list->entries = g_array_new(FALSE, FALSE, sizeof(SkAttachListEntry));
    g_array_set_clear_func(list->entries, free_entry);
}

void
sk_attach_list_clear(SkAttachList *list)
{
    sk_attach_tally_clear(&list->tally);
    g_clear_pointer(&list->entries, g_array_unref);
}

bool
sk_attach_list_add(SkAttachList *list, SkAttachScan *scan, SkAttachListEntry entry)
{
    if (entry.is_part && !list->is_volume) {
        list->is_volume = true;
        list->volume = "a file in it goes on in another volume";
    }
    if (!entry.is_folder)
        sk_attach_tally_add(&list->tally, entry.name, entry.lock);
    if (!sk_budget_take_entry(sk_attach_budget(scan))) {
        g_free(entry.name);
        return false;
    }
    list->is_unknown |= entry.is_unknown && entry.lock == NULL;
    if (entry.is_hidden)
        free_entry(&entry);
    else
        g_array_append_val(list->entries, entry);
    return true;
}

static bool
is_readable(const SkAttachListEntry *entry)
{
    return !entry->is_folder && !entry->is_part && entry->lock == NULL;
}

static bool
is_packed(const SkAttachListEntry *entry)
{
    return is_readable(entry) && !entry->is_stored && !entry->is_unknown;
}

static const SkAttachListEntry *
entry_at(const SkAttachList *list, uint32_t i)
{
    return &g_array_index(list->entries, SkAttachListEntry, i);
}

/* DATA points to the SkAttachList. Entries that are hidden were left out of the list. */
static SkAttachPick
pick(uint32_t index, void *data, const char **ret_name)
{
    const SkAttachList *list = data;

    if (index >= list->entries->len)
        return SK_ATTACH_PICK_STOP;
    *ret_name = entry_at(list, index)->name;
    return is_packed(entry_at(list, index)) ? SK_ATTACH_PICK_READ : SK_ATTACH_PICK_SKIP;
}

static bool
has_packed(const SkAttachList *list)
{
    for (uint32_t i = 0; i < list->entries->len; i++) {
        if (is_packed(entry_at(list, i)))
            return true;
    }
    return false;
}

static void
open_stored(SkAttachList *list, SkAttachScan *scan, SkAttachFile *file)
{
    for (uint32_t i = 0; i < list->entries->len && !sk_attach_is_over(scan, file); i++) {
        const SkAttachListEntry *entry = entry_at(list, i);

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
open_packed(SkAttachList *list,
            SkAttachScan *scan,
            SkAttachFile *file,
            int (*enable)(struct archive *))
{
    SkAttachWalk walk = {.format = enable, .pick = pick, .data = list, .persistent = true};
    bool is_broken = false;
    uint32_t n = sk_attach_walk(scan, file, &walk, &is_broken);

    if (n == list->entries->len || is_broken || sk_attach_is_over(scan, file))
        return;
    sk_attach_state(scan, file, SK_FINDING_ATTACH_INCONSISTENT,
                    "it has more files for one reader than for another");
    file->unopened = true;
}

void
sk_attach_list_finish(SkAttachList *list,
                      SkAttachScan *scan,
                      SkAttachFile *file,
                      int (*enable)(struct archive *))
{
    sk_attach_tally_state(&list->tally, scan, file);
    if (list->is_volume) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, "%s", list->volume);
        file->unopened = true;
    }
    if (list->is_unknown)
        sk_attach_unopened(scan, file,
                           list->method != NULL ? list->method
                                                : "packed with a method that is not read here");
    open_stored(list, scan, file);
    if (enable != NULL && has_packed(list) && !sk_attach_is_over(scan, file))
        open_packed(list, scan, file, enable);
}
