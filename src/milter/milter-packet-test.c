/* SPDX-License-Identifier: Apache-2.0 */
#include "milter/milter-packet.h"

#include "base/limit.h"

/* A table's literal as bytes; the copy ends where they end. */
typedef struct {
    const char *data;
    size_t size;
} Literal;

#define LITERAL(text)                                                                          \
    {                                                                                          \
        text, sizeof text - 1                                                                  \
    }

static void
assert_bytes(SkBytes bytes, const char *expected)
{
    g_assert_cmpmem(bytes.data, bytes.len, expected, strlen(expected));
}

/* clang-format off */
static const struct {
    Literal data;
    const char *address; /* NULL: malformed */
    size_t args;
} ADDRESSES[] = {
    {LITERAL("<a@example.com>\0"), "a@example.com", 0},
    {LITERAL("<a@example.com>\0SIZE=1\0BODY=7BIT\0"), "a@example.com", 17},
    {LITERAL("<>\0"), "", 0},
    {LITERAL("<\0"), "<", 0},
    {LITERAL(">\0"), ">", 0},
    {LITERAL("\0"), "", 0},
    {LITERAL("a@example.com\0"), "a@example.com", 0},
    {LITERAL("<a@example.com\0"), "<a@example.com", 0},
    {LITERAL("<<a>@example.com>\0"), "<a>@example.com", 0},
    {LITERAL("<@relay.example:a@example.com>\0"), "@relay.example:a@example.com", 0},
    {LITERAL("<\"a b\"@example.com>\0"), "\"a b\"@example.com", 0},
    {LITERAL("<a>\0\0"), "a", 1},
    {LITERAL("<a>"), NULL, 0},
    {LITERAL("<a>\0SIZE"), NULL, 0},
    {LITERAL(""), NULL, 0},
};
/* clang-format on */

static void
test_address(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ADDRESSES); i++) {
        const char *expected = ADDRESSES[i].address;
        g_autofree char *exact = g_memdup2(ADDRESSES[i].data.data, ADDRESSES[i].data.size);
        SkMilterAddress address = {0};

        g_assert_true(sk_milter_address_read(sk_bytes(exact, ADDRESSES[i].data.size),
                                             &address) == (expected != NULL));
        if (expected == NULL)
            continue;
        assert_bytes(address.address, expected);
        g_assert_cmpuint(address.args.len, ==, ADDRESSES[i].args);
    }
}

/* clang-format off */
static const struct {
    Literal data;
    char family; /* NUL: malformed */
    const char *address;
} PEERS[] = {
    {LITERAL("h\0" "4\x12\x34" "192.0.2.1\0"), '4', "192.0.2.1"},
    {LITERAL("h\0" "6\0\0::1\0"), '6', "::1"},
    {LITERAL("h\0L\0\0/run/x\0"), 'L', "/run/x"},
    {LITERAL("h\0U"), 'U', ""},
    {LITERAL("h\0Uignored"), 'U', ""},
    {LITERAL("h\0X\0\0x\0"), '\0', NULL},
    {LITERAL("h\0\0\0\0x\0"), '\0', NULL},
    {LITERAL("h\0" "4\0\0x"), '\0', NULL},
    {LITERAL("h\0" "4\0\0x\0y"), '\0', NULL},
    {LITERAL("h\0" "4\0"), '\0', NULL},
    {LITERAL("h\0" "4"), '\0', NULL},
    {LITERAL("h\0"), '\0', NULL},
    {LITERAL("h"), '\0', NULL},
    {LITERAL(""), '\0', NULL},
};
/* clang-format on */

static void
test_peer(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(PEERS); i++) {
        g_autofree char *exact = g_memdup2(PEERS[i].data.data, PEERS[i].data.size);
        SkMilterPeer peer = {0};
        bool good = sk_milter_peer_read(sk_bytes(exact, PEERS[i].data.size), &peer);

        g_assert_true(good == (PEERS[i].family != '\0'));
        g_assert_cmpint(peer.family, ==, PEERS[i].family);
        if (good)
            assert_bytes(peer.address, PEERS[i].address);
    }
}

static void
test_pairs(void)
{
    SkBytes data = sk_bytes("i\0X\0{name}\0\0z\0", 14);
    SkMilterPair pair;

    g_assert_true(sk_milter_pair_take(&data, &pair));
    assert_bytes(pair.name, "i");
    assert_bytes(pair.value, "X");
    g_assert_true(sk_milter_pair_take(&data, &pair));
    assert_bytes(pair.name, "{name}");
    assert_bytes(pair.value, "");
    g_assert_false(sk_milter_pair_take(&data, &pair));
    assert_bytes(pair.name, "{name}");
}

static void
test_offer(void)
{
    SkMilterOffer offer = {0};

    g_assert_true(sk_milter_offer_read(
        sk_bytes("\0\0\0\6\0\0\1\xff\0\x1f\xff\xff\0\0\0\0i\0", 18), &offer));
    g_assert_cmphex(offer.version, ==, 6);
    g_assert_cmphex(offer.actions, ==, 0x1ff);
    g_assert_cmphex(offer.protocol, ==, 0x1fffff);
    g_assert_false(sk_milter_offer_read(sk_bytes("\0\0\0\6\0\0\1\xff\0\x1f\xff", 11), &offer));
}

static void
test_write(void)
{
    g_auto(SkBuffer) out = {0};
    SkBytes parts[] = {sk_bytes("ab", 2), sk_bytes("", 1), sk_bytes(NULL, 0)};

    sk_buffer_init(&out, SK_MIB);
    g_assert_true(sk_milter_packet_append(&out, 'X', parts, 3));
    g_assert_true(sk_milter_packet_append_bare(&out, 'a'));
    g_assert_cmpmem(out.data, out.len, "\0\0\0\4Xab\0\0\0\0\1a", 13);
}

/* A packet that no reader would take is not written. */
static void
test_write_limits(void)
{
    g_autofree char *large = g_malloc0(SK_LIMIT_MILTER_PACKET);
    SkBytes parts[] = {sk_bytes(large, SK_LIMIT_MILTER_PACKET - 1), sk_bytes("x", 1)};
    g_auto(SkBuffer) out = {0}, small = {0};

    sk_buffer_init(&out, 4 * SK_MIB);
    sk_buffer_init(&small, 8);
    g_assert_false(sk_milter_packet_append(&out, 'X', parts, 2));
    g_assert_cmpuint(out.len, ==, 0);
    g_assert_true(sk_milter_packet_append(&out, 'X', parts, 1));
    g_assert_false(sk_milter_packet_append(&small, 'X', parts, 1));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/milter-packet/address", test_address);
    g_test_add_func("/milter-packet/peer", test_peer);
    g_test_add_func("/milter-packet/pairs", test_pairs);
    g_test_add_func("/milter-packet/offer", test_offer);
    g_test_add_func("/milter-packet/write", test_write);
    g_test_add_func("/milter-packet/write-limits", test_write_limits);
    return g_test_run();
}
