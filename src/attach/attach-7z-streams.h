/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * attach-7z-streams - which packed streams a 7z archive has, and how they unpack
 *
 * The part of the list that is also put before a packed list, to say how that unpacks.
 *
 * Limits: SK_ATTACH_7Z_FOLDERS folders. Errors: `bad` of the cursor.
 */

#include "attach/attach-7z-header.h"
#include "attach/attach-cursor.h"

#define SK_ATTACH_7Z_FOLDERS (1024 * 1024)
/* Coders of a folder that is to be unpacked here; 7-Zip itself chains no more. */
#define SK_ATTACH_7Z_CHAIN 4

typedef struct {
    uint64_t id;
    SkBytes props;
} SkAttach7zCoder;

typedef struct {
    /* of the first folder */
    uint64_t pack_at; /* after the 32 bytes of the signature header */
    uint64_t pack_size;
    uint64_t size; /* unpacked */
    bool has_crc;
    uint32_t crc;
    uint32_t n_coders;                          /* 0: no straight chain */
    SkAttach7zCoder coders[SK_ATTACH_7Z_CHAIN]; /* from the unpacked end to the packed one */
    /* of all folders */
    uint32_t n_folders;
    uint64_t n_files;
} SkAttach7zStreams;

/* The leading one bits of the first byte say how many bytes follow; what is left of it is the
 * highest part of the number. */
static inline uint64_t
sk_attach_7z_number(SkAttachCursor *c)
{
    uint8_t first = sk_attach_cursor_byte(c);
    uint8_t mask = 0x80;
    uint64_t value = 0;
    unsigned n = 0;

    for (; n < 8 && (first & mask) != 0; n++, mask >>= 1)
        value |= (uint64_t)sk_attach_cursor_byte(c) << (8 * n);
    if (n < 8)
        value |= (uint64_t)(first & (mask - 1)) << (8 * n);
    return value;
}

/* A number of things of which each takes at least MIN_BYTES more: never more than can be. */
static inline uint64_t
sk_attach_7z_count(SkAttachCursor *c, uint64_t min_bytes)
{
    uint64_t n = sk_attach_7z_number(c);

    if (n > sk_attach_cursor_left(c) / min_bytes)
        c->bad = true;
    return c->bad ? 0 : n;
}

/* Reads a StreamsInfo up to and with its end mark; appends to FOLDERS. */
void sk_attach_7z_streams_read(SkAttachCursor *c,
                               SkBuffer *folders,
                               SkAttach7zStreams *ret_streams);

/* Unpacks the first folder of STREAMS from ARCHIVE. False, with RET_WRONG, when it cannot. */
bool sk_attach_7z_unpack(const SkAttach7zStreams *streams,
                         SkBytes archive,
                         SkBuffer *out,
                         const char **ret_wrong);
