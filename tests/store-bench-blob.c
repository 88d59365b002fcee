/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store-bench-blob bare|port put|get DIRECTORY MEGABYTES SECONDS: stores or reads one file
 * again and again
 *
 * "bare": the same cipher over the same bytes, one write(), fsync() of file and folder; and the
 * way back.
 */

#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/autofree.h"
#include "base/random.h"
#include "blob/blob-reader.h"
#include "blob/blob-writer.h"
#include "store/store-bench-fixture.h"
#include "store/store-blob-directory.h"

#define PIECE (1 << 20)

typedef struct {
    const char *folder;
    uint8_t *plain;
    uint8_t *out;
    size_t size;
    BenchRun run;
} Bench;

static void
cipher(const Bench *b, const uint8_t *from, uint8_t *to, bool encrypt)
{
    static const uint8_t key[32] = {1}, nonce[12] = {2};
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;

    g_assert(EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, nonce, encrypt) == 1);
    for (size_t at = 0; at < b->size; at += PIECE)
        g_assert(EVP_CipherUpdate(ctx, to + at, &n, from + at, PIECE) == 1);
    EVP_CIPHER_CTX_free(ctx);
}

static void
bare_put(Bench *b)
{
    g_autofree char *path = g_build_filename(b->folder, "bare", NULL);
    sk_autofd int folder = open(b->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int64_t start;

    do {
        sk_autofd int fd = -1;

        (void)unlink(path);
        start = g_get_monotonic_time();
        cipher(b, b->plain, b->out, true);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        g_assert(write(fd, b->out, b->size) == (ssize_t)b->size);
        g_assert(fsync(fd) == 0 && fsync(folder) == 0);
    } while (bench_more(&b->run, start));
}

static void
bare_get(Bench *b)
{
    g_autofree char *path = g_build_filename(b->folder, "bare", NULL);
    int64_t start;

    do {
        sk_autofd int fd = -1;

        start = g_get_monotonic_time();
        fd = open(path, O_RDONLY | O_CLOEXEC);
        for (size_t at = 0; at < b->size; at += PIECE)
            g_assert(read(fd, b->out + at, PIECE) == PIECE);
        cipher(b, b->out, b->plain, false);
    } while (bench_more(&b->run, start));
}

static SkBlobRow *
put(const Bench *b, SkBlobPlace *place, const SkBlobSite *site)
{
    g_autoptr(SkBlobWriter) writer = sk_blob_writer_new(place, site, g_get_real_time());
    g_autoptr(GError) error = NULL;
    SkBlobRow *row;

    for (size_t at = 0; at < b->size; at += PIECE)
        g_assert(sk_blob_writer_add(writer, sk_bytes(b->plain + at, PIECE), &error));
    row = sk_blob_writer_finish(writer, &error);
    if (row == NULL)
        g_error("%s", error->message);
    return row;
}

static void
port_put(Bench *b, SkBlobPlace *place, const SkBlobSite *site)
{
    int64_t start;
    bool more;

    do {
        g_autoptr(SkBlobRow) row = NULL;

        start = g_get_monotonic_time();
        row = put(b, place, site);
        more = bench_more(&b->run, start);
        g_assert(sk_blob_place_remove(place, row->id, NULL));
    } while (more);
}

static void
port_get(Bench *b, SkBlobPlace *place, const SkSealPair *pair, const SkBlobSite *site)
{
    g_autoptr(SkBlobRow) row = put(b, place, site);
    g_autoptr(GError) error = NULL;
    int64_t start;

    do {
        g_autoptr(SkSecret) key = NULL;
        g_autoptr(SkBlobReader) reader = NULL;
        size_t sealed_len = 0;
        const void *sealed = g_bytes_get_data(row->sealed_key, &sealed_len);
        size_t n = 0;

        start = g_get_monotonic_time();
        key = sk_seal_open(pair, SK_SEAL_BLOB, row->id, sk_bytes(sealed, sealed_len), &error);
        reader = sk_blob_reader_new(place, row, sk_secret_bytes(key), &error);
        for (size_t at = 0; at < b->size; at += PIECE)
            g_assert(sk_blob_reader_read(reader, at, b->out + at, PIECE, &n, &error) &&
                     n == PIECE);
    } while (bench_more(&b->run, start));
    g_assert(memcmp(b->plain, b->out, b->size) == 0);
}

static void
run_port(Bench *b, const char *what)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SkBlobPlace) place =
        sk_store_blob_directory_open(b->folder, SK_DIRECTORY_UNNAMED, &error);
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkBlobSite site = {.seal_to = sk_seal_pair_get_public(pair)};

    if (place == NULL)
        g_error("%s", error->message);
    if (strcmp(what, "put") == 0)
        port_put(b, place, &site);
    else
        port_get(b, place, pair, &site);
}

int
main(int argc, char **argv)
{
    Bench b = {0};

    g_assert(argc == 6);
    b.folder = argv[3];
    b.size = (size_t)atoi(argv[4]) * PIECE;
    b.plain = g_malloc(b.size);
    b.out = g_malloc0(b.size);
    sk_random_fill(b.plain, b.size);
    bench_begin(&b.run, strtod(argv[5], NULL));
    if (strcmp(argv[1], "port") == 0)
        run_port(&b, argv[2]);
    else if (strcmp(argv[2], "put") == 0)
        bare_put(&b);
    else
        bare_get(&b);
    bench_end(&b.run);
    g_free(b.plain);
    g_free(b.out);
    return 0;
}
