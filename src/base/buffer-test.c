/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

static void
test_limit(void)
{
    g_auto(SkBuffer) b = {0};

    sk_buffer_init(&b, 1000);
    for (int i = 0; i < 100; i++)
        g_assert_true(sk_buffer_append(&b, "0123456789", 10));
    g_assert_false(b.full);
    g_assert_cmpuint(b.cap, <=, 1000);
    g_assert_false(sk_buffer_append(&b, "x", 1));
    g_assert_true(b.full);
    g_assert_cmpuint(b.len, ==, 1000);
    g_assert_false(sk_buffer_reserve(&b, SIZE_MAX));
}

static void
test_consume_and_reset(void)
{
    g_auto(SkBuffer) b = {0};

    sk_buffer_init(&b, 1 << 20);
    g_assert_true(sk_buffer_append_text(&b, "hello world"));
    sk_buffer_consume(&b, 6);
    g_assert_cmpmem(b.data, b.len, "world", 5);
    sk_buffer_consume(&b, 5);
    g_assert_cmpuint(b.len, ==, 0);
    g_assert_true(sk_buffer_reserve(&b, 100000));
    sk_buffer_reset(&b, 1000);
    g_assert_cmpuint(b.cap, ==, 0);
    g_assert_cmpuint(b.limit, ==, 1 << 20);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/buffer/limit", test_limit);
    g_test_add_func("/buffer/consume-and-reset", test_consume_and_reset);
    return g_test_run();
}
