/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail-spool - the bytes of a message as they arrive: in memory, and in a memfd when large
 *
 * A message is written once, front to back, then sealed and read. Small ones stay in one buffer
 * that is reused; beyond SK_LIMIT_INLINE the bytes move to a memfd, which another process can
 * map without copying.
 *
 * Limits: the one given at birth; an append beyond it says false and keeps what is there.
 * Errors: IO when memory for the memfd is refused.
 */

#include <glib.h>
#include <stdbool.h>

#include "base/bytes.h"

typedef struct SkSpool SkSpool;

SkSpool *sk_spool_new(size_t limit);
void sk_spool_free(SkSpool *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkSpool, sk_spool_free)

/* Error LIMIT: the message is too large. */
bool sk_spool_append(SkSpool *spool, const void *data, size_t n, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* No more bytes will come; a memfd is sealed against change. */
bool sk_spool_seal(SkSpool *spool, GError **error) G_GNUC_WARN_UNUSED_RESULT;
size_t sk_spool_size(const SkSpool *spool);
/* The memfd, borrowed, or -1 when the bytes are in memory. */
int sk_spool_peek_fd(const SkSpool *spool);
/* The bytes when they are in memory, else an empty range. */
SkBytes sk_spool_peek_bytes(const SkSpool *spool);
/* Empty again, for the next message. */
void sk_spool_reset(SkSpool *spool);
