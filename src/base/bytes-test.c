/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <glib.h>

static const uint8_t sample[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static void
test_reads_stay_inside(void)
{
    SkBytes b = sk_bytes(sample, sizeof sample);

    g_assert_cmphex(sk_bytes_le16(b, 0), ==, 0x0201);
    g_assert_cmphex(sk_bytes_be32(b, 1), ==, 0x02030405);
    g_assert_cmphex(sk_bytes_le64(b, 1), ==, 0x0908070605040302);
    g_assert_cmphex(sk_bytes_le64(b, 2), ==, 0);
    g_assert_cmphex(sk_bytes_u8(b, UINT64_MAX), ==, 0);
    g_assert_cmphex(sk_bytes_le32(b, UINT64_MAX - 1), ==, 0);
}

static void
test_slices_are_cut(void)
{
    SkBytes b = sk_bytes(sample, sizeof sample);

    g_assert_cmpuint(sk_bytes_slice(b, 7, 100).len, ==, 2);
    g_assert_cmpuint(sk_bytes_slice(b, 7, UINT64_MAX).len, ==, 2);
    g_assert_cmpuint(sk_bytes_slice(b, UINT64_MAX, 1).len, ==, 0);
    g_assert_false(sk_bytes_has(b, UINT64_MAX, UINT64_MAX));
    g_assert_true(sk_bytes_has(b, 9, 0));
}

/* What an empty file is. */
static void
test_nothing(void)
{
    SkBytes b = sk_bytes(NULL, 0);

    g_assert_cmpuint(sk_bytes_find(b, "a", 1, 0), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_find_last(b, "a", 1, 0), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_from(b, 0).len, ==, 0);
    g_assert_false(sk_bytes_is(b, 0, "a"));
    g_assert_cmpuint(sk_bytes_u8(b, 0), ==, 0);
}

static void
test_find(void)
{
    SkBytes b = sk_bytes("abcabcab", 8);

    g_assert_cmpuint(sk_bytes_find(b, "abc", 3, 0), ==, 0);
    g_assert_cmpuint(sk_bytes_find(b, "abc", 3, 1), ==, 3);
    g_assert_cmpuint(sk_bytes_find(b, "abc", 3, 4), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_find(b, "abc", 3, 99), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_find_last(b, "abc", 3, 0), ==, 3);
    g_assert_cmpuint(sk_bytes_find_last(b, "ab", 2, 0), ==, 6);
    g_assert_cmpuint(sk_bytes_find_last(b, "ab", 2, 7), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_find_last(b, "abcabcabc", 9, 0), ==, SK_BYTES_NONE);
    g_assert_true(sk_bytes_equal_nocase(b, "ABCabcAB"));
    g_assert_false(sk_bytes_equal_nocase(b, "abcabca"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bytes/reads-stay-inside", test_reads_stay_inside);
    g_test_add_func("/bytes/slices-are-cut", test_slices_are_cut);
    g_test_add_func("/bytes/find", test_find);
    g_test_add_func("/bytes/nothing", test_nothing);
    return g_test_run();
}
