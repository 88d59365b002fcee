/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store-manifest.h"

#include "base/error.h"

#define SUM "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ID  "0123456789abcdefghijklmnop"

#define FILE_OF(name) "{\"name\":\"" name "\",\"size\":1,\"sha256\":\"" SUM "\"}"
#define FILES         FILE_OF("keep.db") "," FILE_OF("know.db") "," FILE_OF("blobs.sha256")
#define REST          "\"blobs\":1,\"blob_bytes\":2,\"missing\":0}"
#define HEAD          "{\"format\":1,\"sekisho\":\"0.1.0\",\"made\":\"today\","
#define MODULES       "\"modules\":[{\"database\":\"keep\",\"name\":\"blob\",\"version\":3}],"

static void
test_round_trip(void)
{
    const SkFileSum sum = {77, SUM};
    g_autoptr(SkManifest) manifest = sk_manifest_new(false, INT64_C(1795253400000000));
    g_autoptr(SkManifest) again = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    const SkBackupModule *module;

    sk_manifest_add_module(manifest, SK_KEEP, "blob", 3);
    sk_manifest_add_file(manifest, SK_BACKUP_KEEP, &sum);
    sk_manifest_add_file(manifest, SK_BACKUP_KNOW, &sum);
    sk_manifest_add_file(manifest, SK_BACKUP_BLOBS, &sum);
    manifest->blobs = 12;
    manifest->blob_bytes = 1ULL << 40;
    manifest->missing = 2;
    text = sk_manifest_format(manifest);
    again = sk_manifest_parse("x", sk_bytes(text, strlen(text)), &error);
    g_assert_no_error(error);
    g_assert_cmpstr(again->made, ==, "2026-11-21T09:30:00Z");
    g_assert_cmpstr(again->sekisho, ==, SK_VERSION);
    g_assert_false(again->shared);
    g_assert_cmpuint(again->blobs, ==, 12);
    g_assert_cmpuint(again->blob_bytes, ==, 1ULL << 40);
    g_assert_cmpuint(again->missing, ==, 2);
    g_assert_true(sk_file_sum_equal(sk_manifest_peek_file(again, "know.db"), &sum));
    g_assert_null(sk_manifest_peek_file(again, "store.dump"));
    g_assert_cmpuint(again->modules->len, ==, 1);
    module = again->modules->pdata[0];
    g_assert_cmpint(module->database, ==, SK_KEEP);
    g_assert_cmpstr(module->name, ==, "blob");
    g_assert_cmpint(module->version, ==, 3);
}

static void
test_parse(void)
{
    static const struct {
        const char *text;
        int code; /* -1: it is one */
        const char *words;
    } cases[] = {
        {HEAD "\"engine\":\"sqlite\"," MODULES "\"files\":[" FILES "]," REST, -1, NULL},
        {HEAD "\"engine\":\"postgresql\"," MODULES
              "\"files\":[" FILE_OF("store.dump") "," FILE_OF("blobs.sha256") "]," REST,
         -1, NULL},
        /* What a newer one means cannot be known. */
        {"{\"format\":2}", SK_ERROR_CONFIG, "newer version"},
        {"", SK_ERROR_PROTOCOL, "x is not"},
        {"[]", SK_ERROR_PROTOCOL, "format"},
        {"{\"format\":1}", SK_ERROR_PROTOCOL, "wrong or missing"},
        {HEAD "\"engine\":\"sqlite\"," MODULES "\"files\":[" FILE_OF("keep.db") "]," REST,
         SK_ERROR_PROTOCOL, "files"},
        {HEAD "\"engine\":\"oracle\"," MODULES "\"files\":[" FILES "]," REST, SK_ERROR_PROTOCOL,
         "engine"},
        {HEAD "\"engine\":\"sqlite\"," MODULES "\"files\":[" FILES
              "," FILE_OF("../x") "]," REST,
         SK_ERROR_PROTOCOL, "name"},
        {HEAD "\"engine\":\"sqlite\"," MODULES "\"files\":[" FILES
              "," FILE_OF("keep.db") "]," REST,
         SK_ERROR_PROTOCOL, "name"},
        {HEAD "\"engine\":\"sqlite\",\"modules\":[{\"database\":\"keep\",\"name\":\"blob\","
              "\"version\":-3}],\"files\":[" FILES "]," REST,
         SK_ERROR_PROTOCOL, "version"},
        {HEAD "\"engine\":\"sqlite\",\"modules\":[{\"database\":\"other\",\"name\":\"blob\","
              "\"version\":3}],\"files\":[" FILES "]," REST,
         SK_ERROR_PROTOCOL, "database"},
        {HEAD "\"engine\":\"sqlite\"," MODULES "\"files\":[" FILES ",{\"name\":\"store.dump\","
              "\"size\":1,\"sha256\":\"00\"}]," REST,
         SK_ERROR_PROTOCOL, "sha256"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        SkBytes text = sk_bytes(cases[i].text, strlen(cases[i].text));
        g_autoptr(GError) error = NULL;
        g_autoptr(SkManifest) manifest = sk_manifest_parse("x", text, &error);

        g_assert_cmpint(manifest != NULL, ==, cases[i].code < 0);
        if (manifest != NULL)
            continue;
        g_test_message("%s", error->message);
        g_assert_error(error, SK_ERROR, cases[i].code);
        g_assert_nonnull(strstr(error->message, cases[i].words));
    }
}

static void
test_lines(void)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {
        {SUM "  blobs/01/" ID "\n", true},
        {SUM "  blobs/02/" ID "\n", false},
        {SUM "  blobs/01/" ID " ", false},
        {SUM "  blobs/01/" ID, false},
        {SUM "  blobs/01/" ID "\n\n", false},
        {"E" SUM "  blobs/01/" ID "\n", false},
        {SUM "  ../ab/01/" ID "\n", false},
        {SUM "  blobs/../../../../../../../../../etc\n", false},
        {"", false},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t len = strlen(cases[i].text);
        g_autofree char *exact = len > 0 ? g_memdup2(cases[i].text, len) : NULL;
        g_autofree char *again = NULL, *path = NULL;
        SkBlobLine line;

        g_assert_cmpint(sk_blob_line_parse(sk_bytes(exact, len), &line), ==, cases[i].ok);
        if (!cases[i].ok)
            continue;
        g_assert_cmpstr(line.id, ==, ID);
        again = sk_blob_line_format(&line);
        g_assert_cmpstr(again, ==, cases[i].text);
        path = sk_blob_line_path(&line);
        g_assert_cmpstr(path, ==, "blobs/01/" ID);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-manifest/round-trip", test_round_trip);
    g_test_add_func("/store-manifest/parse", test_parse);
    g_test_add_func("/store-manifest/lines", test_lines);
    return g_test_run();
}
