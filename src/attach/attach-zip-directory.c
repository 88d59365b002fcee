/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-zip-walk.h"

#define END_SIZE     22
#define LOCATOR_SIZE 20
#define END64_SIZE   56
#define CENTRAL_SIZE 46

/* Archives that end with something else are found this far back in one look; what programs
 * that open archives search. */
#define NEAR (64u * 1024 + END_SIZE)
/* End marks that lead nowhere are passed over this often. */
#define TRIES 32
/* Between the ZIP64 end record and its locator there may be extensible data. */
#define EXTENSIBLE 4096

/* End of central directory, of either size. */
typedef struct {
    uint64_t size;   /* of the directory */
    uint64_t offset; /* as stated */
    uint64_t count;
    uint32_t disk;
    size_t edge;  /* where the directory has to end: its end record */
    size_t after; /* end of the comment */
    bool locked;  /* says itself that the directory is encrypted */
    bool packed;  /* compressed */
} End;

/* Where the directory is, and how far all offsets are off because of what stands before. */
typedef struct {
    size_t start;
    uint64_t base;
} Place;

/* The ZIP64 end record for the locator at LOCATOR, or SK_BYTES_NONE. */
static size_t
find_end64(SkBytes b, size_t locator)
{
    uint64_t stated = sk_bytes_le64(b, locator + 8);
    size_t floor = locator > EXTENSIBLE ? locator - EXTENSIBLE : 0;

    if (sk_bytes_is(b, stated, "PK\6\6"))
        return (size_t)stated;
    return sk_bytes_find_last(sk_bytes_slice(b, 0, locator), "PK\6\6", 4, floor);
}

/* Version 2 of the record, from version 6.2 on, tells how the directory is packed and locked.
 */
static void
read_end64(SkBytes b, size_t at, End *end)
{
    end->disk = sk_bytes_le32(b, at + 16);
    end->count = sk_bytes_le64(b, at + 32);
    end->size = sk_bytes_le64(b, at + 40);
    end->offset = sk_bytes_le64(b, at + 48);
    end->edge = at;
    if (sk_bytes_le16(b, at + 14) < 62 || sk_bytes_le64(b, at + 4) < END64_SIZE - 12 + 28)
        return;
    end->packed = sk_bytes_le16(b, at + 56) != 0;
    end->locked = sk_bytes_le16(b, at + 74) != 0;
}

static bool
read_end(SkBytes b, size_t at, End *end)
{
    size_t at64;

    if (!sk_bytes_is(b, at, "PK\5\6") || !sk_bytes_has(b, at, END_SIZE))
        return false;
    *end = (End){.size = sk_bytes_le32(b, at + 12),
                 .offset = sk_bytes_le32(b, at + 16),
                 .count = sk_bytes_le16(b, at + 10),
                 .disk = sk_bytes_le16(b, at + 4),
                 .edge = at,
                 .after = MIN(at + END_SIZE + sk_bytes_le16(b, at + 20), b.len)};
    if (at < LOCATOR_SIZE || !sk_bytes_is(b, at - LOCATOR_SIZE, "PK\6\7"))
        return true;
    at64 = find_end64(b, at - LOCATOR_SIZE);
    if (at64 != SK_BYTES_NONE)
        read_end64(b, at64, end);
    return true;
}

static bool
is_directory(SkBytes b, uint64_t at)
{
    return sk_bytes_is(b, at, "PK\1\2") || sk_bytes_is(b, at, "PK\6\10");
}

/* A directory ends where its end record begins, whatever stands before the archive; failing
 * that, it is where the record says. */
static bool
place(SkBytes b, const End *end, Place *ret_place)
{
    if (end->count == 0 && end->size == 0) {
        *ret_place = (Place){end->edge, 0};
        return end->offset <= end->edge;
    }
    if (end->size <= end->edge && is_directory(b, end->edge - end->size)) {
        size_t start = end->edge - (size_t)end->size;

        *ret_place = (Place){start, start >= end->offset ? start - end->offset : 0};
        return true;
    }
    *ret_place = (Place){(size_t)end->offset, 0};
    return end->offset < end->edge && is_directory(b, end->offset);
}

/* Offsets count from the archive's start, or from the file's: some writers adjust them. */
static size_t
local_at(const SkZip *zip, const Place *place, uint64_t offset)
{
    if (offset <= zip->bytes.len && sk_bytes_is(zip->bytes, place->base + offset, "PK\3\4"))
        return (size_t)(place->base + offset);
    return offset <= zip->bytes.len ? (size_t)offset : zip->bytes.len;
}

/* The entry at AT, with its local header. False: the budget is spent. */
static bool
take_central(SkZip *zip, const Place *place, size_t at)
{
    SkBytes b = zip->bytes;
    uint16_t name = sk_bytes_le16(b, at + 28), extra = sk_bytes_le16(b, at + 30);
    uint64_t offset = sk_bytes_le32(b, at + 42);
    SkZipEntry entry = {
        .name = sk_bytes_slice(b, at + CENTRAL_SIZE, name),
        .extra = sk_bytes_slice(b, at + CENTRAL_SIZE + name, extra),
        .local = SK_BYTES_NONE,
        .packed = sk_bytes_le32(b, at + 20),
        .size = sk_bytes_le32(b, at + 24),
        .crc = sk_bytes_le32(b, at + 16),
        .flags = sk_bytes_le16(b, at + 8),
        .method = sk_bytes_le16(b, at + 10),
        .listed = true,
    };

    sk_zip_entry_widen(&entry, &offset);
    entry.lock = sk_zip_entry_lock(&entry);
    if (sk_bytes_le16(b, at + 34) != 0)
        zip->split = true;
    sk_zip_local_join(zip, local_at(zip, place, offset), &entry);
    if (entry.local != SK_BYTES_NONE)
        sk_zip_cover(zip, entry.local, sk_zip_entry_end(zip, &entry));
    return sk_zip_add(zip, &entry);
}

/* Walks from PLACE on; returns the end of the directory. */
static size_t
walk_central(SkZip *zip, const Place *place, uint64_t *ret_count)
{
    SkBytes b = zip->bytes;
    size_t at = place->start;

    *ret_count = 0;
    while (sk_bytes_is(b, at, "PK\1\2") && sk_bytes_has(b, at, CENTRAL_SIZE)) {
        if ((*ret_count & 63) == 63 && !sk_budget_check_time(zip->budget))
            break;
        if (!take_central(zip, place, at))
            break;
        (*ret_count)++;
        at += (size_t)CENTRAL_SIZE + sk_bytes_le16(b, at + 28) + sk_bytes_le16(b, at + 30) +
              sk_bytes_le16(b, at + 32);
    }
    return at;
}

bool
sk_zip_walk_at(SkZip *zip, size_t at)
{
    uint64_t count;
    size_t edge;
    Place where;
    End end;

    if (!read_end(zip->bytes, at, &end))
        return false;
    zip->masked |= end.locked;
    if (!place(zip->bytes, &end, &where))
        return false;
    zip->split |= end.disk != 0 && end.disk != 0xffff && end.disk != UINT32_MAX;
    zip->directories++;
    zip->masked |= sk_bytes_is(zip->bytes, where.start, "PK\6\10");
    edge = walk_central(zip, &where, &count);
    /* A digital signature of the directory may stand between. */
    if ((edge != end.edge && !sk_bytes_is(zip->bytes, edge, "PK\5\5")) && !zip->masked &&
        zip->budget->spent == SK_BUDGET_OK)
        sk_zip_say_odd(zip, sk_bytes("", 0), "the directory is longer or shorter than it says");
    else if (((count ^ end.count) & 0xffff) != 0 && zip->budget->spent == SK_BUDGET_OK &&
             !zip->masked)
        sk_zip_say_odd(zip, sk_bytes("", 0),
                       "the directory has more or fewer files than it says");
    sk_zip_cover(zip, where.start, MAX(edge, end.edge));
    sk_zip_cover(zip, end.edge, end.after);
    return true;
}

bool
sk_zip_walk_last(SkZip *zip, size_t reach)
{
    SkBytes window = zip->bytes;
    size_t floor = window.len > reach ? window.len - reach : 0;

    for (unsigned i = 0; i < TRIES; i++) {
        size_t at = sk_bytes_find_last(window, "PK\5\6", 4, floor);

        if (at == SK_BYTES_NONE)
            return false;
        if (sk_zip_walk_at(zip, at))
            return true;
        window.len = at;
    }
    return false;
}

bool
sk_attach_zip_has_directory(SkBytes bytes)
{
    SkBytes window = bytes;
    size_t floor = bytes.len > NEAR ? bytes.len - NEAR : 0;
    Place where;
    End end;

    for (unsigned i = 0; i < TRIES; i++) {
        size_t at = sk_bytes_find_last(window, "PK\5\6", 4, floor);

        if (at == SK_BYTES_NONE)
            return false;
        if (read_end(bytes, at, &end) && end.count > 0 && place(bytes, &end, &where))
            return true;
        window.len = at;
    }
    return false;
}
