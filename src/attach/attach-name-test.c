/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-name.h"

#include <glib.h>

#include "attach/attach-extension.h"

static void
test_tricks(void)
{
    static const char *const names[] = {
        "invoice.pdf.exe",
        "invoice.pdf_____.exe",
        "invoice.pdf          .exe",
        "invoice          .exe",
        "INVOICE.PDF.EXE",
        "photo.jpg.lnk",
        "report.xlsx.js",
        "a.zip.scr",
        "scan.pdf.iso",
        "scan.pdf.html",
        "invoice.pdf.exe.",
        "invoice.pdf.exe  ",
        "invoice.pdf.exe::$DATA",
        "invoice.pdf\u3000\u3000\u3000\u3000\u3000.exe",
        "invoice\u2024pdf.exe",
        "見積書.xlsx.vbs",
        "a.{3050f4d8-98b5-11cf-bb82-00aa00bdce0b}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_test_message("%s", names[i]);
        g_assert_nonnull(sk_attach_name_extension_trick(names[i]));
    }
}

static void
test_ordinary_names(void)
{
    static const char *const names[] = {
        "report.2026.pdf",
        "archive.tar.gz",
        "見積書.ver2.xlsx",
        "a.b.c.docx",
        "post.pdf.zip",
        "setup.exe",
        "setup-1.2.3.exe",
        "jquery.min.js",
        "a.txt.html",
        "README.md.html",
        "株式会社.2026.pdf",
        "v1.0.tar.xz",
        "",
        ".",
        "..",
        "exe",
        ".exe",
        "a.",
        "議事録　最終版.docx",
        "a_____b.pdf",
        "file.pdf.p7m",
        "key.pem.asc",
        "Dr. A. B. Smith.docx",
    };

    g_assert_null(sk_attach_name_extension_trick(NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_test_message("%s", names[i]);
        g_assert_null(sk_attach_name_extension_trick(names[i]));
        g_assert_false(sk_attach_name_is_bidi(names[i]));
    }
}

static void
test_bidi(void)
{
    g_assert_true(sk_attach_name_is_bidi("invoice\u202Efdp.exe"));
    g_assert_true(sk_attach_name_is_bidi("a\u2066b.pdf"));
    /* Right-to-left marks stand in ordinary Hebrew and Arabic names. */
    g_assert_false(sk_attach_name_is_bidi("\u05d0\u05d1\u200f.pdf"));
    g_assert_false(sk_attach_name_is_bidi(NULL));
}

static void
test_extensions(void)
{
    g_assert_cmpint(sk_extension_of("a.EXE"), ==, SK_EXTENSION_PROGRAM);
    g_assert_cmpint(sk_extension_of("a.settingcontent-ms"), ==, SK_EXTENSION_SHORTCUT);
    g_assert_cmpint(sk_extension_of("a.pd"), ==, SK_EXTENSION_OTHER);
    g_assert_cmpint(sk_extension_of(NULL), ==, SK_EXTENSION_OTHER);
    g_assert_true(sk_extension_is_volume("a.zip.001"));
    g_assert_true(sk_extension_is_volume("a.Z01"));
    g_assert_true(sk_extension_is_volume("a.r00"));
    g_assert_false(sk_extension_is_volume("a.rar"));
    g_assert_false(sk_extension_is_volume("a.2026"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/name/tricks", test_tricks);
    g_test_add_func("/name/ordinary", test_ordinary_names);
    g_test_add_func("/name/bidi", test_bidi);
    g_test_add_func("/name/extensions", test_extensions);
    return g_test_run();
}
