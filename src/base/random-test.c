/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <glib.h>
#include <string.h>

static void
test_long_id_read(void)
{
    static const struct {
        const char *id;
        bool ok;
        uint8_t first, last;
    } cases[] = {
        {"00000000000000000000000000", true, 0, 0},
        {"00000000000000000000000001", true, 0, 1},
        {"7zzzzzzzzzzzzzzzzzzzzzzzzz", true, 255, 255},
        {"40000000000000000000000010", true, 128, 32},
        {"80000000000000000000000000", false, 0, 0},
        {"0000000000000000000000000", false, 0, 0},
        {"000000000000000000000000000", false, 0, 0},
        {"0000000000000000000000000i", false, 0, 0},
        {"0000000000000000000000000A", false, 0, 0},
        {"0000000000000/000000000000", false, 0, 0},
        {"", false, 0, 0},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t bits[SK_LONG_ID_BYTES] = {0};

        g_assert_cmpint(sk_random_long_id_read(cases[i].id, bits), ==, cases[i].ok);
        g_assert_cmpuint(bits[0], ==, cases[i].first);
        g_assert_cmpuint(bits[SK_LONG_ID_BYTES - 1], ==, cases[i].last);
    }
}

/* Each of the 128 bits is set in some ids and not in others: none is lost between the digits.
 */
static void
test_long_id_bits(void)
{
    uint8_t ever[SK_LONG_ID_BYTES] = {0}, always[SK_LONG_ID_BYTES];

    memset(always, 255, sizeof always);
    for (int i = 0; i < 200; i++) {
        g_autofree char *id = sk_random_long_id();
        uint8_t bits[SK_LONG_ID_BYTES];

        g_assert_true(sk_random_long_id_read(id, bits));
        for (size_t k = 0; k < sizeof bits; k++) {
            ever[k] |= bits[k];
            always[k] &= bits[k];
        }
    }
    for (size_t k = 0; k < sizeof ever; k++) {
        g_assert_cmpuint(ever[k], ==, 255);
        g_assert_cmpuint(always[k], ==, 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/random/long-id/read", test_long_id_read);
    g_test_add_func("/random/long-id/bits", test_long_id_bits);
    return g_test_run();
}
