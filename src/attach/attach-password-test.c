/* SPDX-License-Identifier: Apache-2.0 */
#include <glib.h>

#include "attach/attach-scan.h"

typedef struct {
    const char *file; /* under tests/corpus */
    const char *password;
    const char *want; /* "opened wrong unsupported over: findings" */
} Case;

static char *
describe(const SkInspectTry *try, const SkFindings *findings)
{
    GString *out = g_string_new(NULL);

    g_string_append_printf(out, "%u %u %u %u:", try->opened, try->wrong, try->unsupported,
                           try->over);
    for (size_t i = 0; i < sk_findings_count(findings); i++) {
        const SkFinding *one = sk_findings_peek(findings, i);

        g_string_append_printf(out, " %s(%s)", sk_finding_id_name(one->id), one->subject);
    }
    return g_string_free(out, FALSE);
}

static void
run(const Case *c)
{
    g_autofree char *path = g_build_filename(SK_TEST_CORPUS, c->file, NULL);
    g_autofree char *base = g_path_get_basename(c->file);
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    SkInspectTry try = {.password = c->password};
    g_autofree char *bytes = NULL, *exact = NULL, *got = NULL;
    g_autoptr(SkAttachScan) scan = NULL;
    SkBudget budget;
    size_t len;

    g_test_message("%s, %s", c->file, c->password);
    g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    exact = g_memdup2(bytes, len);
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_scan_set_try(scan, &try);
    sk_attach_scan_file(scan, base, sk_bytes(exact, len));
    got = describe(&try, findings);
    g_assert_cmpstr(got, ==, c->want);
}

#define RUN(cases)                                                                             \
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)                                           \
    run(&(cases)[i])

#define LOCKED " attach.encrypted.zip"

static void
test_zip(void)
{
    static const Case cases[] = {
        {"password/classic.zip", "secret", "1 0 0 0:"},
        {"password/classic.zip", "Secret", "0 1 0 0:" LOCKED "(classic.zip)"},
        {"password/classic.zip", "", "0 1 0 0:" LOCKED "(classic.zip)"},
        {"password/classic-stored.zip", "secret", "1 0 0 0:"},
        {"password/classic-tiny.zip", "secret", "1 0 0 0:"},
        {"password/classic-streamed.zip", "secret", "1 0 0 0:"},
        {"password/classic-streamed.zip", "wrong", "0 1 0 0:" LOCKED "(classic-streamed.zip)"},
        {"password/classic-lzma.zip", "secret", "0 0 1 0:" LOCKED "(classic-lzma.zip)"},
        {"password/aes-128.zip", "secret", "1 0 0 0:"},
        {"password/aes-256.zip", "secret", "1 0 0 0:"},
        {"password/aes-256.zip", "wrong", "0 1 0 0:" LOCKED "(aes-256.zip)"},
        {"password/aes-256-stored.zip", "secret", "1 0 0 0:"},
        {"password/aes-256-bzip2.zip", "secret", "0 0 1 0:" LOCKED "(aes-256-bzip2.zip)"},
        {"password/aes-256-deflate64.zip", "secret",
         "0 0 1 0:" LOCKED "(aes-256-deflate64.zip)"},
    };

    RUN(cases);
}

/* Only content with the right checksum was opened. */
static void
test_damage(void)
{
    static const Case cases[] = {
        {"password/classic-spoilt.zip", "secret", "0 1 0 0:" LOCKED "(classic-spoilt.zip)"},
        {"password/aes-256-spoilt.zip", "secret", "0 1 0 0:" LOCKED "(aes-256-spoilt.zip)"},
        {"password/classic-bomb.zip", "secret",
         "0 0 0 1: attach.limit.ratio(classic-bomb.zip)" LOCKED "(classic-bomb.zip)"},
    };

    RUN(cases);
}

/* ZipCrypto's check byte takes it for right. */
static void
test_near_miss(void)
{
    g_autofree char *password = NULL;
    Case one = {"password/classic-near-miss.zip", NULL,
                "0 1 0 0:" LOCKED "(classic-near-miss.zip)"};

    g_assert_true(g_file_get_contents(SK_TEST_CORPUS "/password/classic-near-miss.password",
                                      &password, NULL, NULL));
    one.password = password;
    run(&one);
    one.password = "secret";
    one.want = "1 0 0 0:";
    run(&one);
}

static void
test_content(void)
{
    static const Case cases[] = {
        {"password/classic-program.zip", "secret",
         "1 0 0 0: attach.danger.executable(classic-program.zip > a.exe)"},
        {"password/aes-256-program.zip", "secret",
         "1 0 0 0: attach.danger.executable(aes-256-program.zip > a.exe)"},
        {"password/classic-nested.zip", "secret",
         "1 0 0 0:" LOCKED "(classic-nested.zip > b.zip)"},
        {"password/classic-two-passwords.zip", "secret",
         "0 1 0 0:" LOCKED "(classic-two-passwords.zip)"},
        {"password/classic-some.zip", "secret",
         "1 0 0 0: attach.danger.executable(classic-some.zip > b.exe)"},
        {"attach/tar-gz-locked-zip/a.tar.gz", "no",
         "0 1 0 0:" LOCKED "(a.tar.gz > a.tar > docs/a.zip)"},
        {"password/launch.pdf", "secret", "1 0 0 0: attach.danger.pdf(launch.pdf)"},
        {"password/launch.pdf", "owner", "1 0 0 0: attach.danger.pdf(launch.pdf)"},
        {"password/launch.pdf", "wrong", "0 1 0 0: attach.encrypted.pdf(launch.pdf)"},
    };

    RUN(cases);
}

static void
test_others(void)
{
    static const Case cases[] = {
        {"attach/zip-strong/a.zip", "secret", "0 0 1 0:" LOCKED "(a.zip)"},
        {"attach/zip-plain/a.zip", "secret", "0 0 0 0:"},
        {"attach/7z-encrypted-all/locked.7z", "secret",
         "0 0 1 0: attach.encrypted.7z(locked.7z)"},
        {"attach/rar5-encrypted-all/locked.rar", "secret",
         "0 0 1 0: attach.encrypted.rar(locked.rar)"},
        {"attach/office-agile/book.xlsx", "secret",
         "0 0 1 0: attach.encrypted.office(book.xlsx)"},
        {"attach/pdf-password-256/a.pdf", "user", "1 0 0 0:"},
        {"attach/pdf-password-40/a.pdf", "user", "1 0 0 0:"},
        {"attach/pdf-password-r5/a.pdf", "user", "1 0 0 0:"},
        {"attach/pdf-password-objstm/a.pdf", "user", "1 0 0 0:"},
    };

    RUN(cases);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attach-password/zip", test_zip);
    g_test_add_func("/attach-password/damage", test_damage);
    g_test_add_func("/attach-password/near-miss", test_near_miss);
    g_test_add_func("/attach-password/content", test_content);
    g_test_add_func("/attach-password/others", test_others);
    return g_test_run();
}
