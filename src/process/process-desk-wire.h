/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * process-desk-wire - the frames of process-desk: one text in each
 *
 * Security: what was in a buffer is wiped; it has its full size before a text is in it, since
 * growing would leave a copy behind.
 */

#include "base/buffer.h"
#include "process/process-frame.h"

/* Unlike those of process-wire and process-keeper-wire. */
#define SK_DESK_FRAME 32

typedef enum {
    SK_DESK_WIRE_MORE, /* WANT more bytes of the frame */
    SK_DESK_WIRE_READY,
    SK_DESK_WIRE_BAD,
} SkDeskWire;

/* For frames of LIMIT bytes. False: no memory. */
bool sk_desk_wire_init(SkBuffer *buffer, size_t limit);
/* False: longer than the limit. */
bool sk_desk_wire_put(SkBuffer *buffer, const char *text);
/* What of a frame is in BUFFER; makes room for RET_WANT more. */
SkDeskWire sk_desk_wire_look(SkBuffer *buffer, size_t *ret_want);
/* The text of a frame that is READY; NULL: it has a NUL. Caller owns. */
char *sk_desk_wire_get(const SkBuffer *buffer);
void sk_desk_wire_clear(SkBuffer *buffer);
void sk_desk_wire_free_text(char *text);
