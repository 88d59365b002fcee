/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <sys/random.h>

#include <glib.h>

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
