/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * random - the only place randomness comes from, and the ids made of it
 *
 * Security: from the kernel (getrandom). It cannot fail after boot; if it does, we abort.
 */

#include <stddef.h>
#include <stdint.h>

/* Length of an id without its NUL. */
#define SK_ID_LEN 20

/* Fills DATA with N unpredictable bytes. */
void sk_random_fill(void *data, size_t n);

/* A passage or copy id: 20 characters of Crockford's base 32 in lower case, 45 bits of time
 * (milliseconds), so that ids sort by age, and 55 of randomness. Caller owns. */
char *sk_random_id(int64_t now_us);
