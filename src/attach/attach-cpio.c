/* SPDX-License-Identifier: Apache-2.0 */

/*
 * cpio archives, of all three kinds: a header, a name, the content, one after the other.
 * libarchive reads them too, but asks for as much memory as a name claims to be long.
 *
 * Standards: POSIX.1-1988 10.1.2 (odc); cpio(5) for the others.
 */

#include <glib.h>

#include "attach/attach-decode.h"
#include "attach/attach-file.h"

typedef struct {
    SkBytes name;
    SkBytes content;
    uint32_t mode;
    bool cut;
    uint64_t next;
} Entry;

#define TYPE_MASK 0170000u
#define TYPE_FILE 0100000u

/* The number in the N digits at AT; what is no digit counts as nothing. */
static uint64_t
number(SkBytes b, uint64_t at, unsigned n, unsigned base)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < n; i++) {
        int digit = g_ascii_xdigit_value((char)sk_bytes_u8(b, at + i));

        value = value * base + (digit > 0 && (unsigned)digit < base ? (unsigned)digit : 0);
    }
    return value;
}

static uint64_t
padded(uint64_t at, unsigned to)
{
    return (at + to - 1) / to * to;
}

/* Fills in ENTRY from where its parts are; the name ends with a NUL that is counted. */
static void
place(SkBytes b, uint64_t name, uint64_t name_len, uint64_t size, unsigned pad, Entry *entry)
{
    uint64_t content = padded(name + name_len, pad);

    entry->name = sk_bytes_slice(b, name, name_len > 0 ? name_len - 1 : 0);
    entry->content = sk_bytes_slice(b, content, size);
    entry->cut = entry->content.len < size;
    entry->next = padded(content + size, pad);
}

static void
read_binary(SkBytes b, uint64_t at, bool little, Entry *entry)
{
    uint16_t (*get)(SkBytes, uint64_t) = little ? sk_bytes_le16 : sk_bytes_be16;
    uint64_t size = (uint64_t)get(b, at + 22) << 16 | get(b, at + 24);

    entry->mode = get(b, at + 6);
    place(b, at + 26, get(b, at + 20), size, 2, entry);
}

static bool
read_entry(SkBytes b, uint64_t at, Entry *entry)
{
    if (sk_bytes_is(b, at, "070701") || sk_bytes_is(b, at, "070702")) {
        entry->mode = (uint32_t)number(b, at + 14, 8, 16);
        place(b, at + 110, number(b, at + 94, 8, 16), number(b, at + 54, 8, 16), 4, entry);
        return true;
    }
    if (sk_bytes_is(b, at, "070707")) {
        entry->mode = (uint32_t)number(b, at + 18, 6, 8);
        place(b, at + 76, number(b, at + 59, 6, 8), number(b, at + 65, 11, 8), 1, entry);
        return true;
    }
    if (sk_bytes_le16(b, at) != 070707 && sk_bytes_be16(b, at) != 070707)
        return false;
    read_binary(b, at, sk_bytes_le16(b, at) == 070707, entry);
    return true;
}

static void
visit(SkAttachScan *scan, SkAttachFile *file, const Entry *entry)
{
    g_autofree char *name = sk_attach_decode_name(entry->name);

    if (entry->cut)
        sk_attach_broken(scan, file, "\"%s\" goes beyond the end", name);
    if ((entry->mode & TYPE_MASK) == TYPE_FILE || entry->mode == 0)
        sk_attach_member(scan, file, name, entry->content);
    else
        sk_attach_member_by_name(scan, file, name);
}

/* The content lies in the file itself, so nothing can be packed too tightly; what is taken of
 * the budget bounds archives that claim the same bytes again and again. */
static bool
take(SkAttachScan *scan, const Entry *entry)
{
    SkBudget *budget = sk_attach_budget(scan);

    return sk_budget_take_entry(budget) && sk_budget_take_unpacked(budget) &&
           sk_budget_take_bytes(budget, entry->content.len, UINT64_MAX, 0);
}

void
sk_attach_cpio_open(SkAttachScan *scan, SkAttachFile *file)
{
    Entry entry = {.next = 0};

    while (read_entry(file->bytes, entry.next, &entry)) {
        if (sk_bytes_equal_nocase(entry.name, "TRAILER!!!"))
            return;
        if (!take(scan, &entry) || sk_attach_is_over(scan, file)) {
            (void)sk_attach_is_over(scan, file);
            return;
        }
        visit(scan, file, &entry);
    }
    sk_attach_broken(scan, file, "it ends before its end mark");
}
