/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-decode.h"
#include "attach/attach-marker.h"
#include "attach/attach-tally.h"

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

typedef struct {
    SkAttachTally tally;
    bool is_volume;
    bool has_packed;
} List;

static void
clear_list(List *list)
{
    sk_attach_tally_clear(&list->tally);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(List, clear_list)

static void
hand_on(SkAttachScan *scan, SkAttachFile *file, uint32_t sum, const char *name, SkBytes data)
{
    if (checksum(data) != sum)
        sk_attach_broken(scan, file, "%s: wrong checksum", name);
    sk_attach_member(scan, file, name, data);
}

static void
take_file(List *list, SkAttachScan *scan, SkAttachFile *file, const Header *h, SkBytes data)
{
    /* After the sizes: time, attributes and checksum, four bytes each. */
    uint64_t at = h->type == TYPE_FILE_64 ? 23 : 15;
    uint64_t name_at = at + 20;
    uint64_t size =
        h->type == TYPE_FILE_64 ? sk_bytes_le64(h->bytes, 15) : sk_bytes_le32(h->bytes, 11);
    uint8_t method = sk_bytes_u8(h->bytes, at + 12);
    bool is_locked = (h->flags & FILE_ENCRYPTED) != 0;
    g_autofree char *name = sk_attach_decode_name(
        sk_bytes_slice(h->bytes, name_at, sk_bytes_le16(h->bytes, at + 18)));

    if (!sk_bytes_has(h->bytes, name_at, sk_bytes_le16(h->bytes, at + 18)))
        sk_attach_broken(scan, file, "a header is shorter than its name");
    if ((sk_bytes_le32(h->bytes, at + 4) & ATTRIBUTE_FOLDER) != 0 ||
        (size == 0 && h->data_size == 0))
        return;
    sk_attach_tally_add(&list->tally, name, is_locked ? "Blowfish" : NULL);
    if ((h->flags & (FILE_SPLIT_BEFORE | FILE_SPLIT_AFTER)) != 0)
        list->is_volume = true;
    else if (!is_locked && method == METHOD_STORED)
        hand_on(scan, file, sk_bytes_le32(h->bytes, at + 8), name, data);
    else if (!is_locked)
        list->has_packed = true;
}

/* Reads the header at AT; says where the next one is, or 0 when there is none to be had. */
static uint64_t
take_next(List *list, SkAttachScan *scan, SkAttachFile *file, uint64_t at)
{
    Header h = read_header(file->bytes, at);
    uint64_t data_at = at + h.bytes.len;
    SkBytes data = sk_bytes_slice(file->bytes, data_at, h.data_size);

    if (h.wrong != NULL)
        sk_attach_broken(scan, file, "%s", h.wrong);
    if (!h.is_whole || !sk_budget_take_entry(sk_attach_budget(scan)))
        return 0;
    if (h.type == TYPE_MAIN)
        list->is_volume |= (h.flags & MAIN_VOLUME) != 0;
    if (is_file(h.type))
        take_file(list, scan, file, &h, data);
    if (data.len == h.data_size)
        return data_at + h.data_size;
    sk_attach_broken(scan, file, "it is cut short");
    return 0;
}

void
sk_attach_ace_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(List) list = {.tally = {.id = SK_FINDING_ATTACH_ENCRYPTED_ACE}};
    uint64_t at = 0;

    do {
        at = take_next(&list, scan, file, at);
    } while (at != 0 && at < file->bytes.len && !sk_attach_is_over(scan, file));
    (void)sk_attach_is_over(scan, file);
    sk_attach_tally_state(&list.tally, scan, file);
    if (list.is_volume) {
        sk_attach_state(scan, file, SK_FINDING_ATTACH_SPLIT, "a volume");
        file->unopened = true;
    }
    if (list.has_packed)
        sk_attach_unopened(scan, file, "ACE compression");
}
