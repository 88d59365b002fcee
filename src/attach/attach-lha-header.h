/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-lha-header - the header before each file of an LHA archive
 *
 * libarchive unpacks LHA's methods, but gives up at the first name it cannot convert, and names
 * in LHA archives are CP932 nearly always. So the headers are read here.
 *
 * Errors: false: no header, or the end mark.
 */

#include "base/bytes.h"

typedef struct {
    SkBytes method; /* "-lh5-" */
    SkBytes name;   /* raw; empty for a folder of level 2 */
    SkBytes folder; /* raw, 0xFF between its parts */
    SkBytes wide;   /* UTF-16LE, takes the place of NAME; or empty */
    SkBytes packed;
    uint64_t size;
    uint16_t crc;
    bool cut; /* goes beyond the end of the file */
    size_t next;
} SkLhaEntry;

bool sk_lha_read(SkBytes bytes, size_t at, SkLhaEntry *ret_entry);

/* Caller owns. */
char *sk_lha_name_dup(const SkLhaEntry *entry);
