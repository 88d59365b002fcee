/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-ole - the storages and streams of an OLE2 compound file (CFB)
 *
 * Reads the allocation tables and the directory; what the streams mean is left to the readers.
 * Directory entries that no tree reaches count as children of the root: an office program that
 * repairs a file finds them too.
 *
 * Limits: every directory slot takes an entry of the budget, every stream that has to be pieced
 * together takes its bytes. Nothing recurses; a chain is at most as long as the file.
 * Errors: none; sk_attach_ole_new() says why a file cannot be read.
 * Security: written here because libgsf 1.14.50 descends the directory by recursion and ends in
 * a stack overflow on a chain of 40,000 entries (a 5 MB file), after seconds of quadratic work.
 * Standards: [MS-CFB] 2.2 to 2.6.
 */

#include "base/budget.h"
#include "base/buffer.h"
#include "base/bytes.h"

#define SK_ATTACH_OLE_NONE UINT32_MAX

typedef enum {
    SK_ATTACH_OLE_FREE = 0,
    SK_ATTACH_OLE_STORAGE = 1,
    SK_ATTACH_OLE_STREAM = 2,
    SK_ATTACH_OLE_ROOT = 5,
} SkAttachOleKind;

typedef struct {
    char name[96]; /* UTF-8; control characters stay: "\001Ole10Native" */
    uint8_t clsid[16];
    uint64_t size;
    uint32_t start;  /* first sector */
    uint32_t parent; /* index of the storage it is in */
    uint32_t left, right, child;
    uint32_t order; /* walk order; of use while the tree is built only */
    uint8_t kind;   /* SkAttachOleKind */
} SkAttachOleEntry;

typedef struct SkAttachOle SkAttachOle;

/* NULL when BYTES cannot be read as a compound file; *RET_WHY (static) says why, or is NULL
 * when the budget ran out. BYTES and BUDGET must outlive it. */
SkAttachOle *sk_attach_ole_new(SkBytes bytes, SkBudget *budget, const char **ret_why);
void sk_attach_ole_free(SkAttachOle *ole);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkAttachOle, sk_attach_ole_free)

/* Whether part of the directory is missing, so that there may be more than can be seen. */
bool sk_attach_ole_is_cut(const SkAttachOle *ole);
uint32_t sk_attach_ole_count(const SkAttachOle *ole);
/* Entry 0 is the root. */
const SkAttachOleEntry *sk_attach_ole_peek(const SkAttachOle *ole, uint32_t i);
/* The entry NAME (ASCII, without case) in the storage PARENT, or anywhere when PARENT is
 * SK_ATTACH_OLE_NONE; SK_ATTACH_OLE_NONE if there is none. */
uint32_t sk_attach_ole_find(const SkAttachOle *ole, uint32_t parent, const char *name);

/* The first MAX bytes of stream I. They lie in the file or in SCRATCH, which the caller owns
 * and keeps. False when the stream is not all there, or the budget ran out. */
bool sk_attach_ole_read(SkAttachOle *ole,
                        uint32_t i,
                        uint64_t max,
                        SkBuffer *scratch,
                        SkBytes *ret_bytes);
