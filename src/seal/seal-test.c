/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

#include <string.h>

#include "base/error.h"

#define SECRET "a key of thirty-two bytes, or so"
#define NAME   "0123456789abcdefghjkmnpqrs"

typedef struct {
    SkSealPair *pair;
    SkSealPublic public;
    GBytes *sealed;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    f->pair = sk_seal_pair_new();
    f->public = sk_seal_pair_get_public(f->pair);
    f->sealed = sk_seal(&f->public, SK_SEAL_BLOB, NAME, sk_bytes(SECRET, strlen(SECRET)));
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_seal_pair_free(f->pair);
    g_bytes_unref(f->sealed);
}

static SkBytes
bytes_of(GBytes *bytes)
{
    return sk_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static SkSecret *
open_sealed(const SkSealPair *pair, SkSealUse use, const char *name, SkBytes sealed)
{
    g_autoptr(GError) error = NULL;
    SkSecret *secret = sk_seal_open(pair, use, name, sealed, &error);

    if (secret == NULL)
        g_assert_error(error, SK_ERROR, SK_ERROR_DENIED);
    else
        g_assert_no_error(error);
    return secret;
}

static void
assert_refused(const SkSealPair *pair, SkSealUse use, const char *name, SkBytes sealed)
{
    g_autoptr(SkSecret) secret = open_sealed(pair, use, name, sealed);

    g_assert_null(secret);
}

static void
test_opens(Fixture *f, const void *data)
{
    g_autoptr(SkSecret) secret = open_sealed(f->pair, SK_SEAL_BLOB, NAME, bytes_of(f->sealed));

    g_assert_nonnull(secret);
    g_assert_cmpmem(secret->data, secret->len, SECRET, strlen(SECRET));
    g_assert_cmpuint(g_bytes_get_size(f->sealed), <=, strlen(SECRET) + SK_SEAL_OVERHEAD);
}

static void
test_other_key(Fixture *f, const void *data)
{
    g_autoptr(SkSealPair) other = sk_seal_pair_new();

    assert_refused(other, SK_SEAL_BLOB, NAME, bytes_of(f->sealed));
}

static void
test_other_use_and_name(Fixture *f, const void *data)
{
    static const char *const names[] = {"", "0123456789abcdefghjkmnpqr",
                                        "0123456789abcdefghjkmnpqrsa",
                                        "0123456789ABCDEFGHJKMNPQRS",
                                        /* The beginning of the secret must not pass for the end
                                         * of the name. */
                                        NAME "a"};

    assert_refused(f->pair, SK_SEAL_CHECK, NAME, bytes_of(f->sealed));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        assert_refused(f->pair, SK_SEAL_BLOB, names[i], bytes_of(f->sealed));
}

static void
test_cut(Fixture *f, const void *data)
{
    SkBytes all = bytes_of(f->sealed);

    for (size_t len = 0; len < all.len; len++) {
        g_autofree uint8_t *cut = g_memdup2(all.data, MAX(len, 1));

        assert_refused(f->pair, SK_SEAL_BLOB, NAME, sk_bytes(cut, len));
    }
}

static void
test_flipped(Fixture *f, const void *data)
{
    SkBytes all = bytes_of(f->sealed);
    g_autofree uint8_t *copy = g_memdup2(all.data, all.len);

    for (size_t bit = 0; bit < 8 * all.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_refused(f->pair, SK_SEAL_BLOB, NAME, sk_bytes(copy, all.len));
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void
test_longer(Fixture *f, const void *data)
{
    SkBytes all = bytes_of(f->sealed);
    g_autofree uint8_t *longer = g_malloc0(all.len + 1);

    memcpy(longer, all.data, all.len);
    assert_refused(f->pair, SK_SEAL_BLOB, NAME, sk_bytes(longer, all.len + 1));
}

static void
test_limits(Fixture *f, const void *data)
{
    g_autofree char *name = g_strnfill(SK_SEAL_NAME_MAX, 'n');
    g_autofree uint8_t *content = g_malloc0(SK_SEAL_SECRET_MAX);
    g_autofree uint8_t *huge = g_malloc0(1 << 20);
    g_autoptr(GBytes) sealed =
        sk_seal(&f->public, SK_SEAL_BLOB, name, sk_bytes(content, SK_SEAL_SECRET_MAX));
    g_autoptr(GBytes) empty = sk_seal(&f->public, SK_SEAL_CHECK, "", sk_bytes("", 0));
    g_autoptr(SkSecret) most = open_sealed(f->pair, SK_SEAL_BLOB, name, bytes_of(sealed));
    g_autoptr(SkSecret) least = open_sealed(f->pair, SK_SEAL_CHECK, "", bytes_of(empty));

    g_assert_cmpmem(most->data, most->len, content, SK_SEAL_SECRET_MAX);
    g_assert_cmpuint(g_bytes_get_size(sealed), <=, SK_SEAL_SECRET_MAX + SK_SEAL_OVERHEAD);
    g_assert_cmpuint(least->len, ==, 0);
    assert_refused(f->pair, SK_SEAL_BLOB, name, sk_bytes(huge, 1 << 20));
}

static void
test_pair_read(Fixture *f, const void *data)
{
    SkBytes private = sk_seal_pair_peek_private(f->pair);
    g_autoptr(SkSealPair) again = sk_seal_pair_read(private);
    SkSealPublic public = sk_seal_pair_get_public(again);
    g_autoptr(SkSecret) secret = open_sealed(again, SK_SEAL_BLOB, NAME, bytes_of(f->sealed));

    g_assert_nonnull(secret);
    g_assert_cmpmem(public.bytes, sizeof public.bytes, f->public.bytes, sizeof f->public.bytes);
    g_assert_null(sk_seal_pair_read(sk_bytes(private.data, private.len - 1)));
    g_assert_null(sk_seal_pair_read(sk_bytes("", 0)));
}

static void
test_id(Fixture *f, const void *data)
{
    g_autoptr(SkSealPair) other = sk_seal_pair_new();
    SkSealPublic other_public = sk_seal_pair_get_public(other);
    g_autofree char *id = sk_seal_id(&f->public);
    g_autofree char *same = sk_seal_id(&f->public);
    g_autofree char *different = sk_seal_id(&other_public);

    g_assert_true(sk_seal_id_is(id));
    g_assert_cmpstr(id, ==, same);
    g_assert_cmpstr(id, !=, different);
    g_assert_false(sk_seal_id_is(""));
    g_assert_false(sk_seal_id_is("0123456789abcde"));
    g_assert_false(sk_seal_id_is("0123456789abcdef0"));
    g_assert_false(sk_seal_id_is("0123456789abcdeF"));
    g_assert_false(sk_seal_id_is("0123456789abcd/."));
}

/* Those of order 1, 2, 4 and 8, of which sealing to any would make a secret public. */
static void
test_public_of_small_order(Fixture *f, const void *data)
{
    static const uint8_t points[][SK_SEAL_PUBLIC_LEN] = {
        {0},
        {1},
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    };
    SkSealPublic public;

    for (size_t i = 0; i < G_N_ELEMENTS(points); i++)
        g_assert_false(sk_seal_public_read(sk_bytes(points[i], SK_SEAL_PUBLIC_LEN), &public));
    g_assert_false(sk_seal_public_read(sk_bytes(f->public.bytes, 31), &public));
    g_assert_true(sk_seal_public_read(sk_bytes(f->public.bytes, 32), &public));
    g_assert_cmpmem(public.bytes, sizeof public.bytes, f->public.bytes, sizeof f->public.bytes);
}

/* Nothing of name and secret can be seen, and no two sealings of the same are alike. */
static void
test_anonymous(Fixture *f, const void *data)
{
    g_autoptr(GBytes) again =
        sk_seal(&f->public, SK_SEAL_BLOB, NAME, sk_bytes(SECRET, strlen(SECRET)));

    g_assert_false(g_bytes_equal(f->sealed, again));
    g_assert_cmpuint(sk_bytes_find(bytes_of(f->sealed), SECRET, 8, 0), ==, SK_BYTES_NONE);
    g_assert_cmpuint(sk_bytes_find(bytes_of(f->sealed), NAME, 8, 0), ==, SK_BYTES_NONE);
}

static void
test_secret(void)
{
    g_autoptr(SkSecret) secret = sk_secret_new(100);
    g_autoptr(SkSecret) none = sk_secret_new(0);
    static const uint8_t zeros[100];

    g_assert_cmpmem(secret->data, secret->len, zeros, sizeof zeros);
    g_assert_cmpuint(sk_secret_bytes(none).len, ==, 0);
    sk_secret_free(NULL);
}

#define ADD(name, func) g_test_add("/seal/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("opens", test_opens);
    ADD("other-key", test_other_key);
    ADD("other-use-and-name", test_other_use_and_name);
    ADD("cut", test_cut);
    ADD("flipped", test_flipped);
    ADD("longer", test_longer);
    ADD("limits", test_limits);
    ADD("pair-read", test_pair_read);
    ADD("id", test_id);
    ADD("public-of-small-order", test_public_of_small_order);
    ADD("anonymous", test_anonymous);
    g_test_add_func("/seal/secret", test_secret);
    return g_test_run();
}
