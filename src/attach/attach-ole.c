/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-ole-chain.h"
#include "base/limit.h"

#define HEADER_SIZE 512
#define DIRENT_SIZE 128
/* FAT sectors named by the header itself. */
#define HEADER_DIFAT 109

uint32_t
sk_attach_ole_count(const SkAttachOle *ole)
{
    return (uint32_t)(ole->entries.len / sizeof(SkAttachOleEntry));
}

bool
sk_attach_ole_is_cut(const SkAttachOle *ole)
{
    return ole->cut;
}

const SkAttachOleEntry *
sk_attach_ole_peek(const SkAttachOle *ole, uint32_t i)
{
    g_assert(i < sk_attach_ole_count(ole));
    return sk_ole_entry_at(ole, i);
}

uint32_t
sk_attach_ole_find(const SkAttachOle *ole, uint32_t parent, const char *name)
{
    for (uint32_t i = 1; i < sk_attach_ole_count(ole); i++) {
        const SkAttachOleEntry *entry = sk_ole_entry_at(ole, i);

        if (entry->kind == SK_ATTACH_OLE_FREE)
            continue;
        if (parent != SK_ATTACH_OLE_NONE && entry->parent != parent)
            continue;
        if (g_ascii_strcasecmp(entry->name, name) == 0)
            return i;
    }
    return SK_ATTACH_OLE_NONE;
}

/* The places of the FAT: the header names 109, a chain of sectors the rest. */
static void
load_difat(SkAttachOle *ole)
{
    uint32_t per_table = 1u << (ole->shift - 2), next = sk_bytes_le32(ole->bytes, 0x44);
    size_t most = ole->sectors / per_table + 1;

    sk_buffer_init(&ole->difat, (most + per_table) * sizeof(uint32_t));
    for (size_t i = 0; i < MIN(most, HEADER_DIFAT); i++) {
        uint32_t at = sk_bytes_le32(ole->bytes, 0x4C + i * 4);

        (void)sk_buffer_append(&ole->difat, &at, sizeof at);
    }
    while (ole->difat.len < most * sizeof(uint32_t) && next < ole->sectors) {
        uint64_t base = sk_ole_sector_offset(ole, next);

        for (uint32_t i = 0; i + 1 < per_table; i++) {
            uint32_t at = sk_bytes_le32(ole->bytes, base + (uint64_t)i * 4);

            if (!sk_buffer_append(&ole->difat, &at, sizeof at))
                return;
        }
        next = sk_bytes_le32(ole->bytes, base + (uint64_t)(per_table - 1) * 4);
    }
}

/* UTF-16 as UTF-8, unit by unit: a lone surrogate in a name is no reason to lose the name. */
static void
copy_name(SkBytes dirent, char *name)
{
    size_t n = MIN(sk_bytes_le16(dirent, 64), 64) / 2;

    for (size_t i = 0; i < n && i < 31; i++) {
        uint32_t unit = sk_bytes_le16(dirent, i * 2);

        if (unit == 0)
            break;
        if (unit >= 0xD800 && unit <= 0xDFFF)
            unit = 0xFFFD;
        name += g_unichar_to_utf8(unit, name);
    }
    *name = '\0';
}

static bool
add_entry(SkAttachOle *ole, SkBytes dirent)
{
    SkAttachOleEntry entry = {.kind = sk_bytes_u8(dirent, 66),
                              .left = sk_bytes_le32(dirent, 68),
                              .right = sk_bytes_le32(dirent, 72),
                              .child = sk_bytes_le32(dirent, 76),
                              .start = sk_bytes_le32(dirent, 116),
                              .size = sk_bytes_le64(dirent, 120),
                              .parent = SK_ATTACH_OLE_NONE};

    if (!sk_budget_take_entry(ole->budget))
        return false;
    copy_name(dirent, entry.name);
    memcpy(entry.clsid, sk_bytes_slice(dirent, 80, 16).data, 16);
    /* In version 3 the upper half may be anything (2.6.1). */
    if (ole->shift == 9)
        entry.size &= UINT32_MAX;
    return sk_buffer_append(&ole->entries, &entry, sizeof entry);
}

static bool
load_directory(SkAttachOle *ole)
{
    uint32_t sector = sk_bytes_le32(ole->bytes, 0x30);

    sk_buffer_init(&ole->entries, (SK_LIMIT_ENTRIES + 1) * sizeof(SkAttachOleEntry));
    for (uint32_t n = 0; n < ole->sectors && sector < ole->sectors; n++) {
        SkBytes page =
            sk_bytes_slice(ole->bytes, sk_ole_sector_offset(ole, sector), 1ULL << ole->shift);

        for (size_t at = 0; at + DIRENT_SIZE <= page.len; at += DIRENT_SIZE) {
            if (!add_entry(ole, sk_bytes_slice(page, at, DIRENT_SIZE)))
                return false;
        }
        sector = sk_ole_follow(ole, sector);
    }
    ole->cut = sector != SK_OLE_END_OF_CHAIN;
    return true;
}

static void
enqueue(SkAttachOle *ole, uint32_t id, uint32_t parent, uint32_t *tail)
{
    SkAttachOleEntry *entry;

    if (id >= sk_attach_ole_count(ole))
        return;
    entry = sk_ole_entry_at(ole, id);
    if (entry->kind == SK_ATTACH_OLE_FREE || entry->parent != SK_ATTACH_OLE_NONE)
        return;
    entry->parent = parent;
    sk_ole_entry_at(ole, (*tail)++)->order = id;
}

/* Breadth first; each entry enters the queue once, so that the queue fits into the entries. */
static void
find_parents(SkAttachOle *ole)
{
    uint32_t count = sk_attach_ole_count(ole), tail = 0;

    sk_ole_entry_at(ole, 0)->parent = 0;
    enqueue(ole, sk_ole_entry_at(ole, 0)->child, 0, &tail);
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t id = sk_ole_entry_at(ole, head)->order;
        SkAttachOleEntry entry = *sk_ole_entry_at(ole, id);

        enqueue(ole, entry.left, entry.parent, &tail);
        enqueue(ole, entry.right, entry.parent, &tail);
        if (entry.kind == SK_ATTACH_OLE_STORAGE)
            enqueue(ole, entry.child, id, &tail);
    }
    for (uint32_t i = 1; i < count; i++) {
        if (sk_ole_entry_at(ole, i)->parent == SK_ATTACH_OLE_NONE)
            sk_ole_entry_at(ole, i)->parent = 0;
    }
}

static const char *
load(SkAttachOle *ole)
{
    unsigned shift = sk_bytes_le16(ole->bytes, 0x1E);

    if (ole->bytes.len < HEADER_SIZE)
        return "shorter than its header";
    if (shift != 9 && shift != 12)
        return "impossible sector size";
    ole->shift = shift;
    ole->cutoff = sk_bytes_le32(ole->bytes, 0x38);
    ole->sectors = (uint32_t)MIN(ole->bytes.len >> shift, SK_OLE_MAX_SECTOR - 1);
    load_difat(ole);
    if (!load_directory(ole))
        return ole->budget->spent == SK_BUDGET_OK ? "directory does not fit into memory" : NULL;
    if (sk_attach_ole_count(ole) == 0 || sk_ole_entry_at(ole, 0)->kind != SK_ATTACH_OLE_ROOT)
        return "no directory";
    find_parents(ole);
    return NULL;
}

SkAttachOle *
sk_attach_ole_new(SkBytes bytes, SkBudget *budget, const char **ret_why)
{
    g_autoptr(SkAttachOle) ole = g_new0(SkAttachOle, 1);

    ole->bytes = bytes;
    ole->budget = budget;
    *ret_why = load(ole);
    if (*ret_why != NULL || budget->spent != SK_BUDGET_OK)
        return NULL;
    return g_steal_pointer(&ole);
}

void
sk_attach_ole_free(SkAttachOle *ole)
{
    if (ole == NULL)
        return;
    sk_buffer_clear(&ole->difat);
    sk_buffer_clear(&ole->entries);
    sk_buffer_clear(&ole->mini_scratch);
    sk_buffer_clear(&ole->mini_fat_scratch);
    g_free(ole);
}
