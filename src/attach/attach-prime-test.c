/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-prime.h"

#include <glib.h>

static void
test_prime(void)
{
    g_assert_true(sk_attach_prime());
    g_assert_true(sk_attach_prime());
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/prime/finds-its-samples", test_prime);
    return g_test_run();
}
