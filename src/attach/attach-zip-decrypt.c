/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zip-decrypt.h"

#include <glib.h>

#include "attach/attach-library.h"
#include "attach/attach-zip-walk.h"
#include "base/limit.h"

#define LOCAL_SIZE   30
#define CENTRAL_SIZE 46
#define END_SIZE     22

#define EXTRA_AES 0x9901
/* What an AES entry has in it: version, vendor, strength, method. */
#define AES_FIELD 7

/* Fields that stand in local header and directory alike, from "version needed" on. */
static void
put_common(SkBuffer *out, const SkZip *zip, const SkZipEntry *entry, size_t extra)
{
    /* The time stays: of entries with a descriptor, its high byte is the password's check. */
    SkBytes times = sk_bytes_slice(zip->bytes, entry->local + 10, 4);
    uint32_t packed = GUINT32_TO_LE((uint32_t)entry->packed);
    uint32_t size = GUINT32_TO_LE((uint32_t)entry->size), crc = GUINT32_TO_LE(entry->crc);
    uint16_t flags = GUINT16_TO_LE(entry->flags), method = GUINT16_TO_LE(entry->method);
    uint16_t name = GUINT16_TO_LE(1), field = GUINT16_TO_LE((uint16_t)extra);

    (void)sk_buffer_append(out, "\x33\0", 2);
    (void)sk_buffer_append(out, &flags, 2);
    (void)sk_buffer_append(out, &method, 2);
    (void)sk_buffer_append(out, times.data, times.len);
    (void)sk_buffer_append(out, &crc, 4);
    (void)sk_buffer_append(out, &packed, 4);
    (void)sk_buffer_append(out, &size, 4);
    (void)sk_buffer_append(out, &name, 2);
    (void)sk_buffer_append(out, &field, 2);
}

static void
put_extra(SkBuffer *out, SkBytes aes)
{
    (void)sk_buffer_append(out, "x", 1);
    if (aes.len == 0)
        return;
    (void)sk_buffer_append(out, "\x01\x99\x07\0", 4);
    (void)sk_buffer_append(out, aes.data, AES_FIELD);
}

static void
put_end(SkBuffer *out, size_t directory)
{
    uint32_t at = GUINT32_TO_LE((uint32_t)directory);
    uint32_t len = GUINT32_TO_LE((uint32_t)(out->len - directory));

    (void)sk_buffer_append(out, "PK\5\6\0\0\0\0\1\0\1\0", 12);
    (void)sk_buffer_append(out, &len, 4);
    (void)sk_buffer_append(out, &at, 4);
    (void)sk_buffer_append(out, "\0\0", 2);
}

/* An archive of ENTRY alone, with true sizes. */
static bool
wrap(const SkZip *zip, const SkZipEntry *entry, SkBytes aes, SkBuffer *out)
{
    SkBytes data = sk_bytes_slice(zip->bytes, entry->data, entry->packed);
    size_t extra = aes.len > 0 ? 4 + AES_FIELD : 0, directory;

    sk_buffer_init(out, data.len + LOCAL_SIZE + CENTRAL_SIZE + END_SIZE + 2 + 2 * extra);
    if (!sk_buffer_reserve(out, out->limit))
        return false;
    (void)sk_buffer_append(out, "PK\3\4", 4);
    put_common(out, zip, entry, extra);
    put_extra(out, aes);
    (void)sk_buffer_append(out, data.data, data.len);
    directory = out->len;
    (void)sk_buffer_append(out, "PK\1\2\x33\0", 6);
    put_common(out, zip, entry, extra);
    (void)sk_buffer_append(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 14);
    put_extra(out, aes);
    put_end(out, directory);
    return !out->full;
}

/* libarchive decrypts what is stored or packed by DEFLATE, no other method. */
static bool
is_method(uint16_t method)
{
    return method == 0 || method == 8;
}

static bool
is_supported(const SkZipEntry *entry, SkBytes aes)
{
    if (entry->local == SK_BYTES_NONE || entry->unsized || entry->cut ||
        entry->packed >= UINT32_MAX || entry->size >= UINT32_MAX)
        return false;
    if (entry->lock == SK_ZIP_AES)
        return aes.len == AES_FIELD && is_method(sk_bytes_le16(aes, 5));
    return entry->lock == SK_ZIP_CLASSIC && is_method(entry->method);
}

/* AE-2 stores no checksum: its authentication code, which libarchive compares, stands for it.
 */
static bool
is_right(const SkZipUnpack *unpack, SkBytes aes)
{
    if (aes.len > 0 && sk_bytes_le16(aes, 0) == 2)
        return unpack->content.len == unpack->entry->size;
    return sk_zip_unpack_verify(unpack) == SK_UNPACK_WHOLE;
}

static SkZipDecrypt
pump(SkZipUnpack *unpack, struct archive *archive, SkBytes aes)
{
    SkLibraryMeter meter = {unpack->zip->budget, unpack->zip->bytes.len, unpack->charged};
    SkLibraryResult result = sk_library_read(archive, &meter, SIZE_MAX, &unpack->out);

    unpack->charged = meter.made;
    unpack->content = sk_buffer_bytes(&unpack->out);
    if (result == SK_LIBRARY_OVER || unpack->zip->budget->spent != SK_BUDGET_OK)
        return SK_DECRYPT_OVER;
    return result == SK_LIBRARY_WHOLE && is_right(unpack, aes) ? SK_DECRYPT_OPENED
                                                               : SK_DECRYPT_WRONG;
}

SkZipDecrypt
sk_zip_decrypt(SkZipUnpack *unpack, const SkZipEntry *entry, const char *password)
{
    SkBytes aes = entry->lock == SK_ZIP_AES ? sk_zip_extra_find(entry->extra, EXTRA_AES)
                                            : sk_bytes("", 0);
    sk_autoarchive struct archive *archive = sk_library_new();
    SkLibrarySource source = {.second = sk_bytes("", 0), .budget = unpack->zip->budget};
    g_auto(SkBuffer) wrapped = {0};
    struct archive_entry *header;

    unpack->entry = entry;
    unpack->content = sk_bytes("", 0);
    sk_buffer_reset(&unpack->out, SK_MIB);
    if (!is_supported(entry, aes))
        return SK_DECRYPT_UNSUPPORTED;
    if (archive == NULL || !sk_budget_take_unpacked(unpack->zip->budget) ||
        !wrap(unpack->zip, entry, aes, &wrapped))
        return SK_DECRYPT_OVER;
    source.first = sk_buffer_bytes(&wrapped);
    if (archive_read_support_format_zip_seekable(archive) != ARCHIVE_OK ||
        archive_read_add_passphrase(archive, password) != ARCHIVE_OK ||
        !sk_library_open(archive, &source) ||
        archive_read_next_header(archive, &header) != ARCHIVE_OK)
        return SK_DECRYPT_WRONG;
    return pump(unpack, archive, aes);
}
