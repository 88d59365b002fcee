/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-marker.h"
#include "attach/attach-scan.h"

/* Archives of the corpus, whole and in every way damaged. */
typedef struct {
    const char *path;
    bool (*is_at)(SkBytes bytes, size_t at);
    bool checked;      /* its first header has a checksum */
    size_t version_at; /* two bytes that it leaves out, or 0 */
} Case;

static const Case locked[] = {
    {"7z-encrypted-all/locked.7z", sk_attach_7z_is_at, true, 6},
    {"7z-encrypted-headers/headers.7z", sk_attach_7z_is_at, true, 6},
    {"rar5-encrypted-all/locked.rar", sk_attach_rar5_is_at, true, 0},
    {"rar5-encrypted-headers/headers.rar", sk_attach_rar5_is_at, true, 0},
    {"rar4-encrypted-all/locked.rar", sk_attach_rar4_is_at, true, 0},
    {"rar4-encrypted-headers/headers.rar", sk_attach_rar4_is_at, true, 0},
    {"rar14-encrypted/old.rar", sk_attach_rar14_is_at, false, 0},
    {"arj-garbled-all/locked.arj", sk_attach_arj_is_at, true, 0},
    {"ace-encrypted-all/locked.ace", sk_attach_ace_is_at, true, 0},
};

typedef struct {
    uint8_t *data;
    size_t len;
} File;

static void
clear_file(File *file)
{
    g_free(file->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, clear_file)

/* In memory of its exact size. */
static File
read_case(const Case *c)
{
    g_autofree char *path = g_build_filename(SK_TEST_CORPUS, "attach", c->path, NULL);
    g_autofree char *raw = NULL;
    gsize len = 0;

    g_test_message("%s", c->path);
    g_assert_true(g_file_get_contents(path, &raw, &len, NULL));
    return (File){g_memdup2(raw, len), len};
}

/* How many bytes it takes to believe the mark. */
static size_t
first_header(const Case *c, const File *file)
{
    size_t n = 0;

    while (n <= file->len && !c->is_at(sk_bytes(file->data, n), 0))
        n++;
    g_assert_cmpuint(n, <=, file->len);
    return n;
}

static void
test_place(void)
{
    static const char stub[] = "MZ is how a stub might start";
    size_t before = sizeof stub - 1;

    for (size_t i = 0; i < G_N_ELEMENTS(locked); i++) {
        g_auto(File) file = read_case(&locked[i]);
        g_autofree uint8_t *all = g_malloc(before + file.len);
        SkBytes b = sk_bytes(all, before + file.len);

        memcpy(all, stub, before);
        memcpy(all + before, file.data, file.len);
        g_assert_true(locked[i].is_at(b, before));
        g_assert_false(locked[i].is_at(b, before - 1));
        g_assert_false(locked[i].is_at(b, before + 1));
        g_assert_false(locked[i].is_at(b, 0));
        g_assert_false(locked[i].is_at(b, b.len));
        g_assert_false(locked[i].is_at(b, SIZE_MAX));
    }
}

/* Every bit of a first header matters. */
static void
test_bits(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(locked); i++) {
        g_auto(File) file = read_case(&locked[i]);
        size_t n = locked[i].checked ? first_header(&locked[i], &file) : 0;

        for (size_t bit = 0; bit < 8 * n; bit++) {
            file.data[bit / 8] ^= 1 << bit % 8;
            if (locked[i].is_at(sk_bytes(file.data, file.len), 0) &&
                (locked[i].version_at == 0 || bit / 16 != locked[i].version_at / 2))
                g_error("%s: bit %zu", locked[i].path, bit);
            file.data[bit / 8] ^= 1 << bit % 8;
        }
    }
}

static bool
passes(SkBytes archive)
{
    g_autofree uint8_t *exact = g_memdup2(archive.data, archive.len);
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkAttachScan) scan = NULL;
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_scan_file(scan, "minutes", sk_bytes(exact, archive.len));
    return sk_attach_scan_inspected(scan);
}

/* One changed bit must not make an encrypted archive pass as inspected; the mark aside, for
 * without it the file is of another kind. RAR 1.4 has no checksums. */
static void
test_changed_does_not_pass(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(locked); i++) {
        g_auto(File) file = read_case(&locked[i]);

        for (size_t bit = 8 * 16; locked[i].checked && bit < 8 * file.len; bit++) {
            file.data[bit / 8] ^= 1 << bit % 8;
            if (passes(sk_bytes(file.data, file.len)))
                g_error("%s: bit %zu", locked[i].path, bit);
            file.data[bit / 8] ^= 1 << bit % 8;
        }
    }
}

/* Cut anywhere behind its first header, it does not pass either. */
static void
test_cut_does_not_pass(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(locked); i++) {
        g_auto(File) file = read_case(&locked[i]);

        for (size_t n = first_header(&locked[i], &file) + 1; n < file.len; n++) {
            if (passes(sk_bytes(file.data, n)))
                g_error("%s: cut to %zu", locked[i].path, n);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-archives/place", test_place);
    g_test_add_func("/attach-archives/bits", test_bits);
    g_test_add_func("/attach-archives/changed-does-not-pass", test_changed_does_not_pass);
    g_test_add_func("/attach-archives/cut-does-not-pass", test_cut_does_not_pass);
    return g_test_run();
}
