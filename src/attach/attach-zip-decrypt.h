/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zip-decrypt - an encrypted entry of a ZIP, with a password
 *
 * libarchive decrypts ZipCrypto and WinZip AES. It is handed one entry at a time, as an archive
 * of its own whose lists are written here: in the real one it might believe other headers than
 * those that were read. Of the wrong passwords ZipCrypto takes one in 256 for right: only
 * content of the right size and checksum (or, of AES, with the right authentication code)
 * counts.
 *
 * Limits: the unpacker's budget.
 * Errors: none.
 * Security: runs in the inspector only.
 */

#include "attach/attach-zip-unpack.h"

typedef enum {
    SK_DECRYPT_OPENED,
    SK_DECRYPT_WRONG, /* or damaged */
    SK_DECRYPT_UNSUPPORTED,
    SK_DECRYPT_OVER, /* the budget or memory is spent */
} SkZipDecrypt;

/* Unpacks all of ENTRY, which is locked, into unpack->content. */
SkZipDecrypt sk_zip_decrypt(SkZipUnpack *unpack, const SkZipEntry *entry, const char *password);
