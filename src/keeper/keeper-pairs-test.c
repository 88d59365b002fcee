/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/keeper-pairs.h"

#include "base/error.h"
#include "keeper/keeper-testing.h"

static void
assert_opens(SkPairs *pairs, const SkTestKey *key, SkBytes wrapped)
{
    g_autoptr(GError) error = NULL;
    const SkSealPair *pair = sk_pairs_open(pairs, key->id, wrapped, &error);
    SkSealPublic public;

    g_assert_no_error(error);
    public = sk_seal_pair_get_public(pair);
    g_assert_cmpmem(public.bytes, sizeof public.bytes, key->public.bytes,
                    sizeof key->public.bytes);
}

static void
assert_refused(SkPairs *pairs, const char *id, SkBytes wrapped, SkError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_pairs_open(pairs, id, wrapped, &error));
    g_assert_error(error, SK_ERROR, (gint)code);
}

/* Wrapped keys of nothing show which of them are still known. */
static void
test_cache(void)
{
    g_autoptr(SkPairs) pairs = sk_pairs_new(sk_test_secret(SK_TEST_SECRET));
    SkTestKey keys[SK_PAIRS_MAX + 1];
    SkBytes nothing = {0};

    for (size_t i = 0; i <= SK_PAIRS_MAX; i++)
        sk_test_key_init(&keys[i]);
    for (size_t i = 0; i < SK_PAIRS_MAX; i++)
        assert_opens(pairs, &keys[i], sk_test_bytes(keys[i].wrapped));
    for (size_t i = 0; i < SK_PAIRS_MAX; i++)
        assert_opens(pairs, &keys[i], nothing);
    /* The first was used the longest time ago. */
    assert_opens(pairs, &keys[SK_PAIRS_MAX], sk_test_bytes(keys[SK_PAIRS_MAX].wrapped));
    assert_refused(pairs, keys[0].id, nothing, SK_ERROR_PROTOCOL);
    for (size_t i = 1; i <= SK_PAIRS_MAX; i++)
        assert_opens(pairs, &keys[i], nothing);
    assert_opens(pairs, &keys[0], sk_test_bytes(keys[0].wrapped));
    for (size_t i = 0; i <= SK_PAIRS_MAX; i++)
        sk_test_key_clear(&keys[i]);
}

static void
test_refused(void)
{
    g_autoptr(SkPairs) pairs = sk_pairs_new(sk_test_secret("the secret of another site"));
    g_auto(SkTestKey) key;

    sk_test_key_init(&key);
    assert_refused(pairs, key.id, sk_test_bytes(key.wrapped), SK_ERROR_DENIED);
    assert_refused(pairs, key.id, (SkBytes){0}, SK_ERROR_PROTOCOL);
    assert_refused(pairs, "", (SkBytes){0}, SK_ERROR_PROTOCOL);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keeper-pairs/cache", test_cache);
    g_test_add_func("/keeper-pairs/refused", test_refused);
    return g_test_run();
}
