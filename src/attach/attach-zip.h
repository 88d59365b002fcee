/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zip - what a ZIP archive holds, by every way there is to read it
 *
 * Programs disagree about a ZIP: some believe the directory at its end, some the header before
 * each file, some the first directory, some the last. So all are read: every directory that
 * works, and in what no directory accounts for, the local headers. Where they contradict each
 * other that is a fact of its own, and a file is locked if any of them says so.
 *
 * Limits: entries and time from the budget; SK_ZIP_DIRECTORIES directories.
 * Errors: none: what cannot be read is told in `broken` and `odd`.
 * Security: all bytes are hostile. The entries are read even where nothing is unpacked.
 * Standards: PKWARE APPNOTE 6.3.10; WinZip AE-1 and AE-2; Info-ZIP extra fields.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

#define SK_ZIP_DIRECTORIES 16

typedef enum {
    SK_ZIP_CLEAR,
    SK_ZIP_CLASSIC,     /* bit 0: PKWARE's first, "ZipCrypto" */
    SK_ZIP_AES,         /* method 99 */
    SK_ZIP_STRONG,      /* bit 6 */
    SK_ZIP_CERTIFICATE, /* strong encryption for recipients: there is no password */
    SK_ZIP_MASKED,      /* bit 13: the directory is encrypted too */
} SkZipLock;

enum {
    SK_ZIP_FLAG_LOCKED = 1 << 0,
    SK_ZIP_FLAG_DESCRIPTOR = 1 << 3,
    SK_ZIP_FLAG_STRONG = 1 << 6,
    SK_ZIP_FLAG_UTF8 = 1 << 11,
    SK_ZIP_FLAG_MASKED = 1 << 13,
};

typedef struct {
    SkBytes name; /* as it stands there */
    SkBytes extra;
    size_t local;    /* where its local header is, or SK_BYTES_NONE */
    size_t data;     /* where its data begins, if there is a local header */
    uint64_t packed; /* bytes of data */
    uint64_t size;
    uint32_t crc;
    uint16_t flags;
    uint16_t method;
    SkZipLock lock;
    bool listed;  /* in a directory */
    bool unsized; /* no directory lists it, and its header leaves the sizes open */
    bool cut;     /* its data goes beyond the end of the file */
} SkZipEntry;

typedef struct {
    SkBytes bytes;
    SkBudget *budget;
    SkBuffer entries; /* of SkZipEntry */
    SkBuffer spans;   /* what is accounted for */
    unsigned directories;
    bool masked;        /* a directory is encrypted */
    bool split;         /* one volume of several */
    const char *odd;    /* the first contradiction; static; or NULL */
    SkBytes odd_name;   /* of the entry it is about; empty: the archive */
    const char *broken; /* the first damage; static; or NULL */
    SkBytes broken_name;
} SkZip;

/* Whether a directory that works ends the file: how a ZIP behind something else is known. */
bool sk_attach_zip_has_directory(SkBytes bytes);

/* The first local header of a locked file, or SK_BYTES_NONE: how one is known whose directory
 * was cut off. Some programs search for it, and unpack what follows. */
size_t sk_attach_zip_find_locked(SkBytes bytes);

/* Reads what BYTES list; the result borrows them. */
void sk_zip_read(SkZip *zip, SkBytes bytes, SkBudget *budget);
void sk_zip_clear(SkZip *zip);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkZip, sk_zip_clear)

size_t sk_zip_count(const SkZip *zip);
const SkZipEntry *sk_zip_peek(const SkZip *zip, size_t i);

/* Whether it is a file with something in it: directories and empty files cannot be locked. */
bool sk_zip_entry_is_file(const SkZipEntry *entry);
/* "WinZip AES-256". Static. */
const char *sk_zip_entry_lock_text(const SkZipEntry *entry);
/* UTF-8. Caller owns. */
char *sk_zip_entry_name_dup(const SkZipEntry *entry);
