/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * buffer - bytes that grow, up to a limit they were born with
 *
 * For whatever has a size chosen by somebody else. Growing never aborts: beyond the limit, or
 * when memory is out, the call says false, the buffer keeps what it has, and stays full.
 *
 * Limits: the one given to sk_buffer_init().
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t limit;
    bool full; /* something did not fit */
} SkBuffer;

/* An empty buffer on the caller's stack or in his struct; allocates nothing. */
void sk_buffer_init(SkBuffer *b, size_t limit);
void sk_buffer_clear(SkBuffer *b);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SkBuffer, sk_buffer_clear)

/* Room for N more bytes at once, so that a known size is allocated once. */
bool sk_buffer_reserve(SkBuffer *b, size_t n);
bool sk_buffer_append(SkBuffer *b, const void *data, size_t n);
bool sk_buffer_append_text(SkBuffer *b, const char *text);
/* Forgets the content, keeps the memory up to KEEP bytes. */
void sk_buffer_reset(SkBuffer *b, size_t keep);
/* Removes the first N bytes. */
void sk_buffer_consume(SkBuffer *b, size_t n);
/* Borrowed; valid until the next append. */
SkBytes sk_buffer_bytes(const SkBuffer *b);
