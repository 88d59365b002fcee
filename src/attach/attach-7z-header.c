/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-7z-header.h"

#include <zlib.h>

#include "attach/attach-7z-streams.h"
#include "attach/attach-marker.h"

enum {
    ID_END = 0x00,
    ID_HEADER = 0x01,
    ID_ARCHIVE_PROPERTIES = 0x02,
    ID_ADDITIONAL_STREAMS = 0x03,
    ID_MAIN_STREAMS = 0x04,
    ID_FILES_INFO = 0x05,
    ID_EMPTY_STREAM = 0x0e,
    ID_NAMES = 0x11,
    ID_ENCODED_HEADER = 0x17,
};

#define SIGNATURE_HEADER 32
/* A packed list may hold a packed list; 7-Zip writes one level. */
#define MAX_LEVELS 4

void
sk_attach_7z_header_init(SkAttach7zHeader *header)
{
    *header = (SkAttach7zHeader){0};
    sk_buffer_init(&header->list, SK_ATTACH_7Z_LIST);
    sk_buffer_init(&header->folders, SK_ATTACH_7Z_FOLDERS * sizeof(SkAttach7zFolder));
}

void
sk_attach_7z_header_clear(SkAttach7zHeader *header)
{
    sk_buffer_clear(&header->list);
    sk_buffer_clear(&header->folders);
}

bool
sk_attach_7z_is_at(SkBytes bytes, size_t at)
{
    SkBytes b = sk_bytes_from(bytes, at);

    return sk_bytes_is(b, 0, "7z\xbc\xaf\x27\x1c") && b.len >= SIGNATURE_HEADER &&
           crc32(0, b.data + 12, 20) == sk_bytes_le32(b, 8);
}

static SkAttach7zResult
broken(SkAttach7zHeader *header, const char *wrong)
{
    header->wrong = wrong;
    return SK_ATTACH_7Z_BROKEN;
}

static void
skip_properties(SkAttachCursor *c)
{
    while (!c->bad && sk_attach_7z_number(c) != ID_END)
        (void)sk_attach_cursor_take(c, sk_attach_7z_number(c));
}

static void
read_files(SkAttach7zHeader *header, SkAttachCursor *c)
{
    uint64_t n = sk_attach_7z_number(c);
    uint64_t id;

    /* A file without a name still has a bit that says it is empty, or lies in a folder. */
    if (n > 8 * (uint64_t)SK_ATTACH_7Z_LIST)
        c->bad = true;
    header->n_files = (uint32_t)n;
    while (!c->bad && (id = sk_attach_7z_number(c)) != ID_END) {
        SkBytes value = sk_attach_cursor_take(c, sk_attach_7z_number(c));

        if (id == ID_EMPTY_STREAM)
            header->no_stream = value;
        if (id == ID_NAMES && sk_bytes_u8(value, 0) == 0)
            header->names = sk_bytes_from(value, 1);
    }
}

static void
read_main_streams(SkAttach7zHeader *header, SkAttachCursor *c, SkAttach7zStreams *streams)
{
    header->folders.len = 0;
    sk_attach_7z_streams_read(c, &header->folders, streams);
    header->n_folders = (uint32_t)(header->folders.len / sizeof(SkAttach7zFolder));
}

static SkAttach7zResult
read_list(SkAttach7zHeader *header, SkAttachCursor *c)
{
    SkAttach7zStreams streams = {0};
    uint64_t id;

    while (!c->bad && (id = sk_attach_7z_number(c)) != ID_END) {
        if (id == ID_ARCHIVE_PROPERTIES)
            skip_properties(c);
        else if (id == ID_ADDITIONAL_STREAMS || id == ID_MAIN_STREAMS)
            read_main_streams(header, c, &streams);
        else if (id == ID_FILES_INFO)
            read_files(header, c);
        else
            c->bad = true;
    }
    return c->bad ? broken(header, "its list cannot be read") : SK_ATTACH_7Z_OK;
}

/* Unpacks the list that the StreamsInfo at C describes, and points C to it. */
static SkAttach7zResult
unpack_list(SkAttach7zHeader *header, SkBytes archive, SkBudget *budget, SkAttachCursor *c)
{
    SkAttach7zStreams streams;
    SkBuffer list = {.limit = SK_ATTACH_7Z_LIST};
    bool unpacked;

    read_main_streams(header, c, &streams);
    if (c->bad || header->n_folders != 1)
        return broken(header, "it is not said how its list is packed");
    if (sk_attach_7z_header_folder(header, 0)->encrypted)
        return SK_ATTACH_7Z_ENCRYPTED;
    if (streams.size <= list.limit &&
        !sk_budget_take_bytes(budget, streams.size, streams.pack_size, 0))
        return SK_ATTACH_7Z_OVER;
    unpacked = sk_attach_7z_unpack(&streams, archive, &list, &header->wrong);
    sk_buffer_clear(&header->list);
    header->list = list;
    header->n_folders = 0;
    *c = (SkAttachCursor){.b = sk_buffer_bytes(&header->list)};
    return unpacked ? SK_ATTACH_7Z_OK : SK_ATTACH_7Z_BROKEN;
}

static SkAttach7zResult
read_levels(SkAttach7zHeader *header, SkBytes archive, SkBytes list, SkBudget *budget)
{
    SkAttachCursor c = {.b = list};

    for (unsigned level = 0; level < MAX_LEVELS; level++) {
        uint64_t id = sk_attach_7z_number(&c);
        SkAttach7zResult result;

        if (id == ID_HEADER)
            return read_list(header, &c);
        if (id != ID_ENCODED_HEADER)
            return broken(header, "its list is of no known kind");
        result = unpack_list(header, archive, budget, &c);
        if (result != SK_ATTACH_7Z_OK)
            return result;
    }
    return broken(header, "its list is packed too many times");
}

SkAttach7zResult
sk_attach_7z_header_read(SkAttach7zHeader *header, SkBytes archive, SkBudget *budget)
{
    uint64_t at = sk_bytes_le64(archive, 12), size = sk_bytes_le64(archive, 20);
    SkBytes body = sk_bytes_from(archive, SIGNATURE_HEADER);
    SkBytes list = sk_bytes_slice(body, at, size);

    if (!sk_attach_7z_is_at(archive, 0))
        return broken(header, "its first header has a wrong checksum");
    if (size == 0)
        return SK_ATTACH_7Z_OK;
    if (!sk_bytes_has(body, at, size)) {
        header->wrong = "its list lies beyond its end";
        return SK_ATTACH_7Z_CUT;
    }
    if (crc32_z(0, list.data, list.len) != sk_bytes_le32(archive, 28))
        return broken(header, "its list has a wrong checksum");
    return read_levels(header, archive, list, budget);
}

const SkAttach7zFolder *
sk_attach_7z_header_folder(const SkAttach7zHeader *header, uint32_t i)
{
    g_assert(i < header->n_folders);
    return (const SkAttach7zFolder *)(const void *)header->folders.data + i;
}

bool
sk_attach_7z_header_has_stream(const SkAttach7zHeader *header, uint32_t i)
{
    return (sk_bytes_u8(header->no_stream, i / 8) & 0x80 >> i % 8) == 0;
}
