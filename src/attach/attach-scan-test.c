/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-scan.h"

#include <glib.h>

/* What one part of a message comes to: its findings, blank-separated. */
static char *
judge(const SkMailPart *part, bool *ret_inspected)
{
    g_autoptr(SkFindings) findings = sk_findings_new();
    SkBudgetLimits limits = sk_budget_limits_default();
    g_autoptr(SkAttachScan) scan = NULL;
    GString *out = g_string_new(NULL);
    SkMailPart exact = *part;
    g_autofree uint8_t *bytes = g_memdup2(part->content.data, part->content.len);
    SkBudget budget;

    exact.content = sk_bytes(bytes, part->content.len);
    sk_budget_init(&budget, &limits);
    scan = sk_attach_scan_new(&budget, findings);
    sk_attach_scan_part(scan, &exact);
    for (size_t i = 0; i < sk_findings_count(findings); i++)
        g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
                               sk_finding_id_name(sk_findings_peek(findings, i)->id));
    *ret_inspected = sk_attach_scan_inspected(scan);
    return g_string_free(out, FALSE);
}

typedef struct {
    SkMailPart part;
    const char *text; /* its content */
    const char *want;
    bool inspected;
} Case;

#define BODY(type_, text_, want_, inspected_)                                                  \
    {                                                                                          \
        {.path = "1", .type = type_, .is_text = true}, text_, want_, inspected_                \
    }
#define FILE_PART(type_, name_, text_, want_, inspected_)                                      \
    {                                                                                          \
        {.path = "2", .type = type_, .name = name_, .is_attachment = true}, text_, want_,      \
            inspected_                                                                         \
    }

static void
check(const Case *table, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SkMailPart part = table[i].part;
        g_autofree char *got = NULL;
        bool inspected = false;

        part.content = sk_bytes(table[i].text, strlen(table[i].text));
        got = judge(&part, &inspected);
        g_test_message("case %zu: %.40s", i, table[i].text);
        g_assert_cmpstr(got, ==, table[i].want);
        g_assert_cmpint(inspected, ==, table[i].inspected);
    }
}

/* What a person reads in the mail program is no script, whatever it says. */
static void
test_bodies(void)
{
    static const Case table[] = {
        BODY("text/plain", "Dear customer,\n", "", true),
        BODY("text/plain", "", "", true),
        BODY("text/plain", "#!/bin/sh\nrm -rf /\n", "", true),
        BODY("text/plain", "From: a@example.com\nTo: b@example.com\nSubject: fwd\n\nHi", "",
             true),
        BODY("text/html", "<html><script>1</script><hta:application></html>", "", true),
        BODY("text/plain",
             "Hi,\n-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n",
             "pgp.encrypted", false),
        BODY("text/plain", "> -----BEGIN PGP MESSAGE-----\n> \n> !!\n", "pgp.encrypted", false),
        BODY("text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\n\nHi\n", "", true),
        /* a body that is no text is a file */
        BODY("text/plain",
             "\x7f"
             "ELF\2\1\1",
             "attach.danger.executable", true),
        BODY("text/html", "PK\3\4", "attach.broken", false),
    };

    check(table, G_N_ELEMENTS(table));
}

static void
test_attachments(void)
{
    static const Case table[] = {
        FILE_PART("application/octet-stream", "a.txt", "Hello", "attach.any", true),
        FILE_PART("text/plain", "a.bat", "dir", "attach.any attach.danger.script", true),
        FILE_PART("text/plain", "a.txt", "@echo off\r\n",
                  "attach.any attach.danger.script attach.danger.disguised", true),
        FILE_PART("image/png", "a.png",
                  "\x7f"
                  "ELF\2\1\1",
                  "attach.any attach.danger.executable attach.danger.disguised", true),
        FILE_PART("application/octet-stream", NULL, "\1\2\3\4\5\6\7\1\2\3\4\5\6\7",
                  "attach.any attach.unknown", false),
        FILE_PART("application/octet-stream", "a.zip.002", "\1\2\3\4\5\6\7\1\2\3\4\5\6\7",
                  "attach.any attach.split", false),
        FILE_PART("application/x-chm", "a.chm", "ITSF\3",
                  "attach.any attach.danger.help attach.unopened", false),
    };

    check(table, G_N_ELEMENTS(table));
}

/* RFC 3156 and S/MIME say it around or beside the content. */
static void
test_claims(void)
{
    static const Case table[] = {
        {{.path = "2",
          .type = "application/octet-stream",
          .name = "encrypted.asc",
          .protocol = "application/pgp-encrypted",
          .is_attachment = true},
         "-----BEGIN PGP MESSAGE-----\n\n!!\n",
         "attach.any pgp.encrypted",
         false},
        {{.path = "1",
          .type = "application/pgp-encrypted",
          .protocol = "application/pgp-encrypted",
          .is_attachment = true},
         "Version: 1\n",
         "attach.any",
         true},
        {{.path = "1",
          .type = "application/pkcs7-mime",
          .name = "smime.p7m",
          .smime_type = "enveloped-data",
          .is_attachment = true},
         "\1\2\3\4\5\6\7\1\2\3\4\5\6\7",
         "attach.any attach.unknown smime.encrypted",
         false},
    };

    check(table, G_N_ELEMENTS(table));
}

/* Every limit that runs out is said, of the file it ran out in. */
static void
test_limits(void)
{
    static const char zip[] = "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0nx";
    static const struct {
        SkBudgetLimits limits;
        const char *want;
    } table[] = {
        {{1000, 10, 10, 10, 8, 200, -1}, "attach.limit.time"},
        {{1000, 0, 10, 10, 8, 200, 1000}, "attach.limit.entries"},
        {{1000, 10, 0, 10, 8, 200, 1000}, "attach.limit.entries"},
        {{0, 10, 10, 10, 8, 200, 1000}, "attach.limit.size"},
        {{1000, 10, 10, 10, 0, 200, 1000}, "attach.limit.depth"},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autoptr(SkFindings) findings = sk_findings_new();
        g_autoptr(SkAttachScan) scan = NULL;
        SkBudget budget;

        sk_budget_init(&budget, &table[i].limits);
        scan = sk_attach_scan_new(&budget, findings);
        sk_attach_scan_file(scan, "a.zip", sk_bytes(zip, sizeof zip - 1));
        g_test_message("%s", table[i].want);
        g_assert_nonnull(sk_findings_find(findings, table[i].want, NULL));
        g_assert_false(sk_attach_scan_inspected(scan));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scan/bodies", test_bodies);
    g_test_add_func("/scan/attachments", test_attachments);
    g_test_add_func("/scan/claims", test_claims);
    g_test_add_func("/scan/limits", test_limits);
    return g_test_run();
}
