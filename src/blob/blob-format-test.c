/* SPDX-License-Identifier: Apache-2.0 */
#include "blob/blob-format.h"

#include <string.h>

static const char ID[] = "5k2xq0m3v8t7r6w9yzabcdefgh";

static SkBytes
fixed_key(void)
{
    static uint8_t key[SK_BLOB_KEY_LEN];

    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)(100 + i);
    return sk_bytes(key, sizeof key);
}

static uint8_t *
make_plain(uint64_t size)
{
    uint8_t *plain = g_malloc(size + 1);

    for (uint64_t i = 0; i < size; i++)
        plain[i] = (uint8_t)(i * i % 251);
    return plain;
}

static GByteArray *
seal(uint64_t size)
{
    g_autofree uint8_t *plain = make_plain(size);
    GByteArray *stored = g_byte_array_new();
    g_autoptr(SkBlobSealer) sealer = NULL;

    g_byte_array_set_size(stored, SK_BLOB_HEADER_LEN);
    sk_blob_header_write(ID, stored->data);
    sealer = sk_blob_sealer_new(fixed_key(), stored->data);
    for (uint64_t i = 0, chunks = sk_blob_count_chunks(size); i < chunks; i++) {
        SkBytes chunk = sk_bytes_slice(sk_bytes(plain, size), i * SK_BLOB_CHUNK, SK_BLOB_CHUNK);
        guint at = stored->len;

        g_byte_array_set_size(stored, at + (guint)chunk.len + SK_BLOB_TAG_LEN);
        sk_blob_sealer_add(sealer, chunk, i + 1 == chunks, stored->data + at);
    }
    return stored;
}

/* SHA-256 of what tests/blob-oracle.py makes of the same key, id and files: the format must
 * not change by accident. */
static void
test_vectors(void)
{
    static const struct {
        uint64_t size;
        const char *digest;
    } cases[] = {
        {0, "84630be5188acc44239a3e2826dbb1f2da8e28bff7e3ca37da4da982e1654151"},
        {1, "cc5c1bb1741c91de5ee92ff6a1d61a689c0f892788dd70826dcf89071c38d31a"},
        {65535, "75da64295f8e03cc0eb1d7c68ca034b1172661801d6c172c299af69024c213a6"},
        {65536, "71a63dbec8c02e9a2dc0dc12cda414ae171ff792d45c89fcf4b48dc042d21304"},
        {65537, "0b1e6560e582897d0cc458e01b2d1a1a6cd469e743c8a312e225c0f276b921ae"},
        {131072, "91f98f1a257631484148f0b925406cb588423919ea78e51f63de8628e1272a3b"},
        {340025, "a4b158baa1fe47457615ad3fceb85a9c33da63f1912aed22ed9c2ff7fd11b171"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) stored = seal(cases[i].size);
        g_autofree char *digest =
            g_compute_checksum_for_data(G_CHECKSUM_SHA256, stored->data, stored->len);

        g_assert_cmpstr(digest, ==, cases[i].digest);
    }
}

static void
test_bytes(void)
{
    /* By the same: "hello, blob". */
    static const uint8_t expected[] = {
        0x53, 0x4b, 0x42, 0x31, 0x00, 0x01, 0x00, 0x00, 0xb3, 0x17, 0x6e, 0x0a, 0x0f,
        0x68, 0xd1, 0xf0, 0x6e, 0x27, 0xdf, 0x52, 0xd8, 0xd7, 0x3e, 0x11, 0x81, 0xe1,
        0x15, 0x96, 0x06, 0x5e, 0xf8, 0xee, 0xc6, 0x75, 0xbc, 0x12, 0x2a, 0x34, 0xd0,
        0x7e, 0x2b, 0xec, 0xdb, 0x54, 0x7f, 0xe8, 0xdc, 0x6e, 0x57, 0x64, 0x18,
    };
    uint8_t stored[sizeof expected];
    g_autoptr(SkBlobSealer) sealer = NULL;

    sk_blob_header_write(ID, stored);
    sealer = sk_blob_sealer_new(fixed_key(), stored);
    sk_blob_sealer_add(sealer, sk_bytes("hello, blob", 11), true, stored + SK_BLOB_HEADER_LEN);
    g_assert_cmpmem(stored, sizeof stored, expected, sizeof expected);
}

static void
test_sizes(void)
{
    static const struct {
        uint64_t size, stored;
    } cases[] = {
        {0, 40},
        {1, 41},
        {65535, 65575},
        {65536, 65576},
        {65537, 65593},
        {131072, 131128},
        {131073, 131145},
        {SK_BLOB_SIZE_MAX, SK_BLOB_HEADER_LEN + SK_BLOB_SIZE_MAX + (UINT64_C(1) << 32) * 16},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint64_t stored = 0, size = 0;

        g_assert_true(sk_blob_size_to_stored(cases[i].size, &stored));
        g_assert_cmpuint(stored, ==, cases[i].stored);
        g_assert_true(sk_blob_size_from_stored(stored, &size));
        g_assert_cmpuint(size, ==, cases[i].size);
    }
}

static void
test_no_sizes(void)
{
    /* An empty chunk behind a full one; too little for a tag; too much. */
    static const uint64_t cases[] = {0,
                                     1,
                                     23,
                                     24,
                                     39,
                                     65577,
                                     65576 + 15,
                                     65576 + 16,
                                     131128 + 1,
                                     SK_BLOB_SIZE_MAX + 24 + (UINT64_C(1) << 36) + 1,
                                     UINT64_MAX - 1,
                                     UINT64_MAX};
    uint64_t untouched = 7;

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_false(sk_blob_size_from_stored(cases[i], &untouched));
    g_assert_false(sk_blob_size_to_stored(SK_BLOB_SIZE_MAX + 1, &untouched));
    g_assert_false(sk_blob_size_to_stored(UINT64_MAX, &untouched));
    g_assert_cmpuint(untouched, ==, 7);
    g_assert_cmpuint(sk_blob_chunk_at(0), ==, 24);
    g_assert_cmpuint(sk_blob_chunk_at(3), ==, 24 + 3 * 65552);
}

/* Every stored length up to three chunks and some is one of exactly one file, or of none. */
static void
test_sizes_all(void)
{
    uint64_t expected = 0;

    for (uint64_t stored = 0; stored < 200000; stored++) {
        uint64_t size, again;

        if (!sk_blob_size_from_stored(stored, &size))
            continue;
        g_assert_cmpuint(size, ==, expected);
        g_assert_true(sk_blob_size_to_stored(size, &again));
        g_assert_cmpuint(again, ==, stored);
        expected++;
    }
    g_assert_cmpuint(expected, >, 199000);
}

typedef struct {
    const char *name;
    uint64_t number; /* what the chunk is said to be */
    bool last;
    uint64_t at; /* where it is taken from */
    size_t len;
    const char *id;
    uint8_t key_change;
    bool ok;
} OpenCase;

static const OpenCase open_cases[] = {
    {"first", 0, false, 24, 65552, ID, 0, true},
    {"last", 1, true, 24 + 65552, 10 + 16, ID, 0, true},
    {"first as second", 1, false, 24, 65552, ID, 0, false},
    {"first as last", 0, true, 24, 65552, ID, 0, false},
    {"last as not last", 1, false, 24 + 65552, 10 + 16, ID, 0, false},
    {"last as first", 0, true, 24 + 65552, 10 + 16, ID, 0, false},
    {"last, cut", 1, true, 24 + 65552, 9 + 16, ID, 0, false},
    {"only a tag", 1, true, 24 + 65552, 16, ID, 0, false},
    {"of another blob", 0, false, 24, 65552, "5k2xq0m3v8t7r6w9yzabcdefgj", 0, false},
    {"another key", 0, false, 24, 65552, ID, 1, false},
};

static void
test_open(const void *data)
{
    const OpenCase *c = data;
    g_autoptr(GByteArray) stored = seal(SK_BLOB_CHUNK + 10);
    g_autofree uint8_t *plain = make_plain(SK_BLOB_CHUNK + 10);
    g_autofree uint8_t *chunk = g_memdup2(stored->data + c->at, c->len);
    g_autofree uint8_t *out = g_malloc(c->len);
    static const uint8_t zeros[SK_BLOB_CHUNK];
    uint8_t header[SK_BLOB_HEADER_LEN], key[SK_BLOB_KEY_LEN];
    g_autoptr(SkBlobOpener) opener = NULL;

    sk_blob_header_write(c->id, header);
    memcpy(key, fixed_key().data, sizeof key);
    key[31] ^= c->key_change;
    opener = sk_blob_opener_new(sk_bytes(key, sizeof key), header);
    g_assert_cmpint(
        sk_blob_opener_read(opener, c->number, c->last, sk_bytes(chunk, c->len), out), ==,
        c->ok);
    g_assert_cmpmem(out, c->len - 16, c->ok ? plain + c->number * SK_BLOB_CHUNK : zeros,
                    c->len - 16);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/blob-format/vectors", test_vectors);
    g_test_add_func("/blob-format/bytes", test_bytes);
    g_test_add_func("/blob-format/sizes", test_sizes);
    g_test_add_func("/blob-format/no-sizes", test_no_sizes);
    g_test_add_func("/blob-format/sizes/all", test_sizes_all);
    for (size_t i = 0; i < G_N_ELEMENTS(open_cases); i++) {
        g_autofree char *path = g_strdup_printf("/blob-format/open/%s", open_cases[i].name);

        g_test_add_data_func(path, &open_cases[i], test_open);
    }
    return g_test_run();
}
