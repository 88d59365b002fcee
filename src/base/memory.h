/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * memory - how the C library's allocator keeps what a message used for the next one
 *
 * Page faults cost more than reading a message: an allocator that gives each large block back
 * to the system pays for them anew with each message. What lies idle is given back by
 * sk_memory_rest().
 *
 * Limits: a block of more than SK_MEMORY_BLOCK still comes from the system and goes back at
 * once; up to SK_MEMORY_SPARE stay at the end of each arena. Errors: none; an allocator that
 * does not know the settings is only slower.
 */

#include "base/limit.h"

/* Twice what a message handed over inline takes (SK_LIMIT_INLINE), for buffers that double. */
#define SK_MEMORY_BLOCK (8 * SK_MIB)
#define SK_MEMORY_SPARE (16 * SK_MIB)

/* Once, before the first thread: for programs that handle message after message. */
void sk_memory_keep(void);
/* Gives what lies unused back to the system. */
void sk_memory_rest(void);
