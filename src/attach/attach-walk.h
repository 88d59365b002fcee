/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-walk - the contents of an archive, unpacked by libarchive and judged in turn
 *
 * One format at a time, chosen by the caller who has recognised it: with all formats enabled
 * libarchive takes other formats for it, and one of its readers never returns from a certain
 * file. Whether something is encrypted is never asked of libarchive, which misses much.
 *
 * Limits: the scan's budget.
 * Errors: none; what libarchive says about damage is attach.broken.
 * Security: memory and time that libarchive takes within one step are the worker's limits.
 */

#include <archive.h>

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
    int (*format)(struct archive *archive);
    int (*filter)(struct archive *archive); /* or NULL; with one there is a single file */
    /* NULL: all entries are wanted, and are taken from the budget here. Whoever picks has
     * listed them; what is picked is read whole, since such archives are unpacked to be passed
     * over. */
    SkAttachPickFunc pick;
    void *data;
    const char *name; /* of the file behind a filter */
    /* Damage in one entry does not end it. libarchive's CAB reader, told to go on, follows a
     * null pointer (3.6.2). */
    bool persistent;
} SkAttachWalk;

/* Says how many entries it came to see; RET_BROKEN, which may be NULL, whether there was damage
 * (which was stated). */
uint32_t sk_attach_walk(SkAttachScan *scan,
                        SkAttachFile *file,
                        const SkAttachWalk *walk,
                        bool *ret_broken);
