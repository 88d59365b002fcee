/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-libarchive - the contents of an archive, unpacked by libarchive and judged in turn
 *
 * One format at a time, chosen by the caller who has recognised it: with all formats enabled
 * libarchive takes other formats for it, and one of its readers never returns from a certain
 * file. The archive is given as seekable memory; as a stream, libarchive reads the wrong end.
 *
 * Limits: the scan's budget: an entry at a time, 64 KiB at a time; time also on each read of
 * input. Errors: none; what libarchive says about damage is attach.broken.
 * Security: memory and time that libarchive takes within one step are the worker's limits.
 */

#include <archive.h>

#include <archive_entry.h>

#include "attach/attach-file.h"

typedef enum {
    SK_ATTACH_PICK_READ,
    SK_ATTACH_PICK_SKIP,
    SK_ATTACH_PICK_STOP, /* nothing more is wanted */
} SkAttachPick;

/* Says whether entry INDEX, counted from 0, is wanted, and may give it a better name (borrowed
 * until the next call). */
typedef SkAttachPick (*SkAttachPickFunc)(uint32_t index, void *data, const char **ret_name);

typedef struct {
    /* What is stated of an entry that libarchive itself calls encrypted. It is not asked when
     * the caller picks: it takes an encrypted comment for the file behind it. */
    SkFindingId encrypted;
    /* NULL: all entries are wanted, and are taken from the budget here; whoever picks has
     * listed and taken them. */
    SkAttachPickFunc pick;
    void *data;
} SkAttachWalk;

/* ENABLE is one or more archive_read_support_format_*(). Says how many entries it came to see;
 * RET_BROKEN, which may be NULL, whether it stopped at damage (which was stated). */
uint32_t sk_attach_libarchive_walk(SkAttachScan *scan,
                                   SkAttachFile *file,
                                   int (*enable)(struct archive *),
                                   const SkAttachWalk *walk,
                                   bool *ret_broken);
