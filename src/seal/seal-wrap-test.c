/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal-wrap.h"

#include <string.h>

#include "base/error.h"

/* The least there is: the tests are about everything else. */
#define CHEAP  ((SkSealCost){1, 8})
#define SECRET sk_bytes("the opening secret", 18)

typedef struct {
    SkSealPair *pair;
    char *id;
    GBytes *wrapped;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    SkSealPublic public;

    f->pair = sk_seal_pair_new();
    public = sk_seal_pair_get_public(f->pair);
    f->id = sk_seal_id(&public);
    f->wrapped = sk_seal_wrap(f->pair, SECRET, CHEAP, NULL);
    g_assert_nonnull(f->wrapped);
}

static void
tear_down(Fixture *f, const void *data)
{
    sk_seal_pair_free(f->pair);
    g_free(f->id);
    g_bytes_unref(f->wrapped);
}

static SkBytes
bytes_of(GBytes *bytes)
{
    return sk_bytes(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
assert_opens(const Fixture *f, SkBytes wrapped)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkSealPair) pair = sk_seal_unwrap(wrapped, f->id, SECRET, &error);
    SkBytes ours = sk_seal_pair_peek_private(f->pair), theirs;

    g_assert_no_error(error);
    theirs = sk_seal_pair_peek_private(pair);
    g_assert_cmpmem(ours.data, ours.len, theirs.data, theirs.len);
}

/* Not opened, with CODE and a text that names the key. */
static void
assert_refused(SkBytes wrapped, const char *id, SkBytes secret, SkError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(sk_seal_unwrap(wrapped, id, secret, &error));
    g_assert_error(error, SK_ERROR, (gint)code);
    g_assert_nonnull(strstr(error->message, id));
}

static void
test_opens(Fixture *f, const void *data)
{
    g_autoptr(GBytes) again = sk_seal_wrap(f->pair, SECRET, CHEAP, NULL);

    assert_opens(f, bytes_of(f->wrapped));
    assert_opens(f, bytes_of(again));
    g_assert_false(g_bytes_equal(f->wrapped, again));
    g_assert_cmpuint(g_bytes_get_size(again), ==, SK_SEAL_WRAPPED_LEN);
}

static void
test_usual_cost(Fixture *f, const void *data)
{
    g_autoptr(GBytes) wrapped = sk_seal_wrap(f->pair, SECRET, SK_SEAL_COST_USUAL, NULL);
    SkSealCost cost;

    g_assert_true(sk_seal_wrap_read_cost(bytes_of(wrapped), &cost));
    g_assert_cmpuint(cost.passes, ==, SK_SEAL_COST_USUAL.passes);
    g_assert_cmpuint(cost.memory_kib, ==, SK_SEAL_COST_USUAL.memory_kib);
    assert_opens(f, bytes_of(wrapped));
}

static void
test_other_secret(Fixture *f, const void *data)
{
    assert_refused(bytes_of(f->wrapped), f->id, sk_bytes("the opening secre", 17),
                   SK_ERROR_DENIED);
    assert_refused(bytes_of(f->wrapped), f->id, sk_bytes("the opening secret\n", 19),
                   SK_ERROR_DENIED);
    assert_refused(bytes_of(f->wrapped), f->id, sk_bytes("", 0), SK_ERROR_DENIED);
}

static void
test_other_id(Fixture *f, const void *data)
{
    assert_refused(bytes_of(f->wrapped), "0123456789abcdef", SECRET, SK_ERROR_DENIED);
}

static void
test_cut_or_longer(Fixture *f, const void *data)
{
    SkBytes all = bytes_of(f->wrapped);
    g_autofree uint8_t *copy = g_malloc0(all.len + 1);

    memcpy(copy, all.data, all.len);
    assert_refused(sk_bytes(copy, all.len + 1), f->id, SECRET, SK_ERROR_PROTOCOL);
    for (size_t len = 0; len < all.len; len++) {
        g_autofree uint8_t *cut = g_memdup2(all.data, MAX(len, 1));

        assert_refused(sk_bytes(cut, len), f->id, SECRET, SK_ERROR_PROTOCOL);
    }
}

/* Whichever bit: an error, and never one that costs much. A flipped bit of the cost may ask for
 * more than it was closed with, but for less than what is accepted. */
static void
test_flipped(Fixture *f, const void *data)
{
    SkBytes all = bytes_of(f->wrapped);
    g_autofree uint8_t *copy = g_memdup2(all.data, all.len);

    for (size_t bit = 0; bit < 8 * all.len; bit++) {
        g_autoptr(GError) error = NULL;

        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        g_assert_null(sk_seal_unwrap(sk_bytes(copy, all.len), f->id, SECRET, &error));
        g_assert_true(g_error_matches(error, SK_ERROR, SK_ERROR_DENIED) ||
                      g_error_matches(error, SK_ERROR, SK_ERROR_PROTOCOL));
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_opens(f, sk_bytes(copy, all.len));
}

/* A row of somebody else's making asks for a cost; what is not bearable is not computed. */
static void
test_cost(Fixture *f, const void *data)
{
    static const struct {
        uint8_t passes, memory[4];
        bool accepted;
    } cases[] = {
        {1, {8, 0, 0, 0}, true},    {5, {0, 0, 4, 0}, true},
        {0, {8, 0, 0, 0}, false},   {6, {8, 0, 0, 0}, false},
        {255, {8, 0, 0, 0}, false}, {1, {7, 0, 0, 0}, false},
        {1, {0, 0, 0, 0}, false},   {1, {1, 0, 4, 0}, false},
        {1, {0, 0, 0, 128}, false}, {1, {255, 255, 255, 255}, false},
    };
    g_autofree uint8_t *copy = g_memdup2(bytes_of(f->wrapped).data, SK_SEAL_WRAPPED_LEN);

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkSealCost cost;

        copy[4] = cases[i].passes;
        memcpy(copy + 8, cases[i].memory, 4);
        g_assert_cmpint(sk_seal_wrap_read_cost(sk_bytes(copy, SK_SEAL_WRAPPED_LEN), &cost), ==,
                        cases[i].accepted);
        if (!cases[i].accepted)
            assert_refused(sk_bytes(copy, SK_SEAL_WRAPPED_LEN), f->id, SECRET,
                           SK_ERROR_PROTOCOL);
    }
}

#define ADD(name, func) g_test_add("/seal-wrap/" name, Fixture, NULL, set_up, func, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("opens", test_opens);
    ADD("usual-cost", test_usual_cost);
    ADD("other-secret", test_other_secret);
    ADD("other-id", test_other_id);
    ADD("cut-or-longer", test_cut_or_longer);
    ADD("flipped", test_flipped);
    ADD("cost", test_cost);
    return g_test_run();
}
