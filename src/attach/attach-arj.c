/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-decode.h"
#include "attach/attach-list.h"
#include "attach/attach-marker.h"

/* ARJ, as the technical information that came with it says. libarchive does not know it; what
 * is stored is handed on, what is packed is not opened. */
#define MARK       0xea60
#define MAX_HEADER 2600
/* Fields of a header before its name. */
#define MIN_FIXED 30

enum {
    FLAG_GARBLED = 0x01,
    FLAG_MORE_VOLUMES = 0x04, /* the file, or the archive, goes on in the next one */
    FLAG_CONTINUED = 0x08,    /* the file began in another volume */
    METHOD_STORED = 0,
    TYPE_BINARY = 0,
    TYPE_TEXT = 1,
    TYPE_MAIN = 2,
    TYPE_AT = 10, /* from the mark on */
};

typedef struct {
    SkBytes fields; /* from the first size on */
    SkBytes name;
    uint64_t next; /* where the data start, or the next header */
    bool is_whole;
    bool is_end; /* a size of 0: nothing follows */
    const char *wrong;
} Header;

/* Passes over the extended headers, of which none is in use; each has a size and a checksum. */
static bool
skip_extended(SkBytes b, uint64_t *at)
{
    uint16_t size;

    while ((size = sk_bytes_le16(b, *at)) != 0) {
        SkBytes data = sk_bytes_slice(b, *at + 2, size);

        if (!sk_bytes_has(b, *at, size + 6u) ||
            crc32_z(0, data.data, data.len) != sk_bytes_le32(b, *at + 2 + size))
            return false;
        *at += size + 6u;
    }
    *at += 2;
    return *at <= b.len;
}

static Header
read_header(SkBytes b, uint64_t at)
{
    uint16_t size = sk_bytes_le16(b, at + 2);
    Header h = {.fields = sk_bytes_slice(b, at + 4, size), .wrong = "a header is cut short"};
    uint8_t fixed = sk_bytes_u8(h.fields, 0);
    size_t name_len;

    if (sk_bytes_le16(b, at) != MARK || size > MAX_HEADER || !sk_bytes_has(b, at, 4))
        return h;
    h.is_end = size == 0;
    if (h.is_end || fixed < MIN_FIXED || fixed > size || !sk_bytes_has(b, at + 4, size + 4u))
        return h;
    h.name = sk_bytes_from(h.fields, fixed);
    name_len = sk_bytes_find(h.name, "", 1, 0);
    h.name = sk_bytes_slice(h.name, 0, name_len);
    h.next = at + 4 + size + 4u;
    h.is_whole = skip_extended(b, &h.next);
    h.wrong = NULL;
    if (crc32_z(0, h.fields.data, h.fields.len) != sk_bytes_le32(b, at + 4 + size))
        h.wrong = "a header has a wrong checksum";
    else if (!h.is_whole)
        h.wrong = "an extended header is damaged or cut short";
    return h;
}

bool
sk_attach_arj_is_at(SkBytes bytes, size_t at)
{
    SkBytes b = sk_bytes_from(bytes, at);
    Header h;

    /* Asked first: a file of nothing but marks would have each one's header summed. */
    if (sk_bytes_le16(b, 0) != MARK || sk_bytes_u8(b, TYPE_AT) != TYPE_MAIN)
        return false;
    h = read_header(b, 0);
    return h.is_whole && h.wrong == NULL;
}

/* The main header says how, for all files. */
static const char *
lock_of(const Header *main)
{
    static const char *const locks[] = {"garbled", "garbled", "garbled, new way", "garbled",
                                        "GOST, 40-bit key"};
    uint8_t version = sk_bytes_u8(main->fields, 28);

    return version < G_N_ELEMENTS(locks) ? locks[version] : "garbled, unknown way";
}

static SkAttachListEntry
list_entry(const Header *h, SkBytes data, const char *lock)
{
    uint8_t flags = sk_bytes_u8(h->fields, 4);
    uint8_t method = sk_bytes_u8(h->fields, 5);
    uint8_t type = sk_bytes_u8(h->fields, 6);
    uint32_t packed = sk_bytes_le32(h->fields, 12);
    bool is_folder = (type != TYPE_BINARY && type != TYPE_TEXT) ||
                     (packed == 0 && sk_bytes_le32(h->fields, 16) == 0);

    return (SkAttachListEntry){.name = sk_attach_decode_name(h->name),
                               .is_folder = is_folder,
                               .is_part = (flags & (FLAG_MORE_VOLUMES | FLAG_CONTINUED)) != 0,
                               .is_unknown = !is_folder && method != METHOD_STORED,
                               .lock = (flags & FLAG_GARBLED) != 0 ? lock : NULL,
                               .is_stored = method == METHOD_STORED,
                               .has_crc = true,
                               .crc = sk_bytes_le32(h->fields, 20),
                               .size = packed,
                               .data = data};
}

/* Reads one file; says where the next header is, or 0 when there is none to be had. */
static uint64_t
take_next(SkAttachList *list,
          SkAttachScan *scan,
          SkAttachFile *file,
          const char *lock,
          uint64_t at)
{
    Header h = read_header(file->bytes, at);
    uint32_t size = sk_bytes_le32(h.fields, 12);
    SkBytes data = sk_bytes_slice(file->bytes, h.next, size);

    if (h.is_end)
        return 0;
    if (h.wrong != NULL)
        sk_attach_broken(scan, file, "%s", h.wrong);
    if (!h.is_whole || !sk_attach_list_add(list, scan, list_entry(&h, data, lock)))
        return 0;
    if (data.len == size)
        return h.next + size;
    sk_attach_broken(scan, file, "it is cut short");
    return 0;
}

void
sk_attach_arj_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkAttachList) list;
    Header main = read_header(file->bytes, 0);
    uint64_t at = main.is_whole ? main.next : 0;

    if (main.wrong != NULL)
        sk_attach_broken(scan, file, "%s", main.wrong);
    sk_attach_list_init(&list, SK_FINDING_ATTACH_ENCRYPTED_ARJ);
    list.method = "ARJ compression";
    list.is_volume = (sk_bytes_u8(main.fields, 4) & FLAG_MORE_VOLUMES) != 0;
    list.volume = "a volume";
    while (at != 0 && !sk_attach_is_over(scan, file))
        at = take_next(&list, scan, file, lock_of(&main), at);
    (void)sk_attach_is_over(scan, file);
    sk_attach_list_finish(&list, scan, file, NULL);
}
