/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zip-unpack - the content of a ZIP's entries, as much of it as is asked for
 *
 * Stored content is shown where it lies; DEFLATE is unpacked in steps, so that a head costs no
 * more than a head; other methods are unpacked whole through libarchive.
 *
 * Limits: the budget, of which one archive has one account: its packed bytes against all that
 * came out of it.
 * Security: packed bytes are hostile; checksum and size are compared once an entry is complete.
 */

#include <zlib.h>

#include "attach/attach-zip.h"

typedef enum {
    SK_UNPACK_PART,    /* there is more */
    SK_UNPACK_WHOLE,   /* complete, and what it should be */
    SK_UNPACK_BROKEN,  /* damaged: what is there may be shown */
    SK_UNPACK_UNKNOWN, /* a method that is not read here */
    SK_UNPACK_OVER,    /* the budget is spent */
} SkUnpackResult;

typedef struct {
    const SkZip *zip;
    const SkZipEntry *entry;
    z_stream stream;
    bool ready;       /* stream is initialised */
    uint64_t charged; /* bytes this archive has unpacked to so far */
    SkBuffer out;
    SkBytes content; /* of the entry so far; borrowed until the next call */
} SkZipUnpack;

void sk_zip_unpack_init(SkZipUnpack *unpack, const SkZip *zip);
void sk_zip_unpack_clear(SkZipUnpack *unpack);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkZipUnpack, sk_zip_unpack_clear)

/* Begins with ENTRY, which must be clear and have a local header. */
SkUnpackResult sk_zip_unpack_start(SkZipUnpack *unpack, const SkZipEntry *entry, size_t head);
/* Goes on until at least UNTIL bytes are there, or all. */
SkUnpackResult sk_zip_unpack_more(SkZipUnpack *unpack, size_t until);

/* "Deflate64". Static. */
const char *sk_zip_method_text(uint16_t method);

/* For attach-zip-method.c: methods other than stored and DEFLATE, at once. */
SkUnpackResult sk_zip_unpack_other(SkZipUnpack *unpack);
/* Complete content against what the directory says of it. */
SkUnpackResult sk_zip_unpack_verify(const SkZipUnpack *unpack);
