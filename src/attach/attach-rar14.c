/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-decode.h"
#include "attach/attach-list.h"
#include "attach/attach-marker.h"

/* RAR 1.4 of 1994: headers without checksums, which nobody writes any more and every unrar
 * still opens. libarchive does not; stored files are handed on, packed ones are not opened. */
#define MARK      "RE~^"
#define MAIN_SIZE 7
#define FILE_SIZE 21

enum {
    MAIN_VOLUME = 0x01,
    FILE_SPLIT_BEFORE = 0x01,
    FILE_SPLIT_AFTER = 0x02,
    FILE_ENCRYPTED = 0x04,
    METHOD_STORED = 0,
    METHOD_MAX = 5,
    ATTRIBUTE_FOLDER = 0x10,
};

typedef struct {
    uint32_t packed;
    uint32_t size;
    uint16_t header_size;
    uint8_t attributes, flags, method;
    SkBytes name;
    SkBytes data; /* cut to what is there */
    bool is_sound;
} Entry;

static Entry
read_entry(SkBytes b, uint64_t at)
{
    Entry e = {.packed = sk_bytes_le32(b, at),
               .size = sk_bytes_le32(b, at + 4),
               .header_size = sk_bytes_le16(b, at + 10),
               .attributes = sk_bytes_u8(b, at + 16),
               .flags = sk_bytes_u8(b, at + 17),
               .method = sk_bytes_u8(b, at + 20)};
    uint8_t name_len = sk_bytes_u8(b, at + 19);

    e.name = sk_bytes_slice(b, at + FILE_SIZE, name_len);
    e.data = sk_bytes_slice(b, at + e.header_size, e.packed);
    e.is_sound = sk_bytes_has(b, at, e.header_size) && e.header_size >= FILE_SIZE + name_len &&
                 name_len > 0 && e.method <= METHOD_MAX;
    return e;
}

static bool
is_printable(SkBytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (sk_bytes_u8(name, i) < 0x20)
            return false;
    }
    return true;
}

bool
sk_attach_rar14_is_at(SkBytes bytes, size_t at)
{
    SkBytes b = sk_bytes_from(bytes, at);
    uint16_t main_size = sk_bytes_le16(b, 4);
    Entry first = read_entry(b, main_size);

    return sk_bytes_is(b, 0, MARK) && main_size >= MAIN_SIZE && first.is_sound &&
           is_printable(first.name);
}

static SkAttachListEntry
list_entry(const Entry *e)
{
    bool is_folder =
        (e->attributes & ATTRIBUTE_FOLDER) != 0 || (e->packed == 0 && e->size == 0);

    return (SkAttachListEntry){.name = sk_attach_decode_name(e->name),
                               .is_folder = is_folder,
                               .is_part =
                                   (e->flags & (FILE_SPLIT_BEFORE | FILE_SPLIT_AFTER)) != 0,
                               .is_unknown = !is_folder && e->method != METHOD_STORED,
                               .lock = e->flags & FILE_ENCRYPTED ? "RAR 1.4 cipher" : NULL,
                               .is_stored = e->method == METHOD_STORED,
                               .size = e->packed,
                               .data = e->data};
}

static void
list_entries(SkAttachList *list, SkAttachScan *scan, SkAttachFile *file)
{
    uint64_t at = sk_bytes_le16(file->bytes, 4);

    while (at < file->bytes.len && !sk_attach_is_over(scan, file)) {
        Entry e = read_entry(file->bytes, at);

        if (!e.is_sound || at < MAIN_SIZE) {
            sk_attach_broken(scan, file, "a header is cut short");
            return;
        }
        if (!sk_attach_list_add(list, scan, list_entry(&e)))
            break;
        if (e.data.len < e.packed)
            sk_attach_broken(scan, file, "it is cut short");
        at += (uint64_t)e.header_size + e.packed;
    }
    if (at > file->bytes.len || at < MAIN_SIZE)
        sk_attach_broken(scan, file, "it is cut short");
    (void)sk_attach_is_over(scan, file);
}

void
sk_attach_rar14_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkAttachList) list;

    sk_attach_list_init(&list, SK_FINDING_ATTACH_ENCRYPTED_RAR);
    list.method = "RAR 1.4 compression";
    list.is_volume = (sk_bytes_u8(file->bytes, 6) & MAIN_VOLUME) != 0;
    list.volume = "a volume";
    list_entries(&list, scan, file);
    sk_attach_list_finish(&list, scan, file, NULL);
}
