/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-lha-header.h"

#include <glib.h>

#include "attach/attach-decode.h"

enum {
    EXTENDED_NAME = 0x01,
    EXTENDED_FOLDER = 0x02,
    EXTENDED_SIZES = 0x42,
    EXTENDED_WIDE_NAME = 0x44,
};

/* Extended headers of one file; real ones have about six. */
#define EXTENDED 64

/* The chain of extended headers at AT, the first of which has SIZE bytes. Each ends with the
 * size of the next, WIDTH bytes long. Returns where the chain ends. */
static size_t
read_extended(SkBytes b,
              size_t at,
              uint64_t size,
              unsigned width,
              SkLhaEntry *entry,
              uint64_t *packed)
{
    for (unsigned i = 0; i < EXTENDED && size > width && sk_bytes_has(b, at, size); i++) {
        SkBytes data = sk_bytes_slice(b, at + 1, size - width - 1);

        switch (sk_bytes_u8(b, at)) {
        case EXTENDED_NAME:
            entry->name = data;
            break;
        case EXTENDED_FOLDER:
            entry->folder = data;
            break;
        case EXTENDED_WIDE_NAME:
            entry->wide = data;
            break;
        case EXTENDED_SIZES:
            *packed = sk_bytes_le64(data, 0);
            entry->size = sk_bytes_le64(data, 8);
            break;
        default:
            break;
        }
        at += (size_t)size;
        size = width == 2 ? sk_bytes_le16(b, at - 2) : sk_bytes_le32(b, at - 4);
    }
    return at;
}

/* Levels 0 and 1 begin with a size of one byte and have the name inside; what level 1 says of
 * its packed size counts the extended headers. */
static size_t
read_old(SkBytes b, size_t at, uint8_t level, SkLhaEntry *entry, uint64_t *packed)
{
    size_t end = at + 2 + sk_bytes_u8(b, at), chain;
    uint8_t name = sk_bytes_u8(b, at + 21);

    entry->name = sk_bytes_slice(b, at + 22, name);
    entry->crc = sk_bytes_le16(b, at + 22 + name);
    if (level == 0)
        return end;
    chain = read_extended(b, end, sk_bytes_le16(b, end - 2), 2, entry, packed);
    *packed -= MIN(*packed, chain - end);
    return chain;
}

static size_t
read_new(SkBytes b, size_t at, uint8_t level, SkLhaEntry *entry, uint64_t *packed)
{
    entry->crc = sk_bytes_le16(b, at + 21);
    if (level == 2) {
        (void)read_extended(b, at + 26, sk_bytes_le16(b, at + 24), 2, entry, packed);
        return at + sk_bytes_le16(b, at);
    }
    (void)read_extended(b, at + 32, sk_bytes_le32(b, at + 28), 4, entry, packed);
    return at + sk_bytes_le32(b, at + 24);
}

bool
sk_lha_read(SkBytes b, size_t at, SkLhaEntry *entry)
{
    uint8_t level = sk_bytes_u8(b, at + 20);
    uint64_t packed = sk_bytes_le32(b, at + 7);
    size_t data;

    if (!sk_bytes_has(b, at, 24) || sk_bytes_u8(b, at + 2) != '-' ||
        sk_bytes_u8(b, at + 6) != '-' || level > 3)
        return false;
    *entry =
        (SkLhaEntry){.method = sk_bytes_slice(b, at + 2, 5), .size = sk_bytes_le32(b, at + 11)};
    data = level < 2 ? read_old(b, at, level, entry, &packed)
                     : read_new(b, at, level, entry, &packed);
    if (data <= at + 21)
        return false;
    entry->packed = sk_bytes_slice(b, data, packed);
    entry->cut = entry->packed.len < packed;
    entry->next = MIN(data, b.len) + entry->packed.len;
    return true;
}

/* Level 0 has backslashes, the others 0xFF between folders; in CP932 neither byte stands alone
 * inside a character, save for the second half, which 0xFF never is. */
static void
append_folder(GString *out, SkBytes folder)
{
    while (folder.len > 0) {
        size_t end = sk_bytes_find(folder, "\xff", 1, 0);
        g_autofree char *part = sk_attach_decode_name(sk_bytes_slice(folder, 0, end));

        g_string_append(out, part);
        g_string_append_c(out, '/');
        folder = end == SK_BYTES_NONE ? sk_bytes_from(folder, folder.len)
                                      : sk_bytes_from(folder, end + 1);
    }
}

char *
sk_lha_name_dup(const SkLhaEntry *entry)
{
    GString *out = g_string_new(NULL);
    g_autofree char *name = entry->wide.len > 0 ? sk_attach_decode_utf16le(entry->wide)
                                                : sk_attach_decode_name(entry->name);

    append_folder(out, sk_bytes_slice(entry->folder, 0, 1024));
    g_string_append(out, name);
    return g_string_free(out, FALSE);
}
