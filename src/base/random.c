/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <sys/random.h>

#include <glib.h>
#include <string.h>

/* Douglas Crockford's alphabet: no i, l, o, u, which people misread on the telephone. */
static const char ALPHABET[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
sk_random_fill(void *data, size_t n)
{
    uint8_t *p = data;

    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);

        g_assert(got > 0);
        p += got;
        n -= (size_t)got;
    }
}

static void
put_base32(char *out, uint64_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value >>= 5)
        out[i] = ALPHABET[value & 31];
}

char *
sk_random_id(int64_t now_us)
{
    char *id = g_malloc0(SK_ID_LEN + 1);
    uint64_t random;

    sk_random_fill(&random, sizeof random);
    put_base32(id, (uint64_t)(now_us / 1000), 9);
    put_base32(id + 9, random, SK_ID_LEN - 9);
    return id;
}

char *
sk_random_long_id(void)
{
    char *id = g_malloc0(SK_LONG_ID_LEN + 1);
    uint64_t high, low;

    sk_random_fill(&high, sizeof high);
    sk_random_fill(&low, sizeof low);
    /* Twelve digits are the lower 60 bits of 64; the thirteenth joins both halves. */
    put_base32(id, high >> 1, 13);
    put_base32(id + 13, (high & 1) << 4 | low >> 60, 1);
    put_base32(id + 14, low, 12);
    return id;
}

static bool
read_digit(char c, uint8_t *ret_value)
{
    const char *found = c != '\0' ? strchr(ALPHABET, c) : NULL;

    if (found == NULL)
        return false;
    *ret_value = (uint8_t)(found - ALPHABET);
    return true;
}

/* Shifts the number BITS left by a digit and adds VALUE. */
static void
push_digit(uint8_t bits[SK_LONG_ID_BYTES], uint8_t value)
{
    unsigned carry = value;

    for (int i = SK_LONG_ID_BYTES - 1; i >= 0; i--) {
        carry |= (unsigned)bits[i] << 5;
        bits[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

bool
sk_random_long_id_read(const char *id, uint8_t ret_bits[SK_LONG_ID_BYTES])
{
    uint8_t bits[SK_LONG_ID_BYTES] = {0};

    if (strlen(id) != SK_LONG_ID_LEN || id[0] > '7')
        return false;
    for (size_t i = 0; i < SK_LONG_ID_LEN; i++) {
        uint8_t value;

        if (!read_digit(id[i], &value))
            return false;
        push_digit(bits, value);
    }
    memcpy(ret_bits, bits, sizeof bits);
    return true;
}
