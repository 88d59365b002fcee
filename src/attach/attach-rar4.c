/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-decode.h"
#include "attach/attach-list.h"
#include "attach/attach-marker.h"
#include "base/buffer.h"

/* RAR 1.5 to 4: technote.txt of RAR 4. */
#define MARK     "Rar!\x1a\x07\x00"
#define MARK_LEN 7

enum {
    BLOCK_MARK = 0x72,
    BLOCK_MAIN = 0x73,
    BLOCK_FILE = 0x74,
    BLOCK_AUTHENTICITY = 0x76,
    BLOCK_OLD_SERVICE = 0x77,
    BLOCK_PROTECTION = 0x78,
    BLOCK_SIGNATURE = 0x79,
    BLOCK_SERVICE = 0x7a, /* comment and the like, in the shape of a file */
    BLOCK_END = 0x7b,
};

enum {
    FLAG_LONG = 0x8000, /* data follow the header */
    MAIN_VOLUME = 0x0001,
    MAIN_COMMENT = 0x0002,
    MAIN_ENCRYPTED = 0x0080,
    MAIN_FIRST_VOLUME = 0x0100,
    FILE_SPLIT_BEFORE = 0x0001,
    FILE_SPLIT_AFTER = 0x0002,
    FILE_ENCRYPTED = 0x0004,
    FILE_COMMENT = 0x0008,
    FILE_KIND = 0x00e0, /* size of the dictionary; all three bits: a folder */
    FILE_LARGE = 0x0100,
    FILE_UNICODE = 0x0200,
    FILE_SALT = 0x0400,
    END_MORE_VOLUMES = 0x0001,
};

#define METHOD_STORED     0x30
#define MAIN_SIZE         13
#define FILE_SIZE         32
#define AUTHENTICITY_SIZE 14
#define SIGNATURE_SIZE    15

typedef struct {
    SkBytes header;
    uint8_t type;
    uint16_t flags;
    uint64_t data_size;
    SkBytes data;      /* cut to what is there */
    const char *wrong; /* static, or NULL */
    bool is_whole;
} Block;

typedef struct {
    SkAttachList rar;
    uint8_t version; /* newest that is needed to unpack; 29: RAR 3 */
    bool has_end;
    bool is_locked; /* the headers are encrypted */
} List;

/* Whether data follow the header, for which other blocks have a flag. */
static bool
always_has_data(uint8_t type)
{
    return type == BLOCK_FILE || type == BLOCK_SERVICE || type == BLOCK_OLD_SERVICE ||
           type == BLOCK_PROTECTION;
}

/* RAR 2 itself wrote no true checksum before these, which have one size each. */
static bool
has_checksum(const Block *block)
{
    return (block->type != BLOCK_AUTHENTICITY || block->header.len != AUTHENTICITY_SIZE) &&
           (block->type != BLOCK_SIGNATURE || block->header.len != SIGNATURE_SIZE);
}

static bool
is_file_like(uint8_t type)
{
    return type == BLOCK_FILE || type == BLOCK_SERVICE;
}

static uint64_t
name_at(const Block *block)
{
    return (block->flags & FILE_LARGE) != 0 ? FILE_SIZE + 8 : FILE_SIZE;
}

/* Where the checksum ends: an old comment lies behind the fields of the header it belongs to,
 * and has a checksum of its own. */
static uint64_t
checked_size(const Block *block)
{
    if (block->type == BLOCK_MAIN && (block->flags & MAIN_COMMENT) != 0)
        return MAIN_SIZE;
    if (block->type == BLOCK_FILE && (block->flags & FILE_COMMENT) != 0)
        return name_at(block) + sk_bytes_le16(block->header, 26) +
               ((block->flags & FILE_SALT) != 0 ? 8 : 0);
    return block->header.len;
}

static bool
is_sum(const Block *block, uint64_t size)
{
    SkBytes checked = sk_bytes_from(sk_bytes_slice(block->header, 0, size), 2);

    return (crc32_z(0, checked.data, checked.len) & 0xffff) == sk_bytes_le16(block->header, 0);
}

static uint64_t
data_size(const Block *block)
{
    uint64_t size = sk_bytes_le32(block->header, 7);

    if ((block->flags & FLAG_LONG) == 0 && !always_has_data(block->type))
        return 0;
    if (is_file_like(block->type) && (block->flags & FILE_LARGE) != 0)
        size |= (uint64_t)sk_bytes_le32(block->header, 32) << 32;
    return size;
}

static Block
read_block(SkBytes b, uint64_t at)
{
    uint16_t size = sk_bytes_le16(b, at + 5);
    Block block = {.header = sk_bytes_slice(b, at, size),
                   .type = sk_bytes_u8(b, at + 2),
                   .flags = sk_bytes_le16(b, at + 3)};

    block.is_whole = block.type >= BLOCK_MARK && block.type <= BLOCK_END && size >= 7 &&
                     block.header.len == size;
    if (block.is_whole && is_file_like(block.type))
        block.is_whole = size >= name_at(&block) + sk_bytes_le16(block.header, 26);
    if (!block.is_whole)
        block.wrong = "a header is cut short";
    else if (has_checksum(&block) && !is_sum(&block, block.header.len) &&
             !is_sum(&block, checked_size(&block)))
        block.wrong = "a header has a wrong checksum";
    block.data_size = data_size(&block);
    block.data = sk_bytes_slice(b, at + size, block.data_size);
    return block;
}

/* A name in two charsets: the old one, a NUL, and what to change in it to get UTF-16. */
typedef struct {
    SkBytes old;
    SkBytes code;
    uint64_t at; /* in code */
    uint8_t high;
    SkBuffer units;
} Name;

static uint8_t
next_code(Name *n)
{
    return sk_bytes_u8(n->code, n->at++);
}

static void
put_unit(Name *n, uint8_t low, uint8_t high)
{
    uint8_t unit[] = {low, high};

    (void)sk_buffer_append(&n->units, unit, sizeof unit);
}

/* A stretch of the old name, with something added to each byte or as it is. */
static void
put_stretch(Name *n)
{
    uint8_t length = next_code(n);
    bool is_changed = (length & 0x80) != 0;
    uint8_t change = is_changed ? next_code(n) : 0;

    for (unsigned left = (length & 0x7f) + 2u; left > 0; left--) {
        size_t at = n->units.len / 2;

        if (at >= n->old.len)
            return;
        put_unit(n, (uint8_t)(sk_bytes_u8(n->old, at) + change), is_changed ? n->high : 0);
    }
}

static void
put_coded(Name *n, uint8_t how)
{
    uint8_t low;

    if (how == 3) {
        put_stretch(n);
        return;
    }
    low = next_code(n);
    if (how == 0)
        put_unit(n, low, 0);
    else
        put_unit(n, low, how == 1 ? n->high : next_code(n));
}

static char *
decode_name(SkBytes old, SkBytes code)
{
    Name n = {.old = old, .code = code, .units = {.limit = 4 * UINT16_MAX}};
    char *name;

    n.high = next_code(&n);
    while (n.at < code.len) {
        uint8_t flags = next_code(&n);

        for (int shift = 6; shift >= 0 && n.at < code.len; shift -= 2)
            put_coded(&n, flags >> shift & 3);
    }
    name = sk_attach_decode_utf16le(sk_buffer_bytes(&n.units));
    sk_buffer_clear(&n.units);
    return name;
}

static char *
name_of(const Block *block)
{
    SkBytes raw =
        sk_bytes_slice(block->header, name_at(block), sk_bytes_le16(block->header, 26));
    size_t nul = sk_bytes_find(raw, "", 1, 0);

    if ((block->flags & FILE_UNICODE) == 0 || nul == SK_BYTES_NONE || nul + 1 >= raw.len)
        return sk_attach_decode_name(raw);
    return decode_name(sk_bytes_slice(raw, 0, nul), sk_bytes_from(raw, nul + 1));
}

/* How a block is encrypted that says it is; the version that unpacks it tells. */
static const char *
lock_of(const Block *block)
{
    uint8_t version = sk_bytes_u8(block->header, 24);

    if ((block->flags & FILE_ENCRYPTED) == 0)
        return NULL;
    if (version < 20)
        return "RAR 1.5 cipher";
    return version < 29 ? "RAR 2.0 cipher" : "AES-128";
}

static void
note_main(List *list, const Block *block)
{
    if ((block->flags & MAIN_VOLUME) == 0)
        return;
    list->rar.is_volume = true;
    list->rar.volume =
        (block->flags & MAIN_FIRST_VOLUME) != 0 ? "the first volume" : "a volume";
}

static bool
note_file(List *list, SkAttachScan *scan, const Block *block)
{
    SkBytes header = block->header;
    SkAttachListEntry entry = {.name = name_of(block),
                               .lock = lock_of(block),
                               .is_stored = sk_bytes_u8(header, 25) == METHOD_STORED,
                               .has_crc = true,
                               .crc = sk_bytes_le32(header, 16),
                               .size = sk_bytes_le32(header, 11),
                               .data = block->data};

    list->version = MAX(list->version, sk_bytes_u8(header, 24));
    if ((block->flags & FILE_LARGE) != 0)
        entry.size |= (uint64_t)sk_bytes_le32(header, 36) << 32;
    entry.is_folder =
        (block->flags & FILE_KIND) == FILE_KIND || (block->data_size == 0 && entry.size == 0);
    entry.is_part = (block->flags & (FILE_SPLIT_BEFORE | FILE_SPLIT_AFTER)) != 0;
    return sk_attach_list_add(&list->rar, scan, entry);
}

static bool
note_end(List *list, const Block *block)
{
    list->has_end = true;
    if ((block->flags & END_MORE_VOLUMES) != 0 && !list->rar.is_volume) {
        list->rar.is_volume = true;
        list->rar.volume = "more volumes follow";
    }
    return false;
}

/* Says whether there is more to read. */
static bool
take_block(List *list, SkAttachScan *scan, const Block *block)
{
    switch (block->type) {
    case BLOCK_MAIN:
        note_main(list, block);
        list->is_locked = (block->flags & MAIN_ENCRYPTED) != 0;
        return !list->is_locked;
    case BLOCK_FILE:
        return note_file(list, scan, block);
    case BLOCK_SERVICE:
        if (lock_of(block) != NULL)
            sk_attach_tally_add_other(&list->rar.tally, "comment", lock_of(block));
        return true;
    case BLOCK_END:
        return note_end(list, block);
    default:
        return true;
    }
}

static void
list_blocks(List *list, SkAttachScan *scan, SkAttachFile *file)
{
    uint64_t at = MARK_LEN;
    bool more = true;

    while (more && at < file->bytes.len && !sk_attach_is_over(scan, file)) {
        Block block = read_block(file->bytes, at);
        uint64_t data_at = at + block.header.len;

        more = block.is_whole && take_block(list, scan, &block);
        if (block.wrong != NULL)
            sk_attach_broken(scan, file, "%s", block.wrong);
        if (!block.is_whole)
            return;
        if (!list->is_locked && !sk_bytes_has(file->bytes, data_at, block.data_size)) {
            sk_attach_broken(scan, file, "it is cut short");
            return;
        }
        at = data_at + block.data_size;
    }
    /* RAR 3 and later write a last block; what is older just ends. */
    if (more && list->version >= 29)
        sk_attach_broken(scan, file, "it is cut short");
}

bool
sk_attach_rar4_is_at(SkBytes bytes, size_t at)
{
    Block block;

    if (!sk_bytes_is(bytes, at, MARK))
        return false;
    block = read_block(sk_bytes_from(bytes, at), MARK_LEN);
    return block.is_whole && block.wrong == NULL && block.type == BLOCK_MAIN;
}

static void
clear_list(List *list)
{
    sk_attach_list_clear(&list->rar);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(List, clear_list)

void
sk_attach_rar4_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(List) list = {.version = 0};

    sk_attach_list_init(&list.rar, SK_FINDING_ATTACH_ENCRYPTED_RAR);
    list_blocks(&list, scan, file);
    if (list.is_locked)
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_RAR,
                                  SK_ENCRYPTED_HEADERS, NULL, "AES-128, file names too");
    sk_attach_list_finish(&list.rar, scan, file, archive_read_support_format_rar);
}
