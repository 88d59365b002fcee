/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-marker.h"
#include "attach/attach-zip-walk.h"
#include "base/limit.h"

#define LOCAL_SIZE 30

/* Everything else that the flags can say about encryption. */
#define LOCK_FLAGS (SK_ZIP_FLAG_LOCKED | SK_ZIP_FLAG_STRONG | SK_ZIP_FLAG_MASKED)

bool
sk_zip_local_read(const SkZip *zip, size_t at, SkZipEntry *entry)
{
    SkBytes b = zip->bytes;
    uint16_t name = sk_bytes_le16(b, at + 26), extra = sk_bytes_le16(b, at + 28);
    uint64_t none = 0;

    if (!sk_bytes_is(b, at, "PK\3\4") || !sk_bytes_has(b, at, LOCAL_SIZE))
        return false;
    *entry = (SkZipEntry){
        .name = sk_bytes_slice(b, at + LOCAL_SIZE, name),
        .extra = sk_bytes_slice(b, at + LOCAL_SIZE + name, extra),
        .local = at,
        .data = MIN(at + LOCAL_SIZE + name + extra, b.len),
        .packed = sk_bytes_le32(b, at + 18),
        .size = sk_bytes_le32(b, at + 22),
        .crc = sk_bytes_le32(b, at + 14),
        .flags = sk_bytes_le16(b, at + 6),
        .method = sk_bytes_le16(b, at + 8),
    };
    sk_zip_entry_widen(entry, &none);
    entry->lock = sk_zip_entry_lock(entry);
    return true;
}

static bool
same_name(SkBytes a, SkBytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* What programs that believe the local header would do otherwise; NULL: nothing. Sizes may be
 * left open there when a descriptor follows, and are masked when the directory is encrypted. */
static const char *
difference(const SkZipEntry *listed, const SkZipEntry *local)
{
    bool open = (local->flags & SK_ZIP_FLAG_DESCRIPTOR) != 0;

    if (((listed->flags ^ local->flags) & LOCK_FLAGS) != 0 || listed->lock != local->lock)
        return "encrypted by one header, not encrypted by the other";
    if (local->lock == SK_ZIP_MASKED)
        return NULL;
    if (listed->method != local->method)
        return "two compression methods for one file";
    if (!same_name(listed->name, local->name))
        return "two names for one file";
    if (local->packed != listed->packed && (!open || local->packed != 0))
        return "two sizes for one file";
    return NULL;
}

void
sk_zip_local_join(SkZip *zip, size_t at, SkZipEntry *entry)
{
    const char *what;
    SkZipEntry local;

    if (!sk_zip_local_read(zip, at, &local)) {
        sk_zip_say_broken(zip, entry->name, "not where the directory says");
        return;
    }
    what = difference(entry, &local);
    if (what != NULL)
        sk_zip_say_odd(zip, entry->name, what);
    entry->local = at;
    entry->data = local.data;
    entry->lock = MAX(entry->lock, local.lock);
    if (entry->packed > zip->bytes.len - entry->data) {
        entry->cut = true;
        sk_zip_say_broken(zip, entry->name, "goes beyond the end of the archive");
    }
}

/* A descriptor has a mark or not, and sizes of 32 or 64 bits: the one behind which another
 * record or the end of the file stands is it. */
static size_t
descriptor_size(const SkZip *zip, size_t at)
{
    static const uint8_t SIZES[] = {16, 12, 24, 20};

    for (size_t i = 0; i < G_N_ELEMENTS(SIZES); i++) {
        if (at + SIZES[i] == zip->bytes.len || sk_bytes_is(zip->bytes, at + SIZES[i], "PK"))
            return SIZES[i];
    }
    return sk_bytes_is(zip->bytes, at, "PK\7\10") ? 16 : 0;
}

size_t
sk_zip_entry_end(const SkZip *zip, const SkZipEntry *entry)
{
    size_t end;

    if (entry->cut || entry->packed > zip->bytes.len - entry->data)
        return zip->bytes.len;
    end = entry->data + (size_t)entry->packed;
    if ((entry->flags & SK_ZIP_FLAG_DESCRIPTOR) != 0)
        end += descriptor_size(zip, end);
    return MIN(end, zip->bytes.len);
}

/* Whether a header found by its mark alone says only what a header can say. */
static bool
is_plausible(const SkZip *zip, const SkZipEntry *entry)
{
    uint16_t version = sk_bytes_le16(zip->bytes, entry->local + 4) & 0xff;
    bool known = entry->method <= 20 || (entry->method >= 93 && entry->method <= 99);

    if (version > 63 || !known || entry->name.len == 0 || entry->name.len > SK_LIMIT_NAME)
        return false;
    for (size_t i = 0; i < entry->name.len; i++) {
        if (entry->name.data[i] < 0x20)
            return false;
    }
    return entry->data < zip->bytes.len || entry->packed == 0;
}

/* Whether a record begins at AT, so that what led there may be believed. */
static bool
is_record(const SkZip *zip, size_t at, size_t end)
{
    return at == end || sk_bytes_is(zip->bytes, at, "PK\3\4") ||
           sk_bytes_is(zip->bytes, at, "PK\1\2") || sk_bytes_is(zip->bytes, at, "PK\6\10") ||
           sk_bytes_is(zip->bytes, at, "PK\5\6");
}

/* Adds the entry whose local header stands at AT, if it is one, and says where to look for the
 * next: behind its data only if a record stands there, since its sizes may lie. */
static size_t
take_local(SkZip *zip, size_t at, size_t end)
{
    SkZipEntry entry;
    size_t after;

    if (!sk_zip_local_read(zip, at, &entry) || !is_plausible(zip, &entry))
        return at + 4;
    entry.unsized = (entry.flags & SK_ZIP_FLAG_DESCRIPTOR) != 0 && entry.packed == 0;
    entry.cut = !entry.unsized && entry.packed > zip->bytes.len - entry.data;
    if (entry.unsized)
        entry.packed = end - MIN(entry.data, end);
    after = sk_zip_entry_end(zip, &entry);
    if (!sk_zip_add(zip, &entry))
        return end;
    if (zip->directories > 0 && !zip->masked)
        sk_zip_say_odd(zip, entry.name, "a file that the directory does not list");
    if (entry.cut)
        sk_zip_say_broken(zip, entry.name, "goes beyond the end of the archive");
    return !entry.unsized && is_record(zip, after, end) ? after : entry.data;
}

static void
walk_locals(SkZip *zip, SkZipSpan gap)
{
    SkBytes window = sk_bytes_slice(zip->bytes, 0, gap.end);
    size_t at = gap.start;

    while ((at = sk_bytes_find(window, "PK\3\4", 4, at)) != SK_BYTES_NONE) {
        if (!sk_budget_check_time(zip->budget))
            return;
        at = take_local(zip, at, gap.end);
    }
}

static void
walk_directories(SkZip *zip, SkZipSpan gap)
{
    SkBytes window = sk_bytes_slice(zip->bytes, 0, gap.end);
    size_t at = gap.start;

    while ((at = sk_bytes_find(window, "PK\5\6", 4, at)) != SK_BYTES_NONE) {
        if (zip->directories >= SK_ZIP_DIRECTORIES || !sk_budget_check_time(zip->budget))
            return;
        if (sk_zip_walk_at(zip, at))
            sk_zip_say_odd(zip, sk_bytes("", 0), "more than one directory");
        at += 4;
    }
}

void
sk_zip_walk_gaps(SkZip *zip)
{
    unsigned before = zip->directories;
    SkZipSpan gap = {0, 0};

    while (before > 0 && sk_zip_next_gap(zip, gap.end, &gap)) {
        /* Walking adds spans behind the sorted ones; the gap after this one is still found. */
        if (gap.end - gap.start >= 22)
            walk_directories(zip, gap);
    }
    if (zip->directories > before)
        sk_zip_settle(zip);
    gap = (SkZipSpan){0, 0};
    while (sk_zip_next_gap(zip, gap.end, &gap)) {
        if (gap.end - gap.start >= LOCAL_SIZE)
            walk_locals(zip, gap);
    }
}

size_t
sk_attach_zip_find_locked(SkBytes bytes)
{
    SkZip zip = {.bytes = bytes};
    SkBytes window = sk_bytes_slice(bytes, 0, SK_MARKER_REACH);
    SkZipEntry entry;
    size_t at = 0;

    while ((at = sk_bytes_find(window, "PK\3\4", 4, at)) != SK_BYTES_NONE) {
        if (sk_zip_local_read(&zip, at, &entry) && entry.lock != SK_ZIP_CLEAR &&
            is_plausible(&zip, &entry))
            return at;
        at++;
    }
    return SK_BYTES_NONE;
}
