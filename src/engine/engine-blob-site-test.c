/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-blob-site.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "seal/seal-store.h"
#include "store/store-migrate.h"
#include "store/store-sqlite.h"
#include "store/store-testing.h"

#define KEY "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

typedef struct {
    SkTestDir dir;
    char *path;
    SkDb *keep;
} Fixture;

static void
set_up(Fixture *f, const void *data)
{
    g_autofree char *file = NULL;

    (void)data;
    sk_test_dir_init(&f->dir);
    f->path = sk_test_dir_file(&f->dir, "hash.key");
    file = sk_test_dir_file(&f->dir, "keep.db");
    f->keep = sk_store_sqlite_open(file, SK_STORE_FULL, NULL);
    g_assert_true(sk_store_migrate(f->keep, sk_seal_tables.name, sk_seal_tables.steps, NULL));
}

static void
tear_down(Fixture *f, const void *data)
{
    (void)data;
    sk_db_close(f->keep);
    g_free(f->path);
    sk_test_dir_clear(&f->dir);
}

static SkSealPublic
add_site_key(SkDb *keep)
{
    g_autoptr(SkSealPair) pair = sk_seal_pair_new();
    SkSiteKey key = {.public = sk_seal_pair_get_public(pair),
                     .wrapped = g_bytes_new_static("wrapped", 7),
                     .made_us = 1,
                     .active = true};
    g_autofree char *id = sk_seal_id(&key.public);
    g_autoptr(GError) error = NULL;

    g_strlcpy(key.id, id, sizeof key.id);
    g_assert_true(sk_seal_store_activate(keep, &key, NULL, &error));
    g_bytes_unref(key.wrapped);
    return key.public;
}

static void
test_load(Fixture *f, const void *data)
{
    SkSealPublic public = add_site_key(f->keep);
    g_autoptr(GError) error = NULL;
    SkBlobSite site;

    g_assert_true(g_file_set_contents(f->path, KEY "\n", -1, NULL));
    g_assert_true(sk_engine_blob_site_load(f->keep, f->path, &site, &error));
    g_assert_cmpmem(site.seal_to.bytes, sizeof public.bytes, public.bytes, sizeof public.bytes);
    g_assert_cmpint(site.hash_key[1], ==, 0x11);
    g_assert_cmpint(site.hash_key[31], ==, 0xff);
}

static void
test_refusals(Fixture *f, const void *data)
{
    static const char *const texts[] = {"",         "\n",    "0011",      KEY "00",
                                        KEY "\n\n", "x" KEY, KEY "\r\n\n"};
    SkBlobSite site;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_true(g_file_set_contents(f->path, texts[i], -1, NULL));
        g_assert_false(sk_engine_blob_site_load(f->keep, f->path, &site, &error));
        g_assert_error(error, SK_ERROR, SK_ERROR_CONFIG);
        g_assert_nonnull(strstr(error->message, f->path));
    }
}

static void
test_missing(Fixture *f, const void *data)
{
    g_autoptr(GError) no_file = NULL, no_key = NULL;
    SkBlobSite site;

    g_assert_false(sk_engine_blob_site_load(f->keep, f->path, &site, &no_file));
    g_assert_error(no_file, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(no_file->message, "sekisho key init"));
    g_assert_true(g_file_set_contents(f->path, KEY, -1, NULL));
    g_assert_false(sk_engine_blob_site_load(f->keep, f->path, &site, &no_key));
    g_assert_error(no_key, SK_ERROR, SK_ERROR_NOT_FOUND);
    g_assert_nonnull(strstr(no_key->message, "sekisho key init"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/engine-blob-site/load", Fixture, NULL, set_up, test_load, tear_down);
    g_test_add("/engine-blob-site/refusals", Fixture, NULL, set_up, test_refusals, tear_down);
    g_test_add("/engine-blob-site/missing", Fixture, NULL, set_up, test_missing, tear_down);
    return g_test_run();
}
