/* SPDX-License-Identifier: Apache-2.0 */

/*
 * store-files - stores and reads files as programs do that hold mail, for the end-to-end tests
 *
 * store-files put CONFIG FILE…   prints the id of each
 * store-files get CONFIG ID      the content, by a key that the keeper unsealed
 * store-files remove CONFIG ID
 */

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "blob/blob-reader.h"
#include "engine/engine-blob-site.h"
#include "engine/engine-settings.h"
#include "engine/engine-tables.h"
#include "process/process-keeper.h"
#include "seal/seal-store.h"
#include "store/store-open.h"

typedef struct {
    SkSettings *settings;
    SkStore *store;
    SkDb *keep;
    SkBlobPlace *place;
} Files;

static SkBytes
bytes_of(GBytes *bytes)
{
    gsize len;
    const void *data = g_bytes_get_data(bytes, &len);

    return sk_bytes(data, len);
}

static bool
put(Files *f, const char *path, GError **error)
{
    const char *hash_key = sk_settings_peek_text(f->settings, "store", "hash_key");
    g_autofree char *content = NULL;
    g_autoptr(SkBlobWriter) writer = NULL;
    g_autoptr(SkBlobRow) row = NULL;
    SkBlobSite site;
    gsize len;

    if (!g_file_get_contents(path, &content, &len, error) ||
        !sk_engine_blob_site_load(f->keep, hash_key, &site, error))
        return false;
    writer = sk_blob_writer_new(f->place, &site, sk_clock_now_us(sk_clock_real()));
    if (!sk_blob_writer_add(writer, sk_bytes(content, len), error))
        return false;
    row = sk_blob_writer_finish(writer, error);
    if (row == NULL || !sk_blob_store_add(f->keep, row, error))
        return false;
    puts(row->id);
    return true;
}

static SkSecret *
unseal(Files *f, const SkBlobRow *row, GError **error)
{
    g_autoptr(SkKeeper) keeper =
        sk_keeper_new(sk_settings_peek_text(f->settings, "keeper", "socket"),
                      sk_settings_peek_text(f->settings, "keeper", "grants"));
    g_autoptr(SkSiteKey) key = NULL;
    SkKeeperSiteKey site_key;

    if (!sk_seal_store_load(f->keep, row->seal_id, &key, error))
        return NULL;
    g_assert(key != NULL);
    site_key = (SkKeeperSiteKey){.id = key->id, .wrapped = bytes_of(key->wrapped)};
    return sk_keeper_unseal(keeper, &site_key, SK_SEAL_BLOB, row->id, bytes_of(row->sealed_key),
                            "an end-to-end test", error);
}

static bool
print_all(SkBlobReader *reader, uint64_t size, GError **error)
{
    uint8_t piece[40000];
    size_t n = 0;

    for (uint64_t at = 0; at < size; at += n) {
        if (!sk_blob_reader_read(reader, at, piece, sizeof piece, &n, error))
            return false;
        g_assert(n > 0);
        fwrite(piece, 1, n, stdout);
    }
    return true;
}

static bool
get(Files *f, const char *id, GError **error)
{
    g_autoptr(SkBlobRow) row = NULL;
    g_autoptr(SkSecret) key = NULL;
    g_autoptr(SkBlobReader) reader = NULL;

    if (!sk_blob_store_load(f->keep, id, &row, error))
        return false;
    g_assert(row != NULL);
    key = unseal(f, row, error);
    if (key == NULL)
        return false;
    reader = sk_blob_reader_new(f->place, row, sk_secret_bytes(key), error);
    return reader != NULL && print_all(reader, row->size, error);
}

static bool
take_away(Files *f, const char *id, GError **error)
{
    return sk_blob_store_remove(f->keep, id, error);
}

static bool
open_all(Files *f, const char *config, GError **error)
{
    f->settings = sk_engine_settings_read(config, error);
    if (f->settings != NULL)
        f->store = sk_store_new(f->settings, "sekisho-clerk", sk_engine_tables, error);
    if (f->store != NULL)
        f->keep = sk_store_open(f->store, SK_KEEP, SK_STORE_WRITE, error);
    if (f->keep != NULL)
        f->place = sk_store_open_blobs(f->store, error);
    return f->place != NULL;
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool (*run)(Files *f, const char *what, GError **error);
    } commands[] = {{"put", put}, {"get", get}, {"remove", take_away}};
    g_autoptr(GError) error = NULL;
    Files f = {0};
    bool ok = argc > 3 && open_all(&f, argv[2], &error);

    for (int i = 3; ok && i < argc; i++) {
        for (size_t c = 0; c < G_N_ELEMENTS(commands); c++) {
            if (strcmp(argv[1], commands[c].name) == 0)
                ok = ok && commands[c].run(&f, argv[i], &error);
        }
    }
    if (!ok)
        fprintf(stderr, "store-files: %s\n", error != NULL ? error->message : "usage");
    sk_blob_place_close(f.place);
    sk_db_close(f.keep);
    sk_store_free(f.store);
    sk_settings_free(f.settings);
    return ok ? 0 : 2;
}
