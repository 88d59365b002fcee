/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-ole-chain.h"

#define MINI_SHIFT 6

uint32_t
sk_ole_follow(const SkAttachOle *ole, uint32_t sector)
{
    uint32_t per_table = 1u << (ole->shift - 2), table = sector / per_table, at;
    uint64_t place;

    if ((uint64_t)(table + 1) * sizeof(uint32_t) > ole->difat.len)
        return SK_OLE_MAX_SECTOR;
    memcpy(&at, ole->difat.data + table * sizeof at, sizeof at);
    place = sk_ole_sector_offset(ole, at) + (uint64_t)(sector % per_table) * 4;
    return sk_bytes_has(ole->bytes, place, 4) ? sk_bytes_le32(ole->bytes, place)
                                              : SK_OLE_MAX_SECTOR;
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
        return sk_ole_follow(ole, sector);
    if (!sk_bytes_has(ole->mini_fat, (uint64_t)sector * 4, 4))
        return SK_OLE_MAX_SECTOR;
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

        if (sector >= SK_OLE_MAX_SECTOR || sector_bytes(plane, sector, want).len < want)
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
    const SkAttachOleEntry *root = sk_ole_entry_at(ole, 0);
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
