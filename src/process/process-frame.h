/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-frame - framed messages between two programs of one host
 *
 * A frame is a header (magic, type, a zero, length of the body; little-endian) and a body of
 * fields without names, read in the order they were written. The magic names the version: a
 * program of another version is noticed at its first frame. Who may say what is process-wire's.
 *
 * Limits: the caller names the largest body he takes before any of it is kept.
 * Errors: none: a reader that meets something wrong stays failed, and every further field is
 * zero or empty; one look at sk_frame_end() at the end is enough.
 * Security: every byte may be hostile; no length is believed before the bytes are there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

/* "SKF1" */
#define SK_FRAME_MAGIC  0x31464b53u
#define SK_FRAME_HEADER 12

typedef enum {
    SK_FRAME_SHORT, /* not all of it is there yet */
    SK_FRAME_READY,
    SK_FRAME_BAD, /* another magic, or a body beyond the limit */
} SkFrameState;

typedef struct {
    uint16_t type;
    uint32_t len; /* of the body; known as soon as the header is there, else 0 */
    SkBytes body; /* borrowed from the stream; only when READY */
} SkFrame;

/* Looks at the frame that STREAM starts with. */
SkFrameState sk_frame_next(SkBytes stream, uint32_t limit, SkFrame *ret_frame);

/* Appends one frame to OUT (borrowed). What does not fit fails it. */
typedef struct {
    SkBuffer *out;
    size_t start;
    bool failed;
} SkFrameWriter;

void sk_frame_begin(SkFrameWriter *w, SkBuffer *out, uint16_t type);
void sk_frame_put_u8(SkFrameWriter *w, uint8_t value);
void sk_frame_put_u32(SkFrameWriter *w, uint32_t value);
void sk_frame_put_u64(SkFrameWriter *w, uint64_t value);
/* NULL is kept apart from "". */
void sk_frame_put_text(SkFrameWriter *w, const char *text);
void sk_frame_put_bytes(SkFrameWriter *w, SkBytes bytes);
/* Sets the length; FOLLOWING bytes of the body will be sent from elsewhere. Says whether all
 * fitted; if not, OUT is as it was before the frame. */
bool sk_frame_finish(SkFrameWriter *w, uint64_t following);

typedef struct {
    SkBytes left;
    bool failed;
} SkFrameReader;

void sk_frame_open(SkFrameReader *r, SkBytes body);
uint8_t sk_frame_get_u8(SkFrameReader *r);
uint32_t sk_frame_get_u32(SkFrameReader *r);
uint64_t sk_frame_get_u64(SkFrameReader *r);
/* A copy that the caller owns, or NULL if none was sent. More than MAX bytes, or a NUL among
 * them, fails the reader. */
char *sk_frame_get_text(SkFrameReader *r, uint32_t max);
/* Borrowed from the body. */
SkBytes sk_frame_get_bytes(SkFrameReader *r);
/* Everything that is left, borrowed. */
SkBytes sk_frame_get_rest(SkFrameReader *r);
/* Whether all fields were there and nothing is left over. */
bool sk_frame_end(const SkFrameReader *r);
