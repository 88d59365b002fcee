/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-cursor.h"
#include "attach/attach-decode.h"
#include "attach/attach-list.h"
#include "attach/attach-marker.h"

/* The format of RAR 5.0: www.rarlab.com/technote.htm */
#define MARK     "Rar!\x1a\x07\x01\x00"
#define MARK_LEN 8

enum {
    BLOCK_MAIN = 1,
    BLOCK_FILE = 2,
    BLOCK_SERVICE = 3, /* comment, quick open list, recovery record … */
    BLOCK_ENCRYPTION = 4,
    BLOCK_END = 5,
};

enum {
    FLAG_EXTRA = 0x01,
    FLAG_DATA = 0x02,
    FLAG_SPLIT_BEFORE = 0x08,
    FLAG_SPLIT_AFTER = 0x10,
    MAIN_VOLUME = 0x01,
    MAIN_VOLUME_NUMBER = 0x02,
    FILE_FOLDER = 0x01,
    FILE_TIME = 0x02,
    FILE_CRC = 0x04,
    FILE_SIZE_UNKNOWN = 0x08,
    END_MORE_VOLUMES = 0x01,
    EXTRA_ENCRYPTION = 0x01,
};

/* A header's size has three bytes at most; 2 MiB. */
#define MAX_HEADER (2 * 1024 * 1024)

typedef struct {
    uint64_t type;
    uint64_t flags;
    SkAttachCursor fields; /* those that the type has, up to the extra area */
    SkBytes extra;
    SkBytes data;      /* cut to what is there */
    uint64_t next;     /* where the block after it starts */
    const char *wrong; /* static, or NULL */
    bool extra_lies;   /* its size does: it is whatever lies behind the fields */
    bool is_whole;     /* it can be read, though something may be wrong */
} Block;

static uint32_t
checksum(SkBytes b)
{
    return (uint32_t)crc32_z(0, b.data, b.len);
}

/* Reads the sizes behind the type; HEADER begins with the type. B is the whole archive. */
static void
read_sizes(Block *block, SkBytes b, SkBytes header, uint64_t data_at)
{
    SkAttachCursor *c = &block->fields;
    uint64_t extra_size = 0, data_size = 0;

    *c = (SkAttachCursor){.b = header};
    block->type = sk_attach_cursor_vint(c);
    block->flags = sk_attach_cursor_vint(c);
    if ((block->flags & FLAG_EXTRA) != 0)
        extra_size = sk_attach_cursor_vint(c);
    if ((block->flags & FLAG_DATA) != 0)
        data_size = sk_attach_cursor_vint(c);
    if (c->bad)
        block->wrong = "a header's sizes cannot be read";
    block->is_whole = !c->bad;
    if (!block->is_whole)
        return;
    if (extra_size > sk_attach_cursor_left(c)) {
        /* Some readers do not mind, and see the encryption record behind the fields. */
        block->wrong = "a header's sizes contradict each other";
        block->extra_lies = true;
        extra_size = 0;
    }
    block->extra = sk_bytes_from(header, header.len - extra_size);
    c->b = sk_bytes_slice(header, 0, header.len - extra_size);
    block->data = sk_bytes_slice(b, data_at, data_size);
    if (__builtin_add_overflow(data_at, data_size, &block->next))
        block->next = UINT64_MAX;
}

static Block
read_block(SkBytes b, uint64_t at)
{
    SkAttachCursor c = {.b = sk_bytes_from(b, at)};
    uint32_t crc = sk_attach_cursor_u32(&c);
    uint64_t size = sk_attach_cursor_vint(&c);
    uint64_t header_at = c.at;
    Block block = {.next = UINT64_MAX};

    if (c.bad || size == 0 || size > MAX_HEADER || !sk_bytes_has(c.b, header_at, size)) {
        block.wrong = "a header is cut short";
        return block;
    }
    read_sizes(&block, b, sk_bytes_slice(c.b, header_at, size), at + header_at + size);
    if (block.wrong == NULL && checksum(sk_bytes_slice(c.b, 4, header_at - 4 + size)) != crc)
        block.wrong = "a header has a wrong checksum";
    return block;
}

/* Whether an extra record says that the block's data are encrypted. */
static bool
is_encrypted(Block *block)
{
    SkAttachCursor c = {.b = block->extra};

    while (sk_attach_cursor_left(&c) > 0 && !c.bad) {
        uint64_t size = sk_attach_cursor_vint(&c);
        SkAttachCursor record = {.b = sk_bytes_from(c.b, c.at)};

        /* The type counts even if the record claims to be longer than it can be. */
        if (sk_attach_cursor_vint(&record) == EXTRA_ENCRYPTION && !record.bad)
            return true;
        if (size == 0)
            c.bad = true;
        (void)sk_attach_cursor_take(&c, size);
    }
    if (c.bad && block->wrong == NULL)
        block->wrong = "an extra record is longer than its header";
    return false;
}

/* What the method says: how the block's data are packed. */
static void
read_method(SkAttachListEntry *entry, uint64_t method)
{
    uint64_t version = method & 0x3f;
    uint64_t level = method >> 7 & 7;

    entry->is_stored = level == 0;
    entry->is_unknown = !entry->is_stored && (version != 0 || level > 5); /* RAR 7 */
}

/* The fields a file and a service block share. */
static SkAttachListEntry
read_entry(Block *block)
{
    SkAttachCursor *c = &block->fields;
    uint64_t flags = sk_attach_cursor_vint(c);
    SkAttachListEntry entry = {.data = block->data, .has_crc = (flags & FILE_CRC) != 0};

    entry.size = sk_attach_cursor_vint(c);
    if ((flags & FILE_SIZE_UNKNOWN) != 0)
        entry.size = block->data.len;
    entry.is_folder = (flags & FILE_FOLDER) != 0 || (entry.size == 0 && block->data.len == 0);
    (void)sk_attach_cursor_vint(c); /* attributes */
    (void)sk_attach_cursor_take(c, (flags & FILE_TIME) != 0 ? 4 : 0);
    entry.crc = entry.has_crc ? sk_attach_cursor_u32(c) : 0;
    read_method(&entry, sk_attach_cursor_vint(c));
    (void)sk_attach_cursor_vint(c); /* operating system */
    entry.name = sk_attach_decode_name(sk_attach_cursor_take(c, sk_attach_cursor_vint(c)));
    if (c->bad && block->wrong == NULL)
        block->wrong = "a file's header is too short for its fields";
    if (block->extra_lies)
        block->extra = sk_bytes_from(c->b, c->at);
    entry.is_part = (block->flags & (FLAG_SPLIT_BEFORE | FLAG_SPLIT_AFTER)) != 0;
    entry.is_hidden = (block->flags & FLAG_SPLIT_BEFORE) != 0;
    entry.lock = is_encrypted(block) ? "AES-256" : NULL;
    return entry;
}

static void
note_volume(SkAttachList *rar, Block *block)
{
    uint64_t flags = sk_attach_cursor_vint(&block->fields);
    uint64_t number = 0;

    if ((flags & MAIN_VOLUME_NUMBER) != 0)
        number = sk_attach_cursor_vint(&block->fields);
    if ((flags & MAIN_VOLUME) == 0 && number == 0)
        return;
    rar->is_volume = true;
    rar->volume = number == 0 ? "the first volume" : "a later volume";
}

static void
note_service(SkAttachList *rar, Block *block)
{
    SkAttachListEntry entry = read_entry(block);

    if (entry.lock != NULL)
        sk_attach_tally_add_other(&rar->tally,
                                  strcmp(entry.name, "CMT") == 0 ? "comment" : "service data",
                                  entry.lock);
    g_free(entry.name);
}

/* Says whether there is more to read. */
static bool
take_block(SkAttachList *rar, SkAttachScan *scan, Block *block)
{
    switch (block->type) {
    case BLOCK_MAIN:
        note_volume(rar, block);
        return true;
    case BLOCK_FILE:
        return sk_attach_list_add(rar, scan, read_entry(block));
    case BLOCK_SERVICE:
        note_service(rar, block);
        return true;
    case BLOCK_END:
        if ((sk_attach_cursor_vint(&block->fields) & END_MORE_VOLUMES) != 0 &&
            !rar->is_volume) {
            rar->is_volume = true;
            rar->volume = "more volumes follow";
        }
        return false;
    default:
        return true;
    }
}

/* Lists the blocks. False: nothing after them can be read, for the headers are encrypted. */
static bool
list_blocks(SkAttachList *rar, SkAttachScan *scan, SkAttachFile *file)
{
    uint64_t at = MARK_LEN;
    bool more = true;

    while (more && !sk_attach_is_over(scan, file)) {
        Block block = read_block(file->bytes, at);

        /* Those of files are counted when they are listed. */
        if (block.type != BLOCK_FILE && !sk_budget_take_entry(sk_attach_budget(scan)))
            break;
        if (block.is_whole && block.type == BLOCK_ENCRYPTION)
            return false;
        more = block.is_whole && take_block(rar, scan, &block);
        if (block.wrong != NULL)
            sk_attach_broken(scan, file, "%s", block.wrong);
        if (block.is_whole && block.next > file->bytes.len) {
            sk_attach_broken(scan, file, "it is cut short");
            break;
        }
        at = block.next;
    }
    (void)sk_attach_is_over(scan, file);
    return true;
}

bool
sk_attach_rar5_is_at(SkBytes bytes, size_t at)
{
    Block block;

    if (!sk_bytes_is(bytes, at, MARK))
        return false;
    block = read_block(sk_bytes_from(bytes, at), MARK_LEN);
    return block.is_whole && block.wrong == NULL &&
           (block.type == BLOCK_MAIN || block.type == BLOCK_ENCRYPTION);
}

void
sk_attach_rar5_open(SkAttachScan *scan, SkAttachFile *file)
{
    g_auto(SkAttachList) rar;

    sk_attach_list_init(&rar, SK_FINDING_ATTACH_ENCRYPTED_RAR);
    if (!list_blocks(&rar, scan, file))
        sk_attach_state_encrypted(scan, file, SK_FINDING_ATTACH_ENCRYPTED_RAR,
                                  SK_ENCRYPTED_HEADERS, NULL, "AES-256, file names too");
    sk_attach_list_finish(&rar, scan, file, archive_read_support_format_rar5);
}
