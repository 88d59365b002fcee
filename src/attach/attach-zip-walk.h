/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-zip-walk - the parts of reading a ZIP's lists, for the files attach-zip-*.c
 */

#include "attach/attach-zip.h"

typedef struct {
    size_t start;
    size_t end;
} SkZipSpan;

/* The first of each kind is kept. NAME may be empty. */
void sk_zip_say_odd(SkZip *zip, SkBytes name, const char *what);
void sk_zip_say_broken(SkZip *zip, SkBytes name, const char *what);

/* Takes it from the budget and adds it. */
bool sk_zip_add(SkZip *zip, const SkZipEntry *entry);

/* Marks START..END-1 as accounted for. */
void sk_zip_cover(SkZip *zip, size_t start, size_t end);
/* Sorts and joins the spans; says so if FILES of them overlap. */
void sk_zip_settle(SkZip *zip);
/* The first gap at or after FROM; false: none. */
bool sk_zip_next_gap(const SkZip *zip, size_t from, SkZipSpan *ret_gap);

/* The last directory at or before END whose parts fit; walks it. False: none in the last REACH
 * bytes before END. */
bool sk_zip_walk_last(SkZip *zip, size_t reach);
/* Directories inside gaps, and then local headers there. */
void sk_zip_walk_gaps(SkZip *zip);
/* The directory whose end record stands at AT; false: it does not work. */
bool sk_zip_walk_at(SkZip *zip, size_t at);

/* Reads the local header at AT into the fields of ENTRY. False: there is none. */
bool sk_zip_local_read(const SkZip *zip, size_t at, SkZipEntry *entry);
/* Completes ENTRY of a directory with its local header at AT, and compares the two. */
void sk_zip_local_join(SkZip *zip, size_t at, SkZipEntry *entry);
/* Where the entry ends, its data descriptor included. */
size_t sk_zip_entry_end(const SkZip *zip, const SkZipEntry *entry);

/* The sizes and the offset of a ZIP64 extra field replace those that are all ones. */
void sk_zip_entry_widen(SkZipEntry *entry, uint64_t *offset);
SkZipLock sk_zip_entry_lock(const SkZipEntry *entry);
/* The data of the extra field ID; empty: none. */
SkBytes sk_zip_extra_find(SkBytes extra, uint16_t id);
