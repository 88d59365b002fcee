/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-list - the files of an archive whose headers are read here
 *
 * RAR, ARJ and ACE: libarchive does not know the last two, and of RAR 5 it sees no encryption
 * and stops at headers that others read. What is stored is handed on as it lies there; what is
 * packed is unpacked by libarchive, entry for entry of the list, or not opened.
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
    const char *method; /* static: which way, for people; or NULL */
} SkAttachList;

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
} SkAttachListEntry;

/* ENCRYPTED is what is stated of encrypted files. */
void sk_attach_list_init(SkAttachList *list, SkFindingId encrypted);
void sk_attach_list_clear(SkAttachList *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkAttachList, sk_attach_list_clear)

/* Takes ENTRY over, with its name. False: the budget has no more entries. */
bool sk_attach_list_add(SkAttachList *list, SkAttachScan *scan, SkAttachListEntry entry);

/* States what was listed, then opens what can be opened. ENABLE may be NULL: nothing that is
 * packed can. */
void sk_attach_list_finish(SkAttachList *list,
                           SkAttachScan *scan,
                           SkAttachFile *file,
                           int (*enable)(struct archive *));
