/* SPDX-License-Identifier: Apache-2.0 */
#include "attach/attach-file.h"

#define HEAD                                                                                   \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest:manifest "                          \
    "xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">"                   \
    "<manifest:file-entry manifest:full-path=\"/\" manifest:media-type=\"example\"/>"
#define PLAIN(path) "<manifest:file-entry manifest:full-path=\"" path "\"/>"
#define LOCKED(path)                                                                           \
    "<manifest:file-entry manifest:full-path=\"" path "\" manifest:size=\"9\">"                \
    "<manifest:encryption-data manifest:checksum=\"AA==\"><manifest:algorithm "                \
    "manifest:algorithm-name=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\"/>"                \
    "<manifest:key-derivation manifest:iteration-count=\"100000\"/>"                           \
    "</manifest:encryption-data></manifest:file-entry>"
#define TAIL "</manifest:manifest>"
#define PGP                                                                                    \
    "<manifest:keyinfo><manifest:encrypted-key><manifest:PGPData/></manifest:encrypted-key>"   \
    "</manifest:keyinfo>"

static const struct {
    const char *name;
    const char *xml;
    SkEncrypted encrypted;
    const char *detail; /* of attach.encrypted.odf */
    bool broken;
} manifests[] = {
    {"plain", HEAD PLAIN("content.xml") PLAIN("Pictures/") TAIL, SK_ENCRYPTED_NONE, NULL,
     false},
    {"all", HEAD LOCKED("content.xml") LOCKED("styles.xml") TAIL, SK_ENCRYPTED_ALL,
     "password, aes256-cbc", false},
    {"some", HEAD PLAIN("a.xml") LOCKED("content.xml") TAIL, SK_ENCRYPTED_SOME,
     "password, aes256-cbc", false},
    {"openpgp", HEAD PGP LOCKED("content.xml") TAIL, SK_ENCRYPTED_ALL, "OpenPGP, aes256-cbc",
     false},
    {"cut", HEAD LOCKED("content.xml"), SK_ENCRYPTED_ALL, "password, aes256-cbc", true},
    {"broken", "encryption-data", SK_ENCRYPTED_ALL, "password", true},
    {"other-prefix",
     "<m xmlns:x=\"urn:example\"><x:file-entry x:full-path=\"a\"><x:encryption-data/>"
     "</x:file-entry></m>",
     SK_ENCRYPTED_ALL, "password", false},
    {"empty", "", SK_ENCRYPTED_NONE, NULL, true},
    {"old-openoffice",
     "<!DOCTYPE manifest PUBLIC \"-//OpenOffice.org//DTD Manifest 1.0//EN\" \"Manifest.dtd\">"
     "<manifest><file-entry full-path=\"a\"/></manifest>",
     SK_ENCRYPTED_NONE, NULL, false},
    {"entities",
     "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
     "<!ENTITY c SYSTEM \"file:///etc/passwd\">]><m x=\"&b;\">&c;&b;</m>",
     SK_ENCRYPTED_NONE, NULL, true},
};

typedef struct {
    SkBudget budget;
    SkFindings *findings;
    SkAttachScan *scan;
    SkAttachFile file;
} Trial;

static void
trial_init(Trial *trial)
{
    SkBudgetLimits limits = sk_budget_limits_default();

    sk_budget_init(&trial->budget, &limits);
    trial->findings = sk_findings_new();
    trial->scan = sk_attach_scan_new(&trial->budget, trial->findings);
    trial->file = (SkAttachFile){.shown = "a.odt", .depth = 1};
}

static void
trial_clear(Trial *trial)
{
    sk_attach_scan_free(trial->scan);
    sk_findings_free(trial->findings);
}

static void
test_manifests(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(manifests); i++) {
        size_t len = strlen(manifests[i].xml);
        g_autofree char *exact = g_memdup2(manifests[i].xml, len);
        const SkFinding *finding;
        Trial trial;

        g_test_message("%s", manifests[i].name);
        trial_init(&trial);
        sk_attach_odf_manifest(trial.scan, &trial.file, sk_bytes(exact, len));
        finding = sk_findings_find(trial.findings, "attach.encrypted.odf", NULL);
        g_assert_cmpstr(finding != NULL ? finding->detail : NULL, ==, manifests[i].detail);
        g_assert_cmpint(trial.file.encrypted, ==, manifests[i].encrypted);
        g_assert_cmpint(sk_findings_find(trial.findings, "attach.broken", NULL) != NULL, ==,
                        manifests[i].broken);
        trial_clear(&trial);
    }
}

typedef void (*OnEntry)(SkAttachScan *scan, SkAttachFile *file, const char *name);

static const struct {
    OnEntry on_entry;
    const char *entry;
    const char *detail; /* of attach.danger.macro; NULL: no finding */
} names[] = {
    {sk_attach_ooxml_entry, "word/document.xml", NULL},
    {sk_attach_ooxml_entry, "word/vbaProject.bin", "Visual Basic project"},
    {sk_attach_ooxml_entry, "XL/VBAPROJECT.BIN", "Visual Basic project"},
    {sk_attach_ooxml_entry, "xl/macrosheets/sheet1.xml", "Excel 4 macro sheet"},
    {sk_attach_ooxml_entry, "/xl/macrosheets/sheet1.bin", "Excel 4 macro sheet"},
    {sk_attach_ooxml_entry, "xl/macrosheets/_rels/sheet1.xml.rels", NULL},
    {sk_attach_ooxml_entry, "xl/worksheets/sheet1.xml", NULL},
    {sk_attach_ooxml_entry, "", NULL},
    {sk_attach_odf_entry, "content.xml", NULL},
    {sk_attach_odf_entry, "Basic/", NULL},
    {sk_attach_odf_entry, "Basic/script-lc.xml", NULL},
    {sk_attach_odf_entry, "Basic/Standard/script-lb.xml", NULL},
    {sk_attach_odf_entry, "Basic/Standard/Module1.xml", "Basic module"},
    {sk_attach_odf_entry, "Scripts/python/hello.py", "script"},
    {sk_attach_odf_entry, "Scripts/beanshell/Hello/parcel-descriptor.xml", NULL},
    {sk_attach_odf_entry, "", NULL},
};

static void
test_names(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const SkFinding *finding;
        Trial trial;

        g_test_message("%s", names[i].entry);
        trial_init(&trial);
        names[i].on_entry(trial.scan, &trial.file, names[i].entry);
        finding = sk_findings_find(trial.findings, "attach.danger.macro", NULL);
        g_assert_cmpstr(finding != NULL ? finding->detail : NULL, ==, names[i].detail);
        trial_clear(&trial);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/odf/manifests", test_manifests);
    g_test_add_func("/odf/entry-names", test_names);
    return g_test_run();
}
