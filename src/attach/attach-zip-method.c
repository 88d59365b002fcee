/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The compression methods that zlib does not know. bzip2, XZ and Zstandard entries are streams
 * of those formats; LZMA's begins with other words than an .lzma file, so those are put before
 * it; PPMd is handed over as an archive of one entry.
 */

#include <glib.h>

#include "attach/attach-library.h"
#include "attach/attach-zip-unpack.h"

/* Version of the writer, length of the properties (5), the properties. */
#define LZMA_HEAD  9
#define LOCAL_SIZE 30

enum {
    METHOD_BZIP2 = 12,
    METHOD_LZMA = 14,
    METHOD_ZSTD_OLD = 20,
    METHOD_ZSTD = 93,
    METHOD_XZ = 95,
    METHOD_PPMD = 98,
};

static void
put_le32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

/* libarchive believes an .lzma header only if the dictionary is a power of two; a larger one
 * than was used does no harm, and one larger than the file is never used. */
static uint32_t
dictionary_size(uint64_t stated, uint64_t size)
{
    uint32_t power = 1u << 12;

    while (power < MIN(stated, size) && power < 1u << 27)
        power += power;
    return power;
}

/* An .lzma header: properties, and the size, unknown if the entry ends with a mark. */
static bool
prepare_lzma(const SkZipUnpack *unpack, SkLibrarySource *source, uint8_t *head)
{
    SkBytes packed = source->second;
    bool marked = (unpack->entry->flags & 2) != 0;

    if (sk_bytes_le16(packed, 2) != 5 || packed.len < LZMA_HEAD)
        return false;
    head[0] = packed.data[4];
    put_le32(head + 1, dictionary_size(sk_bytes_le32(packed, 5), unpack->entry->size));
    put_le32(head + 5, marked ? UINT32_MAX : (uint32_t)unpack->entry->size);
    put_le32(head + 9, marked ? UINT32_MAX : (uint32_t)(unpack->entry->size >> 32));
    source->first = sk_bytes(head, 13);
    source->second = sk_bytes_from(packed, LZMA_HEAD);
    return true;
}

/* A local header with an empty name and true sizes. */
static bool
prepare_ppmd(const SkZipUnpack *unpack, SkLibrarySource *source, uint8_t *head)
{
    memset(head, 0, LOCAL_SIZE + 1);
    memcpy(head, "PK\3\4\x3f", 5);
    head[8] = (uint8_t)unpack->entry->method;
    put_le32(head + 14, unpack->entry->crc);
    put_le32(head + 18, (uint32_t)source->second.len);
    put_le32(head + 22, (uint32_t)unpack->entry->size);
    head[26] = 1;
    head[LOCAL_SIZE] = 'x';
    source->first = sk_bytes(head, LOCAL_SIZE + 1);
    return unpack->entry->size < UINT32_MAX;
}

/* A filter that was left out of this libarchive would be a program: ARCHIVE_WARN, refused. */
static bool
enable(struct archive *archive, uint16_t method)
{
    switch (method) {
    case METHOD_BZIP2:
        return archive_read_support_filter_bzip2(archive) == ARCHIVE_OK;
    case METHOD_LZMA:
        return archive_read_support_filter_lzma(archive) == ARCHIVE_OK;
    case METHOD_ZSTD:
    case METHOD_ZSTD_OLD:
        return archive_read_support_filter_zstd(archive) == ARCHIVE_OK;
    case METHOD_XZ:
        return archive_read_support_filter_xz(archive) == ARCHIVE_OK;
    default:
        return archive_read_support_format_zip_streamable(archive) == ARCHIVE_OK;
    }
}

static SkUnpackResult
pump(SkZipUnpack *unpack, struct archive *archive)
{
    SkLibraryMeter meter = {unpack->zip->budget, unpack->zip->bytes.len, unpack->charged};
    SkLibraryResult result = sk_library_read(archive, &meter, SIZE_MAX, &unpack->out);

    unpack->charged = meter.made;
    unpack->content = sk_buffer_bytes(&unpack->out);
    if (result == SK_LIBRARY_OVER)
        return SK_UNPACK_OVER;
    return result == SK_LIBRARY_WHOLE ? sk_zip_unpack_verify(unpack) : SK_UNPACK_BROKEN;
}

static SkUnpackResult
unpack_source(SkZipUnpack *unpack, SkLibrarySource *source)
{
    sk_autoarchive struct archive *archive = sk_library_new();
    struct archive_entry *entry;

    if (archive == NULL)
        return SK_UNPACK_OVER;
    if (!enable(archive, unpack->entry->method))
        return SK_UNPACK_UNKNOWN;
    if (unpack->entry->method != METHOD_PPMD)
        (void)archive_read_support_format_raw(archive);
    if (!sk_library_open(archive, source) ||
        archive_read_next_header(archive, &entry) != ARCHIVE_OK)
        return SK_UNPACK_BROKEN;
    return pump(unpack, archive);
}

SkUnpackResult
sk_zip_unpack_other(SkZipUnpack *unpack)
{
    uint8_t head[LOCAL_SIZE + 1];
    SkLibrarySource source = {
        .first = sk_bytes("", 0),
        .budget = unpack->zip->budget,
        .second =
            sk_bytes_slice(unpack->zip->bytes, unpack->entry->data, unpack->entry->packed),
    };

    switch (unpack->entry->method) {
    case METHOD_BZIP2:
    case METHOD_ZSTD:
    case METHOD_ZSTD_OLD:
    case METHOD_XZ:
        return unpack_source(unpack, &source);
    case METHOD_LZMA:
        return prepare_lzma(unpack, &source, head) ? unpack_source(unpack, &source)
                                                   : SK_UNPACK_BROKEN;
    case METHOD_PPMD:
        return prepare_ppmd(unpack, &source, head) ? unpack_source(unpack, &source)
                                                   : SK_UNPACK_UNKNOWN;
    default:
        return SK_UNPACK_UNKNOWN;
    }
}
