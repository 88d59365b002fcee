/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-ole-chain - sectors and their chains, for the two files attach-ole*.c
 */

#include "attach/attach-ole.h"

/* Sector numbers from here on are marks: end of chain, free, table sectors. */
#define SK_OLE_MAX_SECTOR   0xFFFFFFFAu
#define SK_OLE_END_OF_CHAIN 0xFFFFFFFEu

struct SkAttachOle {
    SkBytes bytes;
    SkBudget *budget;
    unsigned shift;   /* sector size is 1 << shift: 9 or 12 */
    uint32_t sectors; /* that fit into the file */
    uint64_t cutoff;  /* streams shorter than this lie in the mini stream */
    SkBuffer difat;   /* uint32_t: sector of each part of the FAT */
    SkBuffer entries; /* SkAttachOleEntry */
    bool cut;         /* the directory does not come to its end */
    /* The mini stream and its table, once they are needed. */
    bool has_mini;
    SkBytes mini, mini_fat;
    SkBuffer mini_scratch, mini_fat_scratch;
};

static inline SkAttachOleEntry *
sk_ole_entry_at(const SkAttachOle *ole, uint32_t i)
{
    return (SkAttachOleEntry *)(void *)ole->entries.data + i;
}

static inline uint64_t
sk_ole_sector_offset(const SkAttachOle *ole, uint32_t sector)
{
    return ((uint64_t)sector + 1) << ole->shift;
}

/* The sector that follows SECTOR in its chain; a mark at the end or when there is no saying. */
uint32_t sk_ole_follow(const SkAttachOle *ole, uint32_t sector);
