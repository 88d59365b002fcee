/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-top.h"

static void
add_many(SkTop *top, const char *key, bool own, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        sk_top_add(top, key, own);
}

static void
add_crowd(SkTop *top, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        g_autofree char *key = g_strdup_printf("%u@theirs.example", i);

        sk_top_add(top, key, false);
    }
}

static void
expect(const SkTop *top, const char *want)
{
    g_autoptr(GPtrArray) list = sk_top_list(top);
    g_autoptr(GString) got = g_string_new(NULL);

    for (guint i = 0; i < list->len; i++) {
        const SkTopEntry *entry = list->pdata[i];

        g_string_append_printf(got, "%s%s=%u", i > 0 ? " " : "", entry->key,
                               (unsigned)entry->count);
    }
    g_assert_cmpstr(got->str, ==, want);
}

static void
test_exact(void)
{
    g_autoptr(SkTop) top = sk_top_new(4);

    add_many(top, "b", false, 5);
    add_many(top, "a", false, 5);
    add_many(top, "c", true, 1);
    add_many(top, "d", false, 9);
    expect(top, "c=1 d=9 a=5 b=5");
    g_assert_cmpuint(sk_top_get_cut(top), ==, 0);
}

/* Whoever is counted often stays, whatever crowd comes before, after and between. */
static void
test_crowd(void)
{
    g_autoptr(SkTop) top = sk_top_new(100);
    g_autoptr(GPtrArray) list = NULL;
    const SkTopEntry *first;

    add_crowd(top, 5000);
    add_many(top, "often", false, 500);
    add_crowd(top, 5000);
    add_many(top, "often", false, 500);
    list = sk_top_list(top);
    g_assert_cmpuint(list->len, <=, 100);
    first = list->pdata[0];
    g_assert_cmpstr(first->key, ==, "often");
    g_assert_cmpuint(first->count, <=, 1000);
    g_assert_cmpuint(first->count + sk_top_get_cut(top), >=, 1000);
    g_assert_cmpuint(sk_top_get_cut(top), <=, 11000 / 100);
}

static void
test_merge(void)
{
    g_autoptr(SkTop) top = sk_top_new(3), other = sk_top_new(3);

    add_many(top, "a", true, 3);
    add_many(top, "b", false, 2);
    add_many(other, "b", false, 2);
    add_many(other, "c", false, 7);
    sk_top_merge(top, other);
    expect(top, "a=3 c=7 b=4");
    g_assert_cmpuint(sk_top_get_cut(top), ==, 0);
    add_many(other, "d", false, 1);
    add_many(other, "e", false, 1);
    g_assert_cmpuint(sk_top_get_cut(other), ==, 1);
    sk_top_merge(top, other);
    g_assert_cmpuint(sk_top_get_cut(top), >=, 1);
    expect(top, "a=3 c=13 b=5");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engine/top/exact", test_exact);
    g_test_add_func("/engine/top/crowd", test_crowd);
    g_test_add_func("/engine/top/merge", test_merge);
    return g_test_run();
}
