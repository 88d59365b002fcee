/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-decode.h"
#include "attach/attach-list.h"
#include "attach/attach-marker.h"

/* ACE, as the technical information for version 1.32 says, and what 2.0 added to it. Nothing
 * maintained unpacks it; what is stored is handed on, what is packed is not opened. */
#define MARK    "**ACE**"
#define MARK_AT 7

enum {
    TYPE_MAIN = 0,
    TYPE_FILE_32 = 1,
    TYPE_FILE_64 = 3,
    FLAG_DATA = 0x0001, /* data follow the header */
    FLAG_64 = 0x0004,
    MAIN_VOLUME = 0x0800,
    FILE_SPLIT_BEFORE = 0x1000,
    FILE_SPLIT_AFTER = 0x2000,
    FILE_ENCRYPTED = 0x4000,
    METHOD_STORED = 0,
    ATTRIBUTE_FOLDER = 0x10,
};

/* Offsets below count from the start of the checksum. */
typedef struct {
    SkBytes bytes; /* checksum and size included */
    uint8_t type;
    uint16_t flags;
    uint64_t data_size;
    bool is_whole;
    const char *wrong;
} Header;

/* CRC-32 that is not inverted at the end; headers have its lower half. */
static uint32_t
checksum(SkBytes b)
{
    return (uint32_t)~crc32_z(0, b.data, b.len);
}

static bool
is_file(uint8_t type)
{
    return type == TYPE_FILE_32 || type == TYPE_FILE_64;
}

static Header
read_header(SkBytes b, uint64_t at)
{
    uint64_t size = sk_bytes_le16(b, at + 2) + UINT64_C(4);
    Header h = {.bytes = sk_bytes_slice(b, at, size)};

    h.type = sk_bytes_u8(h.bytes, 4);
    h.flags = sk_bytes_le16(h.bytes, 5);
    h.is_whole = size >= 7 && sk_bytes_has(b, at, size);
    if (h.type == TYPE_FILE_64 || (h.flags & FLAG_64) != 0)
        h.data_size = sk_bytes_le64(h.bytes, 7);
    else
        h.data_size = sk_bytes_le32(h.bytes, 7);
    if (h.type == TYPE_MAIN || ((h.flags & FLAG_DATA) == 0 && !is_file(h.type)))
        h.data_size = 0;
    if (!h.is_whole)
        h.wrong = "a header is cut short";
    else if ((checksum(sk_bytes_from(h.bytes, 4)) & 0xffff) != sk_bytes_le16(h.bytes, 0))
        h.wrong = "a header has a wrong checksum";
    return h;
}

bool
sk_attach_ace_is_at(SkBytes bytes, size_t at)
{
    SkBytes b = sk_bytes_from(bytes, at);
    Header h;

    if (!sk_bytes_is(b, MARK_AT, MARK))
        return false;
    h = read_header(b, 0);
    return h.wrong == NULL && h.type == TYPE_MAIN;
}

/* After the sizes: time, attributes and checksum, four bytes each. */
static uint64_t
fixed_at(const Header *h)
{
    return h->type == TYPE_FILE_64 ? 23 : 15;
}

static SkBytes
name_of(const Header *h)
{
    return sk_bytes_slice(h->bytes, fixed_at(h) + 20,
                          sk_bytes_le16(h->bytes, fixed_at(h) + 18));
}

static SkAttachListEntry
list_entry(const Header *h, SkBytes data)
{
    uint64_t at = fixed_at(h);
    uint64_t size =
        h->type == TYPE_FILE_64 ? sk_bytes_le64(h->bytes, 15) : sk_bytes_le32(h->bytes, 11);
    bool is_folder = (sk_bytes_le32(h->bytes, at + 4) & ATTRIBUTE_FOLDER) != 0 ||
                     (size == 0 && h->data_size == 0);
    bool is_stored = sk_bytes_u8(h->bytes, at + 12) == METHOD_STORED;

    return (SkAttachListEntry){.name = sk_attach_decode_name(name_of(h)),
                               .is_folder = is_folder,
                               .is_part =
                                   (h->flags & (FILE_SPLIT_BEFORE | FILE_SPLIT_AFTER)) != 0,
                               .is_unknown = !is_folder && !is_stored,
                               .lock = (h->flags & FILE_ENCRYPTED) != 0 ? "Blowfish" : NULL,
                               .is_stored = is_stored,
                               .has_crc = true,
                               .crc = ~sk_bytes_le32(h->bytes, at + 8),
                               .size = h->data_size,
                               .data = data};
}

/* Reads the header at AT; says where the next one is, or 0 when there is none to be had. */
static uint64_t
take_next(SkAttachList *list, SkAttachScan *scan, SkAttachFile *file, uint64_t at)
{
    Header h = read_header(file->bytes, at);
    uint64_t data_at = at + h.bytes.len;
    SkBytes data = sk_bytes_slice(file->bytes, data_at, h.data_size);

    if (h.wrong != NULL)
        sk_attach_broken(scan, file, "%s", h.wrong);
    if (!h.is_whole)
        return 0;
    if (h.type == TYPE_MAIN)
        list->is_volume |= (h.flags & MAIN_VOLUME) != 0;
    if (is_file(h.type)) {
        if (name_of(&h).len < sk_bytes_le16(h.bytes, fixed_at(&h) + 18))
            sk_attach_broken(scan, file, "a header is shorter than its name");
        if (!sk_attach_list_add(list, scan, list_entry(&h, data)))
            return 0;
    }
    if (data.len == h.data_size)
        return data_at + h.data_size;
    sk_attach_broken(scan, file, "it is cut short");
    return 0;
}

void
sk_attach_ace_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkAttachList) list;
    uint64_t at = 0;

    sk_attach_list_init(&list, SK_FINDING_ATTACH_ENCRYPTED_ACE);
    list.method = "ACE compression";
    list.volume = "a volume";
    do {
        at = take_next(&list, scan, file, at);
    } while (at != 0 && at < file->bytes.len && !sk_attach_is_over(scan, file));
    (void)sk_attach_is_over(scan, file);
    sk_attach_list_finish(&list, scan, file, NULL);
}
