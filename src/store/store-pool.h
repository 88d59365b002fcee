/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * store-pool - open connections to one database, lent to threads
 *
 * A connection is one thread's until it is given back; then it is kept open for the next one,
 * and closed when nobody wants it for a while. Statements are freed before. Any thread may
 * call.
 *
 * Limits: so many connections as the pool is made for; closed after 60 s without use, at the
 * next take, give or tidy.
 * Errors: TIMEOUT when none is given back in time; otherwise those of opening.
 */

#include "store/store-open.h"

typedef struct SkStorePool SkStorePool;

/* STORE is borrowed. Opens nothing yet. */
SkStorePool *sk_store_pool_new(const SkStore *store,
                               SkDatabase which,
                               SkStoreAccess access,
                               unsigned max);
/* After all have been given back. */
void sk_store_pool_free(SkStorePool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SkStorePool, sk_store_pool_free)

/* The one used last, so that the others get old. Waits at most WAIT_MS for one. */
SkDb *sk_store_pool_take(SkStorePool *pool,
                         int64_t wait_ms,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Takes DB over; a transaction that is open in it is rolled back. */
void sk_store_pool_give(SkStorePool *pool, SkDb *db);

/* Closes what has not been used for IDLE_MS. */
void sk_store_pool_tidy(SkStorePool *pool, int64_t idle_ms);
/* How many connections are open, lent ones included. */
unsigned sk_store_pool_count(SkStorePool *pool);
