/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-7z-header - the list of contents of a 7z archive, unpacked and read
 *
 * A 7z archive keeps its list at the end, nearly always packed, sometimes encrypted. Files lie
 * in folders, which are chains of coders over packed streams; a folder is encrypted when one of
 * its coders is. Says what is there; what to think of it is attach-7z.c's.
 *
 * Limits: SK_ATTACH_7Z_LIST bytes of list, which are taken from the budget.
 * Errors: what is wrong with the list, as an English sentence.
 * Standards: 7zFormat.txt of the 7-Zip source.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

/* Bytes of an unpacked list. 20,000 files take about 2 MiB. */
#define SK_ATTACH_7Z_LIST (16 * 1024 * 1024)

typedef struct {
    uint32_t n_files; /* that lie in it, one after the other */
    uint8_t encrypted;
    uint8_t unknown; /* has a coder libarchive does not know */
} SkAttach7zFolder;

typedef enum {
    SK_ATTACH_7Z_OK,
    SK_ATTACH_7Z_BROKEN,
    SK_ATTACH_7Z_CUT,       /* the list would lie beyond the end of the file */
    SK_ATTACH_7Z_ENCRYPTED, /* the list is */
    SK_ATTACH_7Z_OVER,      /* the budget is spent */
} SkAttach7zResult;

typedef struct {
    SkBuffer list;    /* unpacked; the ranges below lie in it, or in the archive */
    SkBuffer folders; /* of SkAttach7zFolder */
    uint32_t n_folders;
    uint32_t n_files;
    SkBytes no_stream; /* a bit a file, the highest first: it has no content */
    SkBytes names;     /* UTF-16LE, each ended by a NUL */
    const char *wrong; /* static; NULL: nothing */
} SkAttach7zHeader;

void sk_attach_7z_header_init(SkAttach7zHeader *header);
void sk_attach_7z_header_clear(SkAttach7zHeader *header);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkAttach7zHeader, sk_attach_7z_header_clear)

/* Reads the list of ARCHIVE, which must outlive HEADER. */
SkAttach7zResult sk_attach_7z_header_read(SkAttach7zHeader *header,
                                          SkBytes archive,
                                          SkBudget *budget);

/* Folder I, which must be below n_folders. */
const SkAttach7zFolder *sk_attach_7z_header_folder(const SkAttach7zHeader *header, uint32_t i);
/* Whether file I has content, and so lies in a folder. */
bool sk_attach_7z_header_has_stream(const SkAttach7zHeader *header, uint32_t i);
