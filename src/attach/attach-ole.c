/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-ole.h"

#include <stdlib.h>

#include "base/limit.h"

#define HEADER_SIZE 512
#define DIRENT_SIZE 128
#define MINI_SHIFT  6
/* Sector numbers from here on are marks: end of chain, free, table sectors. */
#define MAX_SECTOR   0xFFFFFFFAu
#define END_OF_CHAIN 0xFFFFFFFEu
/* FAT sectors named by the header itself. */
#define HEADER_DIFAT 109

struct SkAttachOle {
    SkBytes bytes;
    SkBudget *budget;
    unsigned shift;   /* sector size is 1 << shift: 9 or 12 */
    uint32_t sectors; /* that fit into the file */
    uint64_t cutoff;  /* streams shorter than this lie in the mini stream */
    SkBuffer difat;   /* uint32_t: sector of each part of the FAT */
    SkBuffer entries; /* SkAttachOleEntry */
    bool cut;         /* the directory does not come to its end */
    /* The mini stream and its table, once they are needed. */
    bool has_mini;
    SkBytes mini, mini_fat;
    SkBuffer mini_scratch, mini_fat_scratch;
};

static SkAttachOleEntry *
entry_at(const SkAttachOle *ole, uint32_t i)
{
    return (SkAttachOleEntry *)(void *)ole->entries.data + i;
}

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
    return entry_at(ole, i);
}

static uint64_t
sector_offset(const SkAttachOle *ole, uint32_t sector)
{
    return ((uint64_t)sector + 1) << ole->shift;
}

/* The sector that follows SECTOR in its chain; a mark at the end or when there is no saying. */
static uint32_t
follow_big(const SkAttachOle *ole, uint32_t sector)
{
    uint32_t per_table = 1u << (ole->shift - 2), table = sector / per_table, at;
    uint64_t place;

    if ((uint64_t)(table + 1) * sizeof(uint32_t) > ole->difat.len)
        return MAX_SECTOR;
    memcpy(&at, ole->difat.data + table * sizeof at, sizeof at);
    place = sector_offset(ole, at) + (uint64_t)(sector % per_table) * 4;
    return sk_bytes_has(ole->bytes, place, 4) ? sk_bytes_le32(ole->bytes, place) : MAX_SECTOR;
}

/* Chains lie in the file itself, or in the mini stream. */
typedef struct {
    SkBytes space;
    uint64_t base; /* where sector 0 begins */
    unsigned shift;
    bool mini;
} Plane;

static Plane
big_plane(const SkAttachOle *ole)
{
    return (Plane){ole->bytes, 1ULL << ole->shift, ole->shift, false};
}

static uint32_t
follow(const SkAttachOle *ole, const Plane *plane, uint32_t sector)
{
    if (!plane->mini)
        return follow_big(ole, sector);
    if (!sk_bytes_has(ole->mini_fat, (uint64_t)sector * 4, 4))
        return MAX_SECTOR;
    return sk_bytes_le32(ole->mini_fat, (uint64_t)sector * 4);
}

static SkBytes
sector_bytes(const Plane *plane, uint32_t sector, uint64_t want)
{
    uint64_t at = plane->base + ((uint64_t)sector << plane->shift);

    return sk_bytes_slice(plane->space, at, MIN(want, 1ULL << plane->shift));
}

/* Whether SIZE bytes can be read from START; RET_STRAIGHT: they lie one after the other. */
static bool
check_chain(const SkAttachOle *ole,
            const Plane *plane,
            uint32_t start,
            uint64_t size,
            bool *ret_straight)
{
    uint64_t unit = 1ULL << plane->shift;
    uint32_t sector = start;

    *ret_straight = true;
    for (uint64_t done = 0; done < size; done += unit) {
        uint64_t want = MIN(unit, size - done);

        if (sector >= MAX_SECTOR || sector_bytes(plane, sector, want).len < want)
            return false;
        if (done + unit < size) {
            uint32_t next = follow(ole, plane, sector);

            *ret_straight = *ret_straight && next == sector + 1;
            sector = next;
        }
    }
    return true;
}

static bool
copy_chain(const SkAttachOle *ole,
           const Plane *plane,
           uint32_t start,
           uint64_t size,
           SkBuffer *scratch)
{
    uint64_t unit = 1ULL << plane->shift;
    uint32_t sector = start;

    sk_buffer_clear(scratch);
    sk_buffer_init(scratch, (size_t)size);
    if (!sk_budget_take_bytes(ole->budget, size, ole->bytes.len, 0) ||
        !sk_buffer_reserve(scratch, (size_t)size))
        return false;
    for (uint64_t done = 0; done < size; done += unit) {
        SkBytes piece = sector_bytes(plane, sector, MIN(unit, size - done));

        if (!sk_buffer_append(scratch, piece.data, piece.len))
            return false;
        sector = follow(ole, plane, sector);
    }
    return true;
}

static bool
read_chain(const SkAttachOle *ole,
           const Plane *plane,
           uint32_t start,
           uint64_t size,
           SkBuffer *scratch,
           SkBytes *ret_bytes)
{
    bool straight;

    if (size > plane->space.len || !check_chain(ole, plane, start, size, &straight))
        return false;
    if (straight) {
        *ret_bytes =
            sk_bytes_slice(plane->space, plane->base + ((uint64_t)start << plane->shift), size);
        return true;
    }
    if (!copy_chain(ole, plane, start, size, scratch))
        return false;
    *ret_bytes = sk_buffer_bytes(scratch);
    return true;
}

static bool
load_mini(SkAttachOle *ole)
{
    const SkAttachOleEntry *root = entry_at(ole, 0);
    Plane plane = big_plane(ole);
    uint64_t table_size = (uint64_t)sk_bytes_le32(ole->bytes, 0x40) << ole->shift;

    if (ole->has_mini)
        return ole->mini.len > 0;
    ole->has_mini = true;
    if (!read_chain(ole, &plane, sk_bytes_le32(ole->bytes, 0x3C), table_size,
                    &ole->mini_fat_scratch, &ole->mini_fat))
        return false;
    return read_chain(ole, &plane, root->start, root->size, &ole->mini_scratch, &ole->mini) &&
           ole->mini.len > 0;
}

bool
sk_attach_ole_read(SkAttachOle *ole,
                   uint32_t i,
                   uint64_t max,
                   SkBuffer *scratch,
                   SkBytes *ret_bytes)
{
    const SkAttachOleEntry *entry = sk_attach_ole_peek(ole, i);
    uint64_t size = MIN(entry->size, max);
    Plane plane = big_plane(ole);

    if (!sk_budget_check_time(ole->budget))
        return false;
    if (size == 0) {
        *ret_bytes = sk_bytes(ole->bytes.data, 0);
        return true;
    }
    if (entry->size >= ole->cutoff)
        return read_chain(ole, &plane, entry->start, size, scratch, ret_bytes);
    if (!load_mini(ole))
        return false;
    plane = (Plane){ole->mini, 0, MINI_SHIFT, true};
    return read_chain(ole, &plane, entry->start, size, scratch, ret_bytes);
}

uint32_t
sk_attach_ole_find(const SkAttachOle *ole, uint32_t parent, const char *name)
{
    for (uint32_t i = 1; i < sk_attach_ole_count(ole); i++) {
        const SkAttachOleEntry *entry = entry_at(ole, i);

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
        uint64_t base = sector_offset(ole, next);

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
            sk_bytes_slice(ole->bytes, sector_offset(ole, sector), 1ULL << ole->shift);

        for (size_t at = 0; at + DIRENT_SIZE <= page.len; at += DIRENT_SIZE) {
            if (!add_entry(ole, sk_bytes_slice(page, at, DIRENT_SIZE)))
                return false;
        }
        sector = follow_big(ole, sector);
    }
    ole->cut = sector != END_OF_CHAIN;
    return true;
}

static void
enqueue(SkAttachOle *ole, uint32_t id, uint32_t parent, uint32_t *tail)
{
    SkAttachOleEntry *entry;

    if (id >= sk_attach_ole_count(ole))
        return;
    entry = entry_at(ole, id);
    if (entry->kind == SK_ATTACH_OLE_FREE || entry->parent != SK_ATTACH_OLE_NONE)
        return;
    entry->parent = parent;
    entry_at(ole, (*tail)++)->order = id;
}

/* Breadth first; each entry enters the queue once, so that the queue fits into the entries. */
static void
find_parents(SkAttachOle *ole)
{
    uint32_t count = sk_attach_ole_count(ole), tail = 0;

    entry_at(ole, 0)->parent = 0;
    enqueue(ole, entry_at(ole, 0)->child, 0, &tail);
    for (uint32_t head = 0; head < tail; head++) {
        uint32_t id = entry_at(ole, head)->order;
        SkAttachOleEntry entry = *entry_at(ole, id);

        enqueue(ole, entry.left, entry.parent, &tail);
        enqueue(ole, entry.right, entry.parent, &tail);
        if (entry.kind == SK_ATTACH_OLE_STORAGE)
            enqueue(ole, entry.child, id, &tail);
    }
    for (uint32_t i = 1; i < count; i++) {
        if (entry_at(ole, i)->parent == SK_ATTACH_OLE_NONE)
            entry_at(ole, i)->parent = 0;
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
    ole->sectors = (uint32_t)MIN(ole->bytes.len >> shift, MAX_SECTOR - 1);
    load_difat(ole);
    if (!load_directory(ole))
        return ole->budget->spent == SK_BUDGET_OK ? "directory does not fit into memory" : NULL;
    if (sk_attach_ole_count(ole) == 0 || entry_at(ole, 0)->kind != SK_ATTACH_OLE_ROOT)
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
