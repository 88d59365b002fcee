/* SPDX-License-Identifier: Apache-2.0 */

/*
 * blob-dump - `blob-dump seal|open KEY ID`: what blob-format makes of its input
 *
 * KEY is hexadecimal. For tests/blob-oracle.py, and for whoever has to read a blob by hand.
 */

#include <stdio.h>
#include <string.h>

#include "blob/blob-format.h"

#define STORED_CHUNK (SK_BLOB_CHUNK + SK_BLOB_TAG_LEN)

static SkBytes
read_input(GByteArray *all)
{
    uint8_t some[4096];
    size_t n;

    while ((n = fread(some, 1, sizeof some, stdin)) > 0)
        g_byte_array_append(all, some, (guint)n);
    return sk_bytes(all->data != NULL ? all->data : (const uint8_t *)"", all->len);
}

static void
seal(SkBytes key, const uint8_t *header, SkBytes plain)
{
    g_autoptr(SkBlobSealer) sealer = sk_blob_sealer_new(key, header);
    uint8_t stored[STORED_CHUNK];

    fwrite(header, 1, SK_BLOB_HEADER_LEN, stdout);
    do {
        SkBytes chunk = sk_bytes_slice(plain, 0, SK_BLOB_CHUNK);

        plain = sk_bytes_from(plain, chunk.len);
        sk_blob_sealer_add(sealer, chunk, plain.len == 0, stored);
        fwrite(stored, 1, chunk.len + SK_BLOB_TAG_LEN, stdout);
    } while (plain.len > 0);
}

static bool
open_all(SkBytes key, const uint8_t *header, SkBytes stored)
{
    g_autoptr(SkBlobOpener) opener = sk_blob_opener_new(key, header);
    uint8_t plain[SK_BLOB_CHUNK];
    uint64_t size;

    if (!sk_blob_size_from_stored(stored.len, &size) ||
        !sk_bytes_at(stored, 0, header, SK_BLOB_HEADER_LEN))
        return false;
    for (uint64_t i = 0; i < sk_blob_count_chunks(size); i++) {
        SkBytes chunk = sk_bytes_slice(stored, sk_blob_chunk_at(i), STORED_CHUNK);
        bool last = i + 1 == sk_blob_count_chunks(size);

        if (!sk_blob_opener_read(opener, i, last, chunk, plain))
            return false;
        fwrite(plain, 1, chunk.len - SK_BLOB_TAG_LEN, stdout);
    }
    return true;
}

static bool
read_key(const char *hex, uint8_t key[SK_BLOB_KEY_LEN])
{
    bool ok = strlen(hex) == 2 * SK_BLOB_KEY_LEN;

    for (size_t i = 0; ok && i < SK_BLOB_KEY_LEN; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]), low = g_ascii_xdigit_value(hex[2 * i + 1]);

        ok = high >= 0 && low >= 0;
        key[i] = (uint8_t)(high * 16 + low);
    }
    return ok;
}

int
main(int argc, char **argv)
{
    g_autoptr(GByteArray) all = g_byte_array_new();
    uint8_t bytes[SK_BLOB_KEY_LEN], header[SK_BLOB_HEADER_LEN];
    SkBytes key = sk_bytes(bytes, sizeof bytes);

    if (argc != 4 || !read_key(argv[2], bytes) || strlen(argv[3]) != 26) {
        fprintf(stderr, "usage: blob-dump seal|open KEY ID\n");
        return 2;
    }
    sk_blob_header_write(argv[3], header);
    if (strcmp(argv[1], "seal") == 0)
        seal(key, header, read_input(all));
    else if (!open_all(key, header, read_input(all)))
        return 1;
    return 0;
}
