/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-rar - what the readers of RAR 1.5 to 4 and RAR 5 have in common
 *
 * They walk the headers themselves, for libarchive 3.6 sees no encryption in RAR 5, and stops
 * at headers that others read. What is stored is handed on as it lies there; what is packed is
 * unpacked by libarchive, entry for entry of their list.
 *
 * Limits: an entry of the budget for each that is added.
 */

#include "attach/attach-tally.h"
#include "attach/attach-walk.h"

typedef struct {
    SkAttachTally tally;
    GArray *entries;    /* of one listed file each, in order */
    bool is_volume;     /* said once, as attach.split */
    const char *volume; /* static: which one it is */
    bool is_unknown;    /* some entry is packed in a way libarchive does not know */
} SkAttachRar;

typedef struct {
    char *name;       /* owned */
    bool is_folder;   /* or anything else without content */
    bool is_part;     /* begins or ends in another volume */
    bool is_unknown;  /* packed in a way libarchive does not know */
    bool is_hidden;   /* libarchive does not show it */
    const char *lock; /* static: how it is encrypted; or NULL */
    /* of a file that is stored, not packed: */
    bool is_stored;
    bool has_crc;
    uint32_t crc;
    uint64_t size;
    SkBytes data; /* cut to what is there */
} SkAttachRarEntry;

void sk_attach_rar_init(SkAttachRar *rar);
void sk_attach_rar_clear(SkAttachRar *rar);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkAttachRar, sk_attach_rar_clear)

/* Takes ENTRY over, with its name. False: the budget has no more entries. */
bool sk_attach_rar_add(SkAttachRar *rar, SkAttachScan *scan, SkAttachRarEntry entry);

/* States what was listed, then opens what can be opened. */
void sk_attach_rar_finish(SkAttachRar *rar,
                          SkAttachScan *scan,
                          SkAttachFile *file,
                          int (*enable)(struct archive *));
