/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-prime.h"

#include "attach/attach-crypt.h"
#include "attach/attach-decode.h"
#include "attach/attach-scan.h"
#include "attach/attach-xml.h"

/* Without a valid cross-reference table, so that qpdf's recovery is gone through as well. */
#define PDF(encrypt)                                                                           \
    "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"                               \
    "2 0 obj\n<</Type/Pages/Count 0/Kids[]>>\nendobj\n"                                        \
    "3 0 obj\n<</Filter/Standard/P -4 " encrypt ">>\nendobj\n"                                 \
    "trailer\n<</Size 4/Root 1 0 R/Encrypt 3 0 R/ID[<00><00>]>>\nstartxref\n0\n%%EOF\n"
#define HEX16 "00112233445566778899AABBCCDDEEFF"

/* Every cipher and hash that PDF encryption has, under a password that nobody knows. */
static const char *const pdfs[] = {
    PDF("/V 2/R 3/Length 128/O<" HEX16 HEX16 ">/U<" HEX16 HEX16 ">"),
    PDF("/V 5/R 6/Length 256/CF<</StdCF<</CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF"
        "/O<" HEX16 HEX16 HEX16 ">/U<" HEX16 HEX16 HEX16 ">/OE<" HEX16 HEX16 ">/UE<" HEX16 HEX16
        ">/Perms<" HEX16 ">"),
};

static bool
prime_pdf(SkBudget *budget)
{
    bool found = true;

    for (size_t i = 0; i < G_N_ELEMENTS(pdfs); i++) {
        g_autoptr(SkFindings) findings = sk_findings_new();
        g_autoptr(SkAttachScan) scan = sk_attach_scan_new(budget, findings);

        sk_attach_scan_file(scan, "prime.pdf", sk_bytes(pdfs[i], strlen(pdfs[i])));
        found = found && sk_findings_find(findings, "attach.encrypted.pdf", NULL) != NULL;
    }
    return found;
}

static bool
prime_hashes(SkBudget *budget)
{
    static const char *const hashes[] = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"};
    SkBytes salt = sk_bytes(HEX16, 16);
    SkAttachHash hash;
    bool done = true;

    for (size_t i = 0; i < G_N_ELEMENTS(hashes); i++)
        done = sk_attach_hash_password(budget, hashes[i], salt, "prime", 2, &hash) && done;
    return done;
}

static bool
prime_ciphers(void)
{
    static const uint8_t key[32] = {0}, iv[16] = {0};
    SkBytes block = sk_bytes(HEX16, 16);
    uint8_t out[16];
    bool done = true;

    for (unsigned bits = 128; bits <= 256; bits += 64)
        done = sk_attach_aes_decrypt(key, bits, iv, block, out) &&
               sk_attach_aes_decrypt(key, bits, NULL, block, out) && done;
    return done;
}

static void
count_element(const SkAttachElement *element, void *data)
{
    ++*(unsigned *)data;
}

static bool
prime_xml(void)
{
    static const char xml[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<m:manifest xmlns:m=\"urn:example\"><m:entry m:path=\"a&amp;b\"/>"
        "</m:manifest>";
    unsigned n = 0;

    return sk_attach_xml_read(sk_bytes(xml, sizeof xml - 1), count_element, &n) && n == 2;
}

/* Nothing of these two is known to be loaded late; a machine that lacks one is told at once. */
static bool
prime_names(void)
{
    g_autofree char *name = sk_attach_decode_name(sk_bytes("\x95\x5c", 2));

    return strcmp(name, "\u8868") == 0;
}

static bool
prime_archive(SkBudget *budget)
{
    static const char gz[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\x49\xad"
                             "\x28\xe1\x02\x00\x27\xda\xec\x37\x05\x00\x00\x00";
    g_autoptr(SkFindings) findings = sk_findings_new();
    g_autoptr(SkAttachScan) scan = sk_attach_scan_new(budget, findings);

    sk_attach_scan_file(scan, "prime.gz", sk_bytes(gz, sizeof gz - 1));
    return sk_attach_scan_inspected(scan);
}

bool
sk_attach_prime(void)
{
    SkBudgetLimits limits = sk_budget_limits_default();
    SkBudget budget;

    sk_budget_init(&budget, &limits);
    return prime_hashes(&budget) && prime_ciphers() && prime_xml() && prime_names() &&
           prime_archive(&budget) && prime_pdf(&budget);
}
