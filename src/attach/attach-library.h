/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-library - libarchive over bytes in memory
 *
 * What comes out is judged by attach-walk, or by those who hand single entries to it. Only
 * named formats and filters are ever enabled: some of libarchive's others loop for ever on
 * small files, and its catch-all filter may start programs. The source can seek, without which
 * libarchive misses much.
 *
 * Errors: those of libarchive, by its status; the caller says what they mean.
 */

#include <archive.h>

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

/* Up to two ranges, read as one behind the other. Between two pieces of 64 KiB the time is
 * asked, so that what libarchive passes over by itself ends too. */
typedef struct {
    SkBytes first;
    SkBytes second;
    SkBudget *budget;
    uint64_t at;
} SkLibrarySource;

static inline void
sk_library_free(struct archive **archive)
{
    (void)archive_read_free(*archive);
}

#define sk_autoarchive __attribute__((cleanup(sk_library_free)))

/* A reader without formats or filters; NULL: no memory. */
struct archive *sk_library_new(void);

/* Opens SOURCE, which must outlive the reader. */
bool sk_library_open(struct archive *archive, SkLibrarySource *source);

/* Why the last call failed, in libarchive's words; foreign text may be among them. */
const char *sk_library_trouble(struct archive *archive);

/* What an archive has unpacked to, against what it is packed in. */
typedef struct {
    SkBudget *budget;
    uint64_t packed;
    uint64_t made;
} SkLibraryMeter;

typedef enum {
    SK_LIBRARY_PART, /* there is more */
    SK_LIBRARY_WHOLE,
    SK_LIBRARY_BROKEN,
    SK_LIBRARY_OVER, /* the budget or memory is spent */
} SkLibraryResult;

/* Appends content of the current entry until OUT has at least UNTIL bytes; the holes of sparse
 * files become zeros. */
SkLibraryResult sk_library_read(struct archive *archive,
                                SkLibraryMeter *meter,
                                size_t until,
                                SkBuffer *out);
