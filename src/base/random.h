/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * random - the only place randomness comes from, and the ids made of it
 *
 * Security: from the kernel (getrandom). It cannot fail after boot; if it does, we abort.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of an id without its NUL. */
#define SK_ID_LEN 20
/* The same of a long one, and the bytes it stands for. */
#define SK_LONG_ID_LEN   26
#define SK_LONG_ID_BYTES 16

/* Fills DATA with N unpredictable bytes. */
void sk_random_fill(void *data, size_t n);

/* A passage or copy id: 20 characters of Crockford's base 32 in lower case, 45 bits of time
 * (milliseconds), so that ids sort by age, and 55 of randomness. Caller owns. */
char *sk_random_id(int64_t now_us);

/* 128 random bits for what must not be guessed or met twice: a number of 26 digits of the same
 * base 32, the first of which is at most 7. Caller owns. */
char *sk_random_long_id(void);
/* The bits of such an id, the most significant first; false: it is none. */
bool sk_random_long_id_read(const char *id, uint8_t ret_bits[SK_LONG_ID_BYTES]);
