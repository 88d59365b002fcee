/* SPDX-License-Identifier: Apache-2.0 */
#include <zlib.h>

#include "attach/attach-decode.h"
#include "attach/attach-zip-walk.h"

#define EXTRA_ZIP64        0x0001
#define EXTRA_STRONG       0x0017
#define EXTRA_UNICODE_PATH 0x7075
#define EXTRA_AES          0x9901

#define METHOD_AES 99

/* Encryption headers: 12 bytes of ZipCrypto, at most 28 of WinZip AES. An entry that packs to
 * no more than that is empty. */
#define LOCK_OVERHEAD 28

SkBytes
sk_zip_extra_find(SkBytes extra, uint16_t id)
{
    for (size_t at = 0; sk_bytes_has(extra, at, 4); at += 4u + sk_bytes_le16(extra, at + 2)) {
        if (sk_bytes_le16(extra, at) == id)
            return sk_bytes_slice(extra, at + 4, sk_bytes_le16(extra, at + 2));
    }
    return sk_bytes_from(extra, extra.len);
}

static void
widen_one(SkBytes extra, size_t *at, uint64_t *value)
{
    if (*value != UINT32_MAX || !sk_bytes_has(extra, *at, 8))
        return;
    *value = sk_bytes_le64(extra, *at);
    *at += 8;
}

void
sk_zip_entry_widen(SkZipEntry *entry, uint64_t *offset)
{
    SkBytes extra = sk_zip_extra_find(entry->extra, EXTRA_ZIP64);
    size_t at = 0;

    widen_one(extra, &at, &entry->size);
    widen_one(extra, &at, &entry->packed);
    widen_one(extra, &at, offset);
}

/* The strong encryption header says whether a password, certificates, or either opens it. */
static SkZipLock
strong_lock(const SkZipEntry *entry)
{
    SkBytes header = sk_zip_extra_find(entry->extra, EXTRA_STRONG);

    return sk_bytes_le16(header, 6) == 2 ? SK_ZIP_CERTIFICATE : SK_ZIP_STRONG;
}

SkZipLock
sk_zip_entry_lock(const SkZipEntry *entry)
{
    if ((entry->flags & SK_ZIP_FLAG_MASKED) != 0)
        return SK_ZIP_MASKED;
    if (entry->method == METHOD_AES)
        return SK_ZIP_AES;
    if ((entry->flags & SK_ZIP_FLAG_STRONG) != 0 ||
        sk_zip_extra_find(entry->extra, EXTRA_STRONG).len > 0)
        return strong_lock(entry);
    return (entry->flags & SK_ZIP_FLAG_LOCKED) != 0 ? SK_ZIP_CLASSIC : SK_ZIP_CLEAR;
}

static const char *
aes_text(const SkZipEntry *entry)
{
    switch (sk_bytes_u8(sk_zip_extra_find(entry->extra, EXTRA_AES), 4)) {
    case 1:
        return "WinZip AES-128";
    case 2:
        return "WinZip AES-192";
    case 3:
        return "WinZip AES-256";
    default:
        return "WinZip AES";
    }
}

const char *
sk_zip_entry_lock_text(const SkZipEntry *entry)
{
    switch (entry->lock) {
    case SK_ZIP_CLASSIC:
        return "ZipCrypto";
    case SK_ZIP_AES:
        return aes_text(entry);
    case SK_ZIP_STRONG:
        return "PKWARE strong encryption";
    case SK_ZIP_CERTIFICATE:
        return "PKWARE encryption for the owners of certificates; there is no password";
    case SK_ZIP_MASKED:
        return "PKWARE encryption of the directory";
    default:
        return "not encrypted";
    }
}

bool
sk_zip_entry_is_file(const SkZipEntry *entry)
{
    bool named_folder = entry->name.len > 0 && entry->name.data[entry->name.len - 1] == '/';

    if (!entry->unsized && entry->packed > LOCK_OVERHEAD)
        return true;
    return !named_folder && (entry->size > 0 || entry->unsized);
}

/* Info-ZIP's Unicode path: it counts only while its checksum is that of the plain name, since
 * a program that renames without knowing of it leaves it behind. */
static SkBytes
unicode_name(const SkZipEntry *entry)
{
    SkBytes field = sk_zip_extra_find(entry->extra, EXTRA_UNICODE_PATH);

    if (field.len > 5 && sk_bytes_u8(field, 0) == 1 &&
        sk_bytes_le32(field, 1) == crc32(0, entry->name.data, (uInt)entry->name.len))
        return sk_bytes_from(field, 5);
    return entry->name;
}

char *
sk_zip_entry_name_dup(const SkZipEntry *entry)
{
    return sk_attach_decode_name(unicode_name(entry));
}
