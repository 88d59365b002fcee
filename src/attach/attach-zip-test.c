/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-zip.h"

#include <glib.h>

#include "attach/attach-zip-package.h"
#include "attach/attach-zip-unpack.h"

/* The archives are those of tests/corpus/attach, which a script makes and explains; here is
 * what is read of them, where the corpus compares what is made of it. */

/* The same bytes in memory of their exact size. */
typedef struct {
    uint8_t *bytes;
    size_t len;
} File;

static void
file_clear(File *file)
{
    g_free(file->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, file_clear)

static const char *
archive_name(const char *corpus_case)
{
    return strstr(corpus_case, "bomb") != NULL ? "bomb.zip" : "a.zip";
}

static File
load(const char *corpus_case)
{
    g_autofree char *path = g_build_filename(SK_TEST_CORPUS, "attach", corpus_case,
                                             archive_name(corpus_case), NULL);
    g_autofree char *text = NULL;
    gsize len = 0;

    g_assert_true(g_file_get_contents(path, &text, &len, NULL));
    return (File){g_memdup2(text, len), len};
}

typedef struct {
    const char *corpus_case;
    size_t entries;
    SkZipLock lock; /* of the last entry */
    bool masked;
    const char *odd;
    bool broken;
} Case;

static const Case cases[] = {
    {"zip-plain", 4, SK_ZIP_CLEAR, false, NULL, false},
    {"zip-plain-nested", 2, SK_ZIP_CLEAR, false, NULL, false},
    {"zip-plain-streamed", 2, SK_ZIP_CLEAR, false, NULL, false},
    {"zip-classic", 2, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-aes-flag-clear", 1, SK_ZIP_AES, false, NULL, false},
    {"zip-strong", 1, SK_ZIP_STRONG, false, NULL, false},
    {"zip-strong-bit-6-only", 1, SK_ZIP_STRONG, false, NULL, false},
    {"zip-certificate", 1, SK_ZIP_CERTIFICATE, false, NULL, false},
    {"zip-masked-directory", 1, SK_ZIP_MASKED, true, NULL, false},
    {"zip-masked-directory-mute", 1, SK_ZIP_MASKED, true, NULL, true},
    {"zip-hidden-directory-entry", 1, SK_ZIP_CLASSIC, true, NULL, false},
    {"zip-directory-says-clear", 1, SK_ZIP_CLASSIC, false,
     "encrypted by one header, not encrypted by the other", false},
    {"zip-local-says-clear", 1, SK_ZIP_CLASSIC, false,
     "encrypted by one header, not encrypted by the other", false},
    {"zip-two-names", 1, SK_ZIP_CLEAR, false, "two names for one file", false},
    {"zip-two-sizes", 1, SK_ZIP_CLEAR, false, "two sizes for one file", false},
    {"zip-two-methods", 1, SK_ZIP_CLEAR, false, "two compression methods for one file", false},
    {"zip-unlisted", 3, SK_ZIP_CLASSIC, false, "a file that the directory does not list",
     false},
    {"zip-overlapping", 2, SK_ZIP_CLASSIC, false, "two names for one file", false},
    {"zip-bomb-overlapping", 90, SK_ZIP_CLEAR, false, "files in it overlap", false},
    {"zip-count-too-small", 2, SK_ZIP_CLASSIC, false,
     "the directory has more or fewer files than it says", false},
    {"zip-concat-plain-then-locked", 2, SK_ZIP_CLEAR, false, "more than one directory", false},
    {"zip-end-in-comment", 2, SK_ZIP_CLASSIC, false, "more than one directory", false},
    {"zip-end-mark-in-comment", 1, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-prefix", 1, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-prefix-adjusted", 1, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-truncated", 2, SK_ZIP_CLASSIC, false, NULL, true},
    {"zip-descriptors", 3, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-descriptors-no-directory", 3, SK_ZIP_CLASSIC, false, NULL, true},
    {"zip-zip64-locked", 1, SK_ZIP_CLASSIC, false, NULL, false},
    {"zip-zip64-prefix", 1, SK_ZIP_CLASSIC, false, NULL, false},
    {"tool-zip-e", 2, SK_ZIP_CLASSIC, false, NULL, false},
    {"tool-7z-aes256", 2, SK_ZIP_AES, false, NULL, false},
    {"tool-bsdtar-zip", 2, SK_ZIP_CLEAR, false, NULL, false},
};

static void
check(const Case *one)
{
    g_auto(File) file = load(one->corpus_case);
    SkBudgetLimits limits = sk_budget_limits_default();
    g_auto(SkZip) zip = {0};
    SkBudget budget;

    g_test_message("%s", one->corpus_case);
    sk_budget_init(&budget, &limits);
    sk_zip_read(&zip, sk_bytes(file.bytes, file.len), &budget);
    g_assert_cmpuint(sk_zip_count(&zip), ==, one->entries);
    g_assert_cmpint(sk_zip_peek(&zip, one->entries - 1)->lock, ==, one->lock);
    g_assert_cmpint(zip.masked, ==, one->masked);
    g_assert_cmpstr(zip.odd, ==, one->odd);
    g_assert_cmpint(zip.broken != NULL, ==, one->broken);
}

static void
test_lists(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

/* However an archive is cut, what is read stays inside it. */
static void
test_cut_anywhere(void)
{
    g_auto(File) file = load("zip-zip64-prefix");

    for (size_t n = 0; n < file.len; n++) {
        g_autofree uint8_t *exact = g_memdup2(file.bytes, n);
        SkBudgetLimits limits = sk_budget_limits_default();
        g_auto(SkZip) zip = {0};
        SkBudget budget;

        sk_budget_init(&budget, &limits);
        sk_zip_read(&zip, sk_bytes(exact, n), &budget);
        g_assert_true(n == 0 || zip.broken != NULL || sk_zip_count(&zip) > 0);
    }
}

/* All flags are read when the budget has nothing left to unpack with. */
static void
test_budget(void)
{
    g_auto(File) file = load("zip-plain");
    SkBudgetLimits limits = sk_budget_limits_default();
    g_auto(SkZipUnpack) unpack = {0};
    g_auto(SkZip) zip = {0};
    SkBudget budget;

    limits.unpacked_entries = 1;
    sk_budget_init(&budget, &limits);
    sk_zip_read(&zip, sk_bytes(file.bytes, file.len), &budget);
    g_assert_cmpuint(sk_zip_count(&zip), ==, 4);
    sk_zip_unpack_init(&unpack, &zip);
    g_assert_cmpint(sk_zip_unpack_start(&unpack, sk_zip_peek(&zip, 1), 10), ==, SK_UNPACK_PART);
    g_assert_cmpuint(unpack.content.len, ==, 10);
    g_assert_cmpint(sk_zip_unpack_more(&unpack, SIZE_MAX), ==, SK_UNPACK_WHOLE);
    g_assert_cmpint(sk_zip_unpack_start(&unpack, sk_zip_peek(&zip, 2), 10), ==, SK_UNPACK_OVER);
    g_assert_cmpint(budget.spent, ==, SK_BUDGET_ENTRIES);
}

static void
test_methods(void)
{
    static const char *const packed[] = {"zip-plain",       "zip-method-bzip2",
                                         "zip-method-lzma", "tool-7z-ppmd",
                                         "tool-7z-xz",      "zip-plain-stored"};

    for (size_t i = 0; i < G_N_ELEMENTS(packed); i++) {
        g_auto(File) file = load(packed[i]);
        SkBudgetLimits limits = sk_budget_limits_default();
        g_auto(SkZipUnpack) unpack = {0};
        g_auto(SkZip) zip = {0};
        SkBudget budget;
        size_t letter = i == 0 ? 1 : 0;

        g_test_message("%s", packed[i]);
        sk_budget_init(&budget, &limits);
        sk_zip_read(&zip, sk_bytes(file.bytes, file.len), &budget);
        sk_zip_unpack_init(&unpack, &zip);
        g_assert_cmpint(sk_zip_unpack_start(&unpack, sk_zip_peek(&zip, letter), SIZE_MAX), ==,
                        SK_UNPACK_WHOLE);
        g_assert_true(sk_bytes_is(unpack.content, 0, "Dear customer,"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zip/lists", test_lists);
    g_test_add_func("/zip/cut-anywhere", test_cut_anywhere);
    g_test_add_func("/zip/budget", test_budget);
    g_test_add_func("/zip/methods", test_methods);
    return g_test_run();
}
