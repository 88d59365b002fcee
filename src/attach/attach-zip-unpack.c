/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zip-unpack.h"

#include "base/limit.h"

#define METHOD_STORED  0
#define METHOD_DEFLATE 8

/* Bytes unpacked between two looks at the budget. */
#define STEP (64u * 1024)

void
sk_zip_unpack_init(SkZipUnpack *unpack, const SkZip *zip)
{
    *unpack = (SkZipUnpack){.zip = zip};
    sk_buffer_init(&unpack->out, SK_LIMIT_UNPACKED);
}

void
sk_zip_unpack_clear(SkZipUnpack *unpack)
{
    if (unpack->ready)
        (void)inflateEnd(&unpack->stream);
    unpack->ready = false;
    sk_buffer_clear(&unpack->out);
}

static SkBytes
packed_bytes(const SkZipUnpack *unpack)
{
    return sk_bytes_slice(unpack->zip->bytes, unpack->entry->data, unpack->entry->packed);
}

static bool
charge(SkZipUnpack *unpack, uint64_t n)
{
    if (!sk_budget_take_bytes(unpack->zip->budget, n, unpack->zip->bytes.len,
                              unpack->charged) ||
        !sk_budget_check_time(unpack->zip->budget))
        return false;
    unpack->charged += n;
    return true;
}

/* COMPLETE content against what the directory says of it. Unsized entries say it behind their
 * data, where a lie would be as easy. */
SkUnpackResult
sk_zip_unpack_verify(const SkZipUnpack *unpack)
{
    const SkZipEntry *entry = unpack->entry;
    SkBytes got = unpack->content;

    if (entry->unsized)
        return SK_UNPACK_WHOLE;
    if (got.len != entry->size || crc32(0, got.data, (uInt)got.len) != entry->crc)
        return SK_UNPACK_BROKEN;
    return SK_UNPACK_WHOLE;
}

static bool
prepare(SkZipUnpack *unpack)
{
    SkBytes packed = packed_bytes(unpack);
    int status = unpack->ready ? inflateReset(&unpack->stream)
                               : inflateInit2(&unpack->stream, -MAX_WBITS);

    unpack->ready = status == Z_OK;
    unpack->stream.next_in = (Bytef *)packed.data;
    unpack->stream.avail_in = (uInt)packed.len;
    return unpack->ready;
}

/* One step of at most N bytes. */
static SkUnpackResult
inflate_step(SkZipUnpack *unpack, size_t n)
{
    z_stream *z = &unpack->stream;
    size_t made;
    int status;

    if (!sk_buffer_reserve(&unpack->out, n))
        return SK_UNPACK_OVER;
    z->next_out = unpack->out.data + unpack->out.len;
    z->avail_out = (uInt)n;
    status = inflate(z, Z_SYNC_FLUSH);
    made = n - z->avail_out;
    unpack->out.len += made;
    unpack->content = sk_buffer_bytes(&unpack->out);
    if (!charge(unpack, made))
        return SK_UNPACK_OVER;
    if (status == Z_STREAM_END)
        return z->avail_in == 0 || unpack->entry->unsized ? sk_zip_unpack_verify(unpack)
                                                          : SK_UNPACK_BROKEN;
    return status == Z_OK && made > 0 ? SK_UNPACK_PART : SK_UNPACK_BROKEN;
}

SkUnpackResult
sk_zip_unpack_more(SkZipUnpack *unpack, size_t until)
{
    SkUnpackResult result = SK_UNPACK_PART;

    while (result == SK_UNPACK_PART && unpack->out.len < until)
        result = inflate_step(unpack, MIN(until - unpack->out.len, STEP));
    return result;
}

static SkUnpackResult
start_stored(SkZipUnpack *unpack)
{
    SkBytes content = packed_bytes(unpack);

    unpack->content = content;
    if (!charge(unpack, content.len))
        return SK_UNPACK_OVER;
    if (unpack->entry->unsized)
        return SK_UNPACK_WHOLE;
    return content.len == unpack->entry->size ? SK_UNPACK_WHOLE : SK_UNPACK_BROKEN;
}

SkUnpackResult
sk_zip_unpack_start(SkZipUnpack *unpack, const SkZipEntry *entry, size_t head)
{
    unpack->entry = entry;
    unpack->content = sk_bytes("", 0);
    sk_buffer_reset(&unpack->out, SK_MIB);
    if (!sk_budget_take_unpacked(unpack->zip->budget))
        return SK_UNPACK_OVER;
    if (entry->method == METHOD_STORED)
        return start_stored(unpack);
    if (entry->method == METHOD_DEFLATE)
        return prepare(unpack) ? sk_zip_unpack_more(unpack, head) : SK_UNPACK_OVER;
    return sk_zip_unpack_other(unpack);
}

const char *
sk_zip_method_text(uint16_t method)
{
    switch (method) {
    case 1:
        return "Shrink";
    case 2:
    case 3:
    case 4:
    case 5:
        return "Reduce";
    case 6:
        return "Implode";
    case 9:
        return "Deflate64";
    case 10:
        return "PKWARE DCL Implode";
    case 12:
        return "bzip2";
    case 14:
        return "LZMA";
    case 16:
    case 18:
        return "IBM TERSE";
    case 19:
        return "IBM LZ77";
    case 20:
    case 93:
        return "Zstandard";
    case 94:
        return "MP3";
    case 95:
        return "XZ";
    case 96:
        return "JPEG";
    case 97:
        return "WavPack";
    case 98:
        return "PPMd";
    default:
        return "unknown";
    }
}
